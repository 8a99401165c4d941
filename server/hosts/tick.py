"""One pass and no more, for any schedule that starts programs: `python -m server.hosts.tick`."""

import sys

from runtime.errors import SettingsError
from server.hosts import inline


def main() -> None:
    """Run one pass; exit 1 with one message if the settings are wrong."""
    try:
        bridge = inline.make()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    bridge.tick()


if __name__ == "__main__":
    main()
