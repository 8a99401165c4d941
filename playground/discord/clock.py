"""Tell the stand-in's time, which tests may advance or set back; the only reader of a clock."""

from __future__ import annotations

import time


class Clock:
    """Tell the time as a steady clock plus an offset, in seconds since 1970."""

    def __init__(self) -> None:
        """Start at the machine's time."""
        self._base = time.time() - time.monotonic()
        self.offset_seconds = 0.0

    def now(self) -> float:
        """Return the stand-in's present instant."""
        return self._base + time.monotonic() + self.offset_seconds
