"""The heartbeat file: touched while a program is alive, read by its container's health check."""

import logging
from pathlib import Path

logger = logging.getLogger(__name__)

EVERY_SECONDS = 1.0


class Heartbeat:
    """The file; a disk that does not take it is logged once and does no other harm."""

    def __init__(self, path: Path | None) -> None:
        self._path = path  # None: nobody looks
        self._beaten_at = float("-inf")
        self._is_logged = False

    def beat(self, tick: float) -> None:
        """Touch the file, once a second at most; *tick* is in monotonic seconds."""
        if self._path is None or tick - self._beaten_at < EVERY_SECONDS:
            return
        self._beaten_at = tick
        try:
            self._path.touch()
        except OSError as error:
            self._log(self._path, error)

    def end(self) -> None:
        """Remove the file, so that it says nothing about a process to come."""
        if self._path is None:
            return
        self._beaten_at = float("-inf")
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            self._log(self._path, error)

    def _log(self, path: Path, error: OSError) -> None:
        if not self._is_logged:
            self._is_logged = True
            logger.warning(
                "The heartbeat cannot be noted: look at HEARTBEAT_PATH.",
                extra={"path": str(path), "reason": error.strerror},
            )


def age_seconds(path: Path, now: float) -> float | None:
    """Return how old the last heartbeat is, None if there is no file; *now* is Unix time."""
    try:
        return max(0.0, now - path.stat().st_mtime)
    except OSError:
        return None
