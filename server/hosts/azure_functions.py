"""Azure Functions' way in: `function_app.py` is `from server.hosts.azure_functions import app`.

Its two functions are `bridge`, which takes every request, and `tick`, which a timer starts.
"""

import logging
from urllib.parse import quote, urlsplit

import azure.functions as func

from server.hosts import inline


class _Middleware(func.WsgiMiddleware):
    """Azure's way to a WSGI application, with answers above 499 as they are."""

    def _handle_errors(self, wsgi_response: object) -> None:
        """Let the answer pass; the library would raise, and its text would be lost."""


def _make() -> inline.Bridge:
    """Put the bridge together; its log goes where Azure collects it."""
    root = logging.getLogger()
    collectors = root.handlers[:]
    bridge = inline.make()
    if collectors:
        for collector in collectors:
            collector.setFormatter(root.handlers[0].formatter)
        root.handlers[:] = collectors
    return bridge


def _at_root(request: func.HttpRequest) -> func.HttpRequest:
    """Take from the address what `routePrefix` in host.json puts before every path.

    What the route's parameter has caught is the path without it.
    """
    path = "/" + quote(request.route_params.get("route") or "")
    return func.HttpRequest(
        request.method,
        urlsplit(request.url)._replace(path=path).geturl(),
        headers=request.headers,
        body=request.get_body(),
    )


_bridge = _make()
_middleware = _Middleware(_bridge.server.app)  # type: ignore[no-untyped-call]  # the library's
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.function_name("bridge")
@app.route("{*route}", methods=list(func.HttpMethod))
def bridge(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Answer a request; who may is decided by the bridge itself."""
    answer: func.HttpResponse = _middleware.handle(_at_root(req), context)
    return answer


@app.function_name("tick")
@app.timer_trigger("timer", schedule="0 * * * * *")
def tick(timer: func.TimerRequest) -> None:
    """Run one pass each minute."""
    _bridge.tick()
