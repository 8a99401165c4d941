"""The audit log of interactions: who did what, when, and what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# While one member restarts a build no other one does: longer than Drone's longest answer is waited
# for, however many stages there are to approve.
LOCK_DURATION = timedelta(minutes=5)
# Nor a little later.
KEPT_LOCKED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One command or one press; the id of the interaction makes sure that it is noted once."""

    id: str
    user_id: str
    name: str  # foreign
    what: str  # the command or the button
    slug: str  # of the build that it is about, "" for none
    number: int
    at: datetime
    target: str = ""
    result: str = ""  # "" while it is done, or was when the process died


@dataclass(frozen=True, slots=True)
class ActionLock:
    """The lock of one action on one build, so that it is done once; it lapses by itself."""

    key: str  # the action and the build
    by: str  # the id of the interaction
    name: str  # of the member; foreign
    until: datetime
    number: int = 0  # of the build that came of it, once that is known
