"""Hosts that freeze a process between two requests, and the events that they hand to it.

The events have the shape that the hosts document; method, path, headers and body are the test's.
"""

import json
import os
import select
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from stack import ROOT, SECRET

from playground.drone.delivery import Delivery
from playground.drone.signing import headers_of

SAMPLES = Path(__file__).parent.parent / "samples" / "hosts"
Event = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One HTTP request, as its sender sees it."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_base64: bool = False  # whether the host hands the body over that way


def webhook(delivery: Delivery, secret: str = SECRET, **more: Any) -> Call:
    """Return what Drone would send now."""
    headers = headers_of(delivery, secret, datetime.now(UTC))
    return Call("POST", "/", headers, delivery.body, **more)


def sample(name: str) -> Event:
    """Read an event."""
    (path,) = (SAMPLES / name).iterdir()
    event: Event = json.loads(path.read_text(encoding="utf-8"))
    return event


def rest_api(call: Call, base: str = "") -> Event:
    """Return the event of API Gateway's REST API, format 1.0; *base* is a domain's base path."""
    event = sample("aws_rest_api")
    event["headers"] |= call.headers
    event["multiValueHeaders"] |= {name: [value] for name, value in call.headers.items()}
    event |= {"path": base + call.path, "httpMethod": call.method, **_body(call)}
    if call.path == "/":
        event |= {"resource": "/", "pathParameters": None, "path": base or "/"}
    else:
        event["pathParameters"] = {"proxy": call.path.removeprefix("/")}
    return event


def rest_api_of_a_domain(call: Call) -> Event:
    """Return the same for a domain of one's own with a base path."""
    return rest_api(call, "/drone")


def http_api(call: Call, name: str = "aws_http_api", stage: str = "") -> Event:
    """Return the event of an HTTP API, format 2.0; a named stage is part of the path."""
    event = sample(name)
    event["headers"] |= {name.lower(): value for name, value in call.headers.items()}
    path = f"/{stage}{call.path}" if stage else call.path
    event["requestContext"]["http"] |= {"method": call.method, "path": path}
    if stage:
        event["requestContext"]["stage"] = stage
    return event | {"rawPath": path, **_body(call)}


def http_api_with_a_stage(call: Call) -> Event:
    """Return the event of a named stage, whose name is that of a route besides."""
    return http_api(call, stage="messages")


def function_url(call: Call) -> Event:
    """Return the event of a function URL."""
    return http_api(call, "aws_function_url")


def azure(call: Call, prefix: str = "/api") -> Event:
    """Return what Azure's HttpRequest is made of; *prefix* is host.json's `routePrefix`."""
    event = sample("azure_http")
    event["headers"] |= {name.lower(): value for name, value in call.headers.items()}
    route = call.path.removeprefix("/")
    return event | {
        "method": call.method,
        "url": f"https://drone-discord.azurewebsites.net{prefix}{quote(call.path)}",
        "route_params": {"route": route} if route else {},
        "body": b64encode(call.body).decode(),
    }


def azure_without_a_prefix(call: Call) -> Event:
    """Return the same for an empty `routePrefix`."""
    return azure(call, "")


def _body(call: Call) -> Event:
    if call.is_base64:
        return {"body": b64encode(call.body).decode(), "isBase64Encoded": True}
    return {"body": call.body.decode() or None, "isBase64Encoded": False}


# Whatever AWS calls the handler for, by the name that a test reports.
AWS: dict[str, Callable[[Call], Event]] = {
    "rest_api": rest_api,
    "rest_api_of_a_domain": rest_api_of_a_domain,
    "http_api": http_api,
    "http_api_with_a_stage": http_api_with_a_stage,
    "function_url": function_url,
}
AZURE: dict[str, Callable[[Call], Event]] = {
    "with_its_prefix": azure,
    "without_a_prefix": azure_without_a_prefix,
}


class Host:
    """A process of a host: frozen except while it answers."""

    def __init__(
        self,
        entry: str,
        environ: Mapping[str, str],
        log: Path,
        script: str = "test/support/host_process.py",
    ) -> None:
        self._log = log
        self._answers, answers = os.pipe()
        command = [sys.executable, script, entry, str(answers)]
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(answers,),
            )
        os.close(answers)

    def call(self, event: Event) -> Any:
        """Wake the process, let it answer, and freeze it again."""
        self.send(event)
        return self.answer()

    def send(self, event: Event) -> None:
        """Wake the process and let it work."""
        assert self.popen.stdin is not None
        self.popen.send_signal(signal.SIGCONT)
        self.popen.stdin.write(json.dumps(event).encode() + b"\n")
        self.popen.stdin.flush()

    def answer(self) -> Any:
        """Return the answer and freeze the process."""
        found = json.loads(self.line())
        self.popen.send_signal(signal.SIGSTOP)
        return found

    def line(self, seconds: float = 40.0) -> str:
        """Return the next line that the process answers; fail if it ends, or takes too long."""
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._answers], [], [], seconds)
            assert ready, f"no answer within {seconds} s: {self.output()}"
            piece = os.read(self._answers, 1 << 16)
            assert piece, self.output()
            line += piece
        return line.decode()

    def output(self) -> str:
        """Return what the process logged."""
        return self._log.read_text(encoding="utf-8")

    def end(self) -> None:
        """Kill the process, as a host does without asking."""
        assert self.popen.stdin is not None
        self.popen.kill()
        self.popen.wait()
        self.popen.stdin.close()
        os.close(self._answers)


@contextmanager
def running(entry: str, environ: Mapping[str, str], log: Path) -> Iterator[Host]:
    """Start a process with an entry point and wait until it is there."""
    host = Host(entry, environ, log)
    try:
        assert host.line() == "ready\n"
        yield host
    finally:
        host.end()
