"""Make ids and read their age; ids are text everywhere."""

from __future__ import annotations

from dataclasses import dataclass

EPOCH_MS = 1_420_070_400_000
_COUNTER_BITS = 22


@dataclass(slots=True)
class Mint:
    """Make ids that no two calls share, not even when the clock is set back."""

    count: int = 0  # ids made so far; its low bits are the low bits of the next id

    def mint(self, now: float) -> str:
        """Make the next id, created at *now* (seconds since 1970)."""
        self.count += 1
        low = self.count & ((1 << _COUNTER_BITS) - 1)
        return str((int(now * 1000) - EPOCH_MS) << _COUNTER_BITS | low)


def created_at(snowflake: str) -> float:
    """Tell when an id was made, in seconds since 1970."""
    return ((int(snowflake) >> _COUNTER_BITS) + EPOCH_MS) / 1000


def is_snowflake(text: str) -> bool:
    """Tell whether *text* can be an id."""
    return text.isascii() and text.isdigit() and len(text) <= 20
