"""Decide how long to wait: before a presence update, a reconnection, a new session. Pure.

All instants are readings of one monotonic clock, in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from presence_client.presence import Presence

# Discord drops the sixth within 20 s silently; the one that hides the bot at the end is the fifth.
# https://discord.com/developers/docs/events/gateway-events#update-presence
UPDATE_SECONDS = 5.0
# A presence may vanish by itself: https://github.com/discord/discord-api-docs/issues/834
REPEAT_SECONDS = 15 * 60.0

LONGEST_BACKOFF_SECONDS = 60.0
# A connection that lived this long ended for a reason of its own, not for that of the one before.
STEADY_SECONDS = 60.0

# One at a time within 5 s, and 1,000 within a day, after which Discord resets the token.
# https://discord.com/developers/docs/events/gateway#session-start-limit-object
IDENTIFY_SECONDS = 5.0
IDENTIFIES_PER_HOUR = 30
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The last presence update; *presence* is None when Discord may have forgotten it."""

    presence: Presence | None = None
    at: float = float("-inf")


def update_wait(sent: Sent, wanted: Presence, now: float) -> float:
    """Return the seconds until *wanted* is to be sent."""
    is_news = sent.presence != wanted
    return max(0.0, sent.at + (UPDATE_SECONDS if is_news else REPEAT_SECONDS) - now)


def next_attempt(attempt: int, lived_seconds: float) -> int:
    """Return the number of the next attempt; 0 after a connection that was steady."""
    return 0 if lived_seconds >= STEADY_SECONDS else attempt + 1


def backoff_seconds(attempt: int, jitter: float) -> float:
    """Return the seconds before attempt number *attempt*; *jitter* lies between 0 and 1."""
    if attempt <= 0:
        return 0.0
    whole = min(LONGEST_BACKOFF_SECONDS, 2.0 ** min(attempt - 1, 10))
    return whole * (0.5 + jitter / 2)


def identify_wait(identified_at: Sequence[float], now: float) -> float:
    """Return the seconds until another new session may be asked for; *identified_at* ascends."""
    recent = [at for at in identified_at if now - at < _HOUR]
    if not recent:
        return 0.0
    wait = recent[-1] + IDENTIFY_SECONDS - now
    if len(recent) >= IDENTIFIES_PER_HOUR:
        wait = max(wait, recent[-IDENTIFIES_PER_HOUR] + _HOUR - now)
    return max(0.0, wait)
