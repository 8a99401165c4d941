"""Start a stand-in as a process and give it orders; what each of them understands is its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

_STOP_SECONDS = 10
_ANSWER_SECONDS = 60
NOTHING = object()


class OrderRefused(Exception):
    """Say why a control endpoint refused an order."""


# What comes back is JSON that only the caller can know the shape of.
def give(
    address: str,
    method: str,
    path: str,
    body: object = NOTHING,
    query: Mapping[str, object] | None = None,
) -> Any:
    """Send one order to `/control/`*path*; raises OrderRefused.

    A *body* of None is the `null` of JSON; NOTHING is none at all. None in *query* is left out.
    """
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)
    given = {name: value for name, value in (query or {}).items() if value is not None}
    target = f"/control/{path}{'?' if given else ''}{urlencode(given)}"
    try:
        text = None if body is NOTHING else json.dumps(body)
        connection.request(method, target, text, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status >= 400:
        raise OrderRefused(f"{method} {target}: {answer.decode(errors='replace')}")
    return json.loads(answer) if answer else None


@contextmanager
def started(module: str, ready: str, arguments: tuple[str, ...]) -> Iterator[str]:
    """Run `python -m` *module*, give the address that it prints behind *ready*, stop it at last."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(ready):
                raise RuntimeError(f"the stand-in did not start: {line!r}")
            yield line.removeprefix(ready).strip()
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
