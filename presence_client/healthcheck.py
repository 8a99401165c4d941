"""The container's health check: `python -m presence_client.healthcheck`; 0 well, 1 not.

It reads the age of a file, so it needs no port, no token and no network. The gateway answers our
heartbeat about every 41 s, so the file is young as long as all of it works: the connection,
Discord's end of it, and our event loop.
"""

import os
import sys
import time
from pathlib import Path

from presence_client.settings import heartbeat_path
from runtime.environment import load_near
from runtime.errors import SettingsError
from runtime.heartbeat import age_seconds
from runtime.reader import Reader

# One heartbeat may be lost, and a reconnection may take its time.
PATIENCE_SECONDS = 120.0


def main() -> int:
    """Say in one line whether the gateway's heartbeat is alive; return the exit status."""
    try:
        path = heartbeat_path(Reader(load_near(os.environ)))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    is_alive, sentence = verdict(path, time.time())
    sys.stdout.write(f"{sentence}\n")
    return 0 if is_alive else 1


def verdict(path: Path, now: float) -> tuple[bool, str]:
    """Tell whether the gateway was heard lately, and say it in a sentence; *now* is Unix time."""
    age = age_seconds(path, now)
    if age is None:
        return False, "No heartbeat: the presence client is not connected to Discord's gateway."
    if age > PATIENCE_SECONDS:
        return False, f"The last heartbeat of Discord's gateway is {age:.0f} s old."
    return True, f"Discord's gateway was heard {age:.0f} s ago."


if __name__ == "__main__":
    sys.exit(main())
