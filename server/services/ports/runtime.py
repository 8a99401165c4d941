"""Time, and work on other threads."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

Clock = Callable[[], datetime]


class Later(Protocol):
    """What is done on another thread."""

    def result(self) -> None:
        """Wait until it is done; raise what it raised."""
