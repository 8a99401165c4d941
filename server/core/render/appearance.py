"""The sign, word and colour of everything that a build, a stage or a step can be."""

from typing import NamedTuple

from server.core.model.build import BuildState, Stage, Step, effective_status
from server.core.model.status import BROKEN, UNFINISHED, Status, is_final
from server.core.model.timeout import any_timed_out

GREEN, RED, YELLOW, BLUE, GREY = 0x42C768, 0xBB3030, 0xDDB231, 0x21B7FD, 0x747F8D

COLORS = {
    Status.SUCCESS: GREEN,
    Status.FAILURE: RED,
    Status.ERROR: RED,
    Status.RUNNING: YELLOW,
    Status.PENDING: BLUE,
    Status.WAITING: BLUE,
    Status.BLOCKED: BLUE,
}


class Look(NamedTuple):
    """How one state shows: a sign that needs no colour to be told apart, and a word."""

    mark: str
    word: str


LOOKS = {
    Status.FAILURE: Look("❌", "failed"),
    Status.ERROR: Look("💥", "could not run"),
    Status.RUNNING: Look("🔄", "running"),
    Status.BLOCKED: Look("✋", "awaiting approval"),
    Status.KILLED: Look("🛑", "cancelled"),
    Status.UNKNOWN: Look("❔", "unknown"),
    Status.OTHER: Look("❔", "unknown"),
    Status.PENDING: Look("🕒", "queued"),
    Status.WAITING: Look("⏳", "waiting"),
    Status.DECLINED: Look("🚫", "declined"),
    Status.SKIPPED: Look("⏭️", "skipped"),
    Status.SUCCESS: Look("✅", "passed"),
}
IGNORED = Look("⚠️", "failed but ignored")
UNREPORTED = Look("❔", "never reported back")
TIMED_OUT = Look("⏰", "timed out")

# Of a whole build: it is skipped only for a newer one, and a person must approve it.
BUILD_LOOKS = LOOKS | {
    Status.BLOCKED: Look("✋", "needs approval"),
    Status.SKIPPED: Look("⏭️", "superseded"),
}

# What people look for first; where there is too much to list, the end of this is left out.
URGENCY = (
    LOOKS[Status.FAILURE],
    LOOKS[Status.ERROR],
    TIMED_OUT,
    LOOKS[Status.RUNNING],
    LOOKS[Status.BLOCKED],
    IGNORED,
    LOOKS[Status.KILLED],
    UNREPORTED,
    LOOKS[Status.OTHER],
    LOOKS[Status.PENDING],
    LOOKS[Status.WAITING],
    LOOKS[Status.DECLINED],
    LOOKS[Status.SKIPPED],
    LOOKS[Status.SUCCESS],
)


def color(status: Status) -> int:
    """Choose the colour of a build's card."""
    return COLORS.get(status, GREY)


def build_look(state: BuildState) -> Look:
    """Choose sign and word for a whole build."""
    status = effective_status(state)
    if status is Status.KILLED and any_timed_out(state):
        return Look(TIMED_OUT.mark, f"{TIMED_OUT.word} after {state.repo.timeout}m")
    return BUILD_LOOKS[status]


def part_look(part: Stage | Step, over: bool, too_late: bool = False) -> Look:
    """Choose sign and word for a stage or a step of something that is *over* or not.

    What never reported its ending is not running any more when the whole has ended. *too_late* is
    what the repository's limit ended.
    """
    if too_late:
        return TIMED_OUT
    if over and part.status in UNFINISHED:
        return UNREPORTED
    return IGNORED if part.errignore and part.status in BROKEN else LOOKS[part.status]


def is_over(status: Status) -> bool:
    """Tell whether everything inside has ended too; stages of a declined build may go on.

    See harness/drone operator/manager/util.go:21-33.
    """
    return is_final(status) and status is not Status.DECLINED
