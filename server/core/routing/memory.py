"""The memory of a branch: how its latest builds ended, by number, and how long they take.

Endings join like a set, so the order and repetition in which they arrive cannot matter, as long as
none comes after as many later ones as are kept. What is kept is bounded: of what is left out, only
the red run that goes on is remembered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from server.core.routing.facts import BuildFacts

KEPT_ENDINGS = 30
KEPT_STEPS = 20  # of one ending
LONGEST_STEP = 100
DURATIONS = 10  # of the latest successes
FEWEST_DURATIONS = 3  # fewer promise nothing


@dataclass(frozen=True, slots=True)
class Ending:
    """How one build ended; *at* is Unix time, *seconds* how long it took, 0 is unknown."""

    number: int
    is_bad: bool
    failed_steps: tuple[str, ...] = ()  # sorted
    at: int = 0
    seconds: int = 0
    author: str = ""


@dataclass(frozen=True, slots=True)
class RedRun:
    """Builds of a branch that failed one after the other."""

    number: int  # of the first
    at: int  # when the first ended
    builds: int
    author: str = ""  # of the first


@dataclass(frozen=True, slots=True)
class BranchMemory:
    """The latest endings, lowest number first; the red run that they go on with; durations."""

    endings: tuple[Ending, ...] = ()
    before: RedRun | None = None
    passed_before: int = 0  # the latest build that passed, of those left out
    durations: tuple[tuple[int, int], ...] = ()  # number and seconds of the latest successes


NOTHING_KNOWN = BranchMemory()


def ending_of(facts: BuildFacts) -> Ending | None:
    """Return the ending of a build as the memory keeps it; None if it says nothing."""
    if not facts.has_verdict:
        return None
    cut = {step[:LONGEST_STEP] for step in facts.failed_steps}
    steps = tuple(sorted(cut)[:KEPT_STEPS]) if facts.is_bad else ()
    return Ending(
        facts.number,
        facts.is_bad,
        steps,
        facts.finished,
        facts.seconds,
        facts.author[:LONGEST_STEP],
    )


def remember(memory: BranchMemory, *endings: Ending) -> BranchMemory:
    """Add endings; what several say of one build is joined, and the oldest are folded away."""
    known = {one.number: one for one in memory.endings}
    for ending in endings:
        if not is_forgotten(memory, ending.number):
            same = known.get(ending.number)
            known[ending.number] = _joined(same, ending) if same else ending
    latest = tuple(known[number] for number in sorted(known))
    left_out, kept = latest[:-KEPT_ENDINGS], latest[-KEPT_ENDINGS:]
    return BranchMemory(
        kept,
        extended(memory.before, left_out),
        max((one.number for one in left_out if not one.is_bad), default=memory.passed_before),
        _durations(memory.durations, latest),
    )


def is_forgotten(memory: BranchMemory, number: int) -> bool:
    """Tell whether a build is older than every ending that is kept."""
    return len(memory.endings) >= KEPT_ENDINGS and number < memory.endings[0].number


def usual_seconds(memory: BranchMemory) -> int:
    """Return how long a build of this branch usually takes: a median; 0 if too little is known."""
    taken = [seconds for _, seconds in memory.durations]
    return int(median(taken)) if len(taken) >= FEWEST_DURATIONS else 0


def expected_end(memory: BranchMemory, started: int, now: int) -> int:
    """Return when a build that runs since *started* will have ended; 0 rather than the past."""
    usual = usual_seconds(memory)
    return started + usual if started > 0 and usual and started + usual > now else 0


def current_run(memory: BranchMemory) -> RedRun | None:
    """Return the red run that the branch is in now; None while it is well."""
    return extended(memory.before, memory.endings)


def red_steps(memory: BranchMemory) -> tuple[str, ...]:
    """Return which steps are red now."""
    return memory.endings[-1].failed_steps if memory.endings else ()


def extended(run: RedRun | None, endings: Iterable[Ending]) -> RedRun | None:
    """Follow a red run through *endings*, lowest number first; one that passed ends it."""
    for ending in endings:
        if not ending.is_bad:
            run = None
        elif run is None:
            run = RedRun(ending.number, ending.at, 1, ending.author)
        else:
            run = RedRun(run.number, run.at, run.builds + 1, run.author)
    return run


def _joined(left: Ending, right: Ending) -> Ending:
    """Join what two reports say of the ending of one build, whichever came first."""
    steps = {*left.failed_steps, *right.failed_steps}
    return Ending(
        left.number,
        left.is_bad or right.is_bad,
        tuple(sorted(steps)[:KEPT_STEPS]),
        max(left.at, right.at),
        max(left.seconds, right.seconds),
        max(left.author, right.author),
    )


def _durations(
    known: tuple[tuple[int, int], ...], endings: tuple[Ending, ...]
) -> tuple[tuple[int, int], ...]:
    taken = dict(known)
    for one in endings:
        taken.pop(one.number, None)
        if not one.is_bad and one.seconds > 0:
            taken[one.number] = one.seconds
    return tuple(sorted(taken.items())[-DURATIONS:])
