"""What the ending of a build says about its branch: broke, still failing, fixed.

A build is compared with the one before it by number. What ended before a later build had ended
stays as it was seen then: an earlier build that ends after a later one is no news about either.
That is told by Drone's clock and not by arrival, so it does not change when webhooks are late.
"""

from dataclasses import dataclass
from enum import StrEnum, unique

from server.core.routing.facts import BuildFacts
from server.core.routing.memory import (
    BranchMemory,
    Ending,
    RedRun,
    ending_of,
    extended,
    is_forgotten,
    remember,
)


@unique
class Change(StrEnum):
    """What the ending of a build says about its branch."""

    NONE = "none"  # it has not ended, or in a way that says nothing
    OUTDATED = "outdated"  # a later build had ended already
    PASSED = "passed"  # and so did the one before it, if there was one
    BROKEN = "broken"
    STILL_FAILING = "still-failing"
    NEW_STEP = "new-step"  # it failed before, and now something else does too
    FIXED = "fixed"


NEWS = frozenset({Change.BROKEN, Change.NEW_STEP, Change.FIXED})


@dataclass(frozen=True, slots=True)
class Transition:
    """What changed with a build, and since when its branch has been red."""

    change: Change
    passed_in: int = 0  # the number of the latest build before it that passed
    run: RedRun | None = None  # up to and with this build; of a fixed one, what it ended
    new_steps: tuple[str, ...] = ()  # broken now and not in the build before
    is_superseded: bool = False  # the ending of a later build is known by now


NO_TRANSITION = Transition(Change.NONE)


def transition(memory: BranchMemory, facts: BuildFacts) -> Transition:
    """Compare a build with those of its branch; *memory* may hold its own ending or not."""
    is_superseded = any(one.number > facts.number for one in memory.endings)
    ending = ending_of(facts)
    if ending is None:
        return Transition(Change.NONE, is_superseded=is_superseded)
    ending = _own(memory, ending)
    if is_forgotten(memory, ending.number) or any(
        one.number > ending.number and _is_late(ending, one) for one in memory.endings
    ):
        return Transition(Change.OUTDATED, is_superseded=True)
    earlier = [
        one for one in memory.endings if one.number < ending.number and not _is_late(one, ending)
    ]
    run = extended(memory.before, earlier)
    return Transition(
        change=_change(run, earlier, ending),
        passed_in=max(
            (one.number for one in earlier if not one.is_bad), default=memory.passed_before
        ),
        run=extended(run, [ending]) if ending.is_bad else run,
        new_steps=_new_steps(earlier, ending),
        is_superseded=is_superseded,
    )


def _own(memory: BranchMemory, ending: Ending) -> Ending:
    """Return all that is known of the ending of this build."""
    same = (one for one in memory.endings if one.number == ending.number)
    return remember(BranchMemory(tuple(same)), ending).endings[0]


def _is_late(earlier: Ending, later: Ending) -> bool:
    """Tell whether the build with the lower number ended after the other one."""
    return earlier.at > later.at > 0


def _change(run: RedRun | None, earlier: list[Ending], ending: Ending) -> Change:
    if not ending.is_bad:
        return Change.PASSED if run is None else Change.FIXED
    if run is None:
        return Change.BROKEN
    # Which steps failed is not always told; then nothing is known to be new.
    was_told = bool(earlier) and bool(earlier[-1].failed_steps)
    is_news = was_told and bool(_new_steps(earlier, ending))
    return Change.NEW_STEP if is_news else Change.STILL_FAILING


def _new_steps(earlier: list[Ending], ending: Ending) -> tuple[str, ...]:
    known = earlier[-1].failed_steps if earlier else ()
    return tuple(step for step in ending.failed_steps if step not in known)
