"""A file that is touched whenever Discord's gateway is heard, for the container's health check.

The gateway answers our heartbeat about every 41 s, so the file is young as long as all of it works:
the connection, Discord's end of it, and our event loop.
"""

import logging
from pathlib import Path

logger = logging.getLogger(__name__)

# One heartbeat may be lost, and a reconnection may take its time.
PATIENCE_SECONDS = 120.0


class Heartbeat:
    """The file; a disk that does not take it is told of once and does no other harm."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_told = False

    def beat(self) -> None:
        """Note that the gateway was heard now."""
        try:
            self._path.touch()
        except OSError as error:
            self._tell(error)

    def end(self) -> None:
        """Remove the file, so that it says nothing about a process to come."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            self._tell(error)

    def _tell(self, error: OSError) -> None:
        if not self._is_told:
            self._is_told = True
            logger.warning(
                "The heartbeat cannot be noted: look at HEARTBEAT_PATH.",
                extra={"path": str(self._path), "reason": error.strerror},
            )


def verdict(path: Path, now: float) -> tuple[bool, str]:
    """Tell whether the gateway was heard lately, and say it in a sentence; *now* is Unix time."""
    try:
        seconds = max(0.0, now - path.stat().st_mtime)
    except OSError:
        return False, "No heartbeat: the presence client is not connected to Discord's gateway."
    if seconds > PATIENCE_SECONDS:
        return False, f"The last heartbeat of Discord's gateway is {seconds:.0f} s old."
    return True, f"Discord's gateway was heard {seconds:.0f} s ago."
