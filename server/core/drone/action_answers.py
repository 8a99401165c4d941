"""Answers of Drone's API to what a member asked of it: `Done`, or `NotDone` with its cause.

harness/drone handler/api/repos/builds
"""

from dataclasses import dataclass, replace
from enum import StrEnum, unique

from server.core.http_answer import Answer
from server.core.json_reader import integer, text
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


def read_action(kind: ActionKind, answer: Answer) -> Done | NotDone:
    """Read the answer to an action."""
    if 200 <= answer.status < 300:
        number = integer(answer.body, "number")
        if kind in STARTS_BUILD and number <= 0:
            # Its skip rules, or no pipeline of the new configuration matches.
            return NotDone(Cause.NOTHING_STARTED, "nothing_started")
        return Done(number if kind in STARTS_BUILD else 0)
    failure = read_failure(answer)
    if failure.cause is Cause.TOO_LARGE:
        return replace(failure, cause=Cause.NO_ANSWER)  # whatever it says, nobody reads it
    if kind in STARTS_BUILD and answer.status == 500:
        return replace(failure, cause=Cause.NOT_STARTED)
    return failure


def read_failure(answer: Answer) -> NotDone:
    """Read an answer that says nothing of what was asked."""
    if answer.error == INTERRUPTED:
        return NotDone(Cause.INTERRUPTED, INTERRUPTED)
    if answer.error == TOO_LARGE:
        return NotDone(Cause.TOO_LARGE, TOO_LARGE)
    if is_silence(answer):
        return NotDone(Cause.NO_ANSWER, answer.error or f"http_{answer.status}")
    causes = {
        401: Cause.TOKEN_REFUSED,
        403: Cause.NOT_FOUND,
        404: Cause.NOT_FOUND,
        409: Cause.CONFLICT,
    }
    cause = causes.get(answer.status, Cause.REFUSED)
    return NotDone(cause, f"http_{answer.status}", text(answer.body, "message", 500))


def is_silence(answer: Answer) -> bool:
    """Tell whether nobody knows what Drone did."""
    return answer.status == 0 or answer.status in (502, 503, 504)
