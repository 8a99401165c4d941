"""Idempotency keys: for a day a key stands for one message."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """The first use of a key; *id* is the fingerprint of token and key."""

    id: str
    digest: str  # of what was to be shown, and where
    message_id: str
    delivery_id: str
    at: datetime


def stands(claim: Claim, now: datetime) -> bool:
    """Tell whether *claim* still holds its key."""
    return now - claim.at < LIFE
