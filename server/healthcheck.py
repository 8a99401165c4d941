"""The container's health check: `python -m server.healthcheck`, with `worker` for the worker's.

It exits with 0 or 1. A container engine ends what is not well and takes back a version that does
not become well, so it must not ask for more than another process could do better: a server has to
answer and to keep webhooks, be it on disk; a worker has to go its rounds. That MongoDB or Discord
is away is what `GET /health` says.
"""

import http.client
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from runtime.environment import load_near
from runtime.errors import SettingsError
from runtime.heartbeat import age_seconds
from runtime.reader import Reader
from server.services.operations.health import FAILING

TIMEOUT_SECONDS = 4.0
# A round may write a full batch to a slow database before the next one begins.
PATIENCE_SECONDS = 60.0


def main(arguments: Sequence[str]) -> int:
    """Say in one line whether the process in this container is well; return the exit status."""
    try:
        reader = Reader(load_near(os.environ))
        if "worker" in arguments:
            is_well, sentence = _ask_worker(reader)
        else:
            is_well, sentence = _ask_server(reader)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{sentence}\n")
    return 0 if is_well else 1


def judge(answer: bytes) -> tuple[bool, str]:
    """Tell from what `/health` answered whether the server keeps webhooks."""
    try:
        report = json.loads(answer)
        checks: Mapping[str, Mapping[str, str]] = report["checks"]
        found, status = checks["mongo"], str(report["status"])
        is_well = found["status"] != FAILING
    except (ValueError, KeyError, TypeError):
        return False, "What answers is not the server."
    return is_well, f"The server answers: {status}. {found.get('detail', '')}".rstrip()


def verdict(path: Path, now: float) -> tuple[bool, str]:
    """Tell whether the worker's rounds go on, and say it in a sentence; *now* is Unix time."""
    age = age_seconds(path, now)
    if age is None:
        return False, "No heartbeat: the worker has not begun its rounds."
    return age <= PATIENCE_SECONDS, f"The worker's last heartbeat is {age:.0f} s old."


def _ask_server(reader: Reader) -> tuple[bool, str]:
    port = reader.number("PORT")
    reader.finish()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        return False, f"The server does not answer on port {port}: {type(error).__name__}."
    finally:
        connection.close()
    return judge(answer)


def _ask_worker(reader: Reader) -> tuple[bool, str]:
    path = reader.required("HEARTBEAT_PATH")
    reader.finish()
    return verdict(Path(path), time.time())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
