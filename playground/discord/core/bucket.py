"""Count requests against one rate: how many are left, and when there will be more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Style = Literal["fixed", "sliding"]
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """Hold how many requests are allowed in how many seconds, and how the window moves."""

    limit: int
    seconds: float
    # fixed: the window opens with a request and ends as a whole; sliding: one slot at a time.
    style: Style = "fixed"

    def __str__(self) -> str:
        """Read as `5/5` or `5/5 sliding`."""
        return f"{self.limit}/{self.seconds:g}{' sliding' if self.style == 'sliding' else ''}"


@dataclass(frozen=True, slots=True)
class Level:
    """Hold what has to be remembered of one bucket between two requests."""

    resets_at: float = 0.0  # when the bucket is completely full again
    used: int = 0  # requests in the present window; of no use to a sliding one


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold how a bucket stands after a request."""

    is_allowed: bool
    remaining: int
    reset_after: float  # seconds until the bucket is completely full
    retry_after: float  # seconds until one request is allowed; 0 if this one was


def parse_rate(text: str) -> Rate | None:
    """Read `5/5`, `5/5 sliding` or `off`; raises ValueError on anything else."""
    if text.strip() == "off":
        return None
    numbers, _, style = text.strip().partition(" ")
    limit, slash, seconds = numbers.partition("/")
    if not slash or style not in ("", "fixed", "sliding"):
        raise ValueError(f"{text!r} is no rate: write LIMIT/SECONDS, or off")
    rate = Rate(int(limit), float(seconds), "sliding" if style == "sliding" else "fixed")
    if rate.limit < 1 or not (math.isfinite(rate.seconds) and rate.seconds > 0):
        raise ValueError(f"{text!r} is no rate: both numbers must be above zero")
    return rate


def spend(level: Level, rate: Rate, now: float) -> tuple[Level, Standing]:
    """Take one request out of a bucket; a refused request takes nothing."""
    if rate.style == "sliding":
        return _spend_sliding(level, rate, now)
    if now >= level.resets_at:
        level = Level(now + rate.seconds, 0)
    wait = level.resets_at - now
    if level.used >= rate.limit:
        return level, Standing(False, 0, wait, wait)
    level = Level(level.resets_at, level.used + 1)
    return level, Standing(True, rate.limit - level.used, wait, 0.0)


def _spend_sliding(level: Level, rate: Rate, now: float) -> tuple[Level, Standing]:
    slot = rate.seconds / rate.limit
    full_at = max(now, level.resets_at)
    over = full_at + slot - now - rate.seconds
    if over > _EPSILON:
        return level, Standing(False, 0, full_at - now, over)
    full_at += slot
    remaining = math.floor((rate.seconds - (full_at - now)) / slot + _EPSILON)
    return Level(full_at), Standing(True, remaining, full_at - now, 0.0)
