"""A file that is touched while the worker's rounds go on, for the container's health check."""

import logging
from pathlib import Path

logger = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
# A round may write a full batch to a slow database before the next one begins.
PATIENCE_SECONDS = 60.0


class Heartbeat:
    """The file; a disk that does not take it is told of once and does no other harm."""

    def __init__(self, path: Path | None) -> None:
        self._path = path  # None: nobody looks
        self._beaten_at = float("-inf")
        self._is_told = False

    def beat(self, tick: float) -> None:
        """Note that the rounds go on; *tick* is in monotonic seconds."""
        if self._path is None or tick - self._beaten_at < EVERY_SECONDS:
            return
        self._beaten_at = tick
        try:
            self._path.touch()
        except OSError as error:
            if not self._is_told:
                self._is_told = True
                logger.warning(
                    "The heartbeat cannot be noted: look at HEARTBEAT_PATH.",
                    extra={"path": str(self._path), "reason": error.strerror},
                )


def verdict(path: Path, now: float) -> tuple[bool, str]:
    """Tell whether the rounds go on, and say it in a sentence; *now* is Unix time."""
    try:
        seconds = max(0.0, now - path.stat().st_mtime)
    except OSError:
        return False, "No heartbeat: the worker has not begun its rounds."
    is_alive = seconds <= PATIENCE_SECONDS
    return is_alive, f"The worker's last heartbeat is {seconds:.0f} s old."
