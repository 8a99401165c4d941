"""The container's health check: `python -m presence_client.healthcheck`; 0 well, 1 not.

It reads the age of a file, so it needs no port, no token and no network.
"""

import os
import sys
import time

from presence_client.environment import load_near
from presence_client.errors import SettingsError
from presence_client.heartbeat import verdict
from presence_client.settings import heartbeat_path


def main() -> int:
    """Say in one line whether the gateway's heartbeat is alive; return the exit status."""
    try:
        path = heartbeat_path(load_near(os.environ), [])
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    is_alive, sentence = verdict(path, time.time())
    sys.stdout.write(f"{sentence}\n")
    return 0 if is_alive else 1


if __name__ == "__main__":
    sys.exit(main())
