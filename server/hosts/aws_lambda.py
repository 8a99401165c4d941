"""AWS Lambda's way in: the handler is `server.hosts.aws_lambda.handler`.

It answers API Gateway's events of both formats and those of a function URL. Every other event is
the schedule's.
"""

from collections.abc import Mapping
from typing import Any

from apig_wsgi import make_lambda_handler

from server.hosts import inline

_bridge = inline.make()
_answer = make_lambda_handler(_bridge.server.app)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any] | None:
    """Answer a request, or run one pass if the event is no request."""
    if "requestContext" not in event:
        _bridge.tick()
        return None
    return _answer(_at_root(event), context)


def _at_root(event: Mapping[str, Any]) -> dict[str, Any]:
    """Take from the path what the gateway has put before it: the stage, or a domain's base path.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    if "rawPath" in event:
        stage = f"/{event['requestContext'].get('stage')}"
        path = event["rawPath"]
        if path == stage or path.startswith(f"{stage}/"):
            path = path.removeprefix(stage) or "/"
        return {**event, "rawPath": path}
    if event.get("resource") == "/":
        return {**event, "path": "/"}
    if (below := (event.get("pathParameters") or {}).get("proxy")) is not None:
        return {**event, "path": f"/{below}"}
    return {**event}
