"""Results of actions: `Done`, or `NotDone` with its cause.

harness/drone handler/api/repos/builds
"""

from dataclasses import dataclass
from enum import StrEnum, unique

from server.core.drone.answers import (
    ActionDone,
    Away,
    BuildFound,
    Failure,
    Missing,
    Refused,
    Rejected,
)
from server.core.model.user_action import STARTS_BUILD, ActionKind

# The errors of a call that our own end broke off, and of an answer that is not kept.
INTERRUPTED, TOO_LARGE = "interrupted", "too_large"


@unique
class Cause(StrEnum):
    """Why something was not done."""

    INTERRUPTED = "interrupted"  # the process of the bridge ends
    NO_ANSWER = "no_answer"  # nobody knows what Drone did
    TOO_LARGE = "too_large"  # the answer is more than the bridge reads
    TOKEN_REFUSED = "token_refused"  # noqa: S105  # a word, not a token
    NOT_FOUND = "not_found"  # or forbidden: Drone says 404 to both
    CONFLICT = "conflict"
    NOTHING_STARTED = "nothing_started"  # no pipeline of the configuration matches
    NOT_STARTED = "not_started"  # the new build could not be made
    REFUSED = "refused"
    ANOTHER_DRONE = "another_drone"  # the build is of a server that is not asked
    GONE = "gone"  # the number is now that of another build


@dataclass(frozen=True, slots=True)
class Done:
    """Drone did it; *number* is that of the build it made, 0 if it makes none."""

    number: int = 0
    build: BuildFound | None = None  # that one, or the one it changed, if Drone answers with it


@dataclass(frozen=True, slots=True)
class NotDone:
    """Drone did not do it, or nobody knows."""

    cause: Cause
    reason: str  # a constant, for logs and the audit log
    message: str = ""  # what Drone says of it; foreign

    @property
    def is_unsure(self) -> bool:
        """Tell whether Drone may have done it all the same."""
        return self.cause in (Cause.INTERRUPTED, Cause.NO_ANSWER)


def action_result(kind: ActionKind, answer: ActionDone | Failure) -> Done | NotDone:
    """Return what an action came to."""
    if not isinstance(answer, ActionDone):
        return _action_failure(kind, answer)
    if kind not in STARTS_BUILD:
        return Done(build=answer.build)
    if answer.build is None:
        # Its skip rules, or no pipeline of the new configuration matches.
        return NotDone(Cause.NOTHING_STARTED, "nothing_started")
    return Done(answer.build.build.number, answer.build)


def query_failure(failure: Failure) -> NotDone:
    """Return why Drone did not say what it was asked."""
    match failure:
        case Missing():
            return NotDone(Cause.NOT_FOUND, "http_404")
        case Refused(status=status):
            cause = Cause.TOKEN_REFUSED if status == 401 else Cause.NOT_FOUND
            return NotDone(cause, f"http_{status}")
        case Rejected(status=status, message=message):
            cause = Cause.CONFLICT if status == 409 else Cause.REFUSED
            return NotDone(cause, f"http_{status}", message)
        case Away(error=error):
            causes = {INTERRUPTED: Cause.INTERRUPTED, TOO_LARGE: Cause.TOO_LARGE}
            return NotDone(causes.get(error, Cause.NO_ANSWER), failure.reason)


def _action_failure(kind: ActionKind, failure: Failure) -> NotDone:
    if isinstance(failure, Away) and failure.error == TOO_LARGE:
        return NotDone(Cause.NO_ANSWER, failure.reason)  # whatever it says, nobody reads it
    if isinstance(failure, Rejected) and failure.status == 500 and kind in STARTS_BUILD:
        return NotDone(Cause.NOT_STARTED, "http_500", failure.message)
    return query_failure(failure)
