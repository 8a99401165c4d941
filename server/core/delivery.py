"""One HTTP request from Drone, as received, and what has become of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """An authentic request: *id* is the fingerprint of its signed headers, *body* its raw bytes."""

    id: str
    event: str  # Drone's pair, as `build:updated`
    body: bytes
    received_at: datetime
    begun: int = 0  # how many workers began to merge it alone and did not finish


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a delivery could not be merged; *trace* is for a developer to read."""

    id: str
    reason: str
    trace: str
