"""What the ledger of interactions holds: who did what, when, and what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# While one person restarts a build nobody else does it once more: longer than Drone's longest
# answer is waited for, however many stages there are to approve.
LOCK_DURATION = timedelta(minutes=5)
# Nor a little later.
HOLD_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One command or one press, of which the id of the interaction makes sure that it is one."""

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
    """Who does something to a build now, so that it is done once; it lapses by itself."""

    key: str  # the act and the build
    by: str  # the id of the interaction
    name: str  # of the person; foreign
    until: datetime
    number: int = 0  # of the build that came of it, once that is known
