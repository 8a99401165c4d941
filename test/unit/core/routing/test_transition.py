"""What the ending of a build says about its branch, in the order of numbers."""

from dataclasses import replace
from itertools import permutations

import pytest

from server.core.model.status import Status
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import (
    KEPT_ENDINGS,
    NOTHING_KNOWN,
    Ending,
    RedRun,
    ending_of,
    remember,
)
from server.core.routing.transition import Change, Transition, transition


def build(number: int, *failed: str, status: Status | None = None, at: int = 0) -> BuildFacts:
    """Describe a build that ended in the order of its number unless *at* says otherwise."""
    ended = Status.FAILURE if failed else Status.SUCCESS
    return BuildFacts(
        number=number,
        status=status or ended,
        failed_steps=frozenset(failed),
        finished=at or number * 100,
    )


def changes(*builds: BuildFacts) -> dict[int, Change]:
    """Tell what each build says, once all of them have ended."""
    endings = [ending for one in builds if (ending := ending_of(one))]
    memory = remember(NOTHING_KNOWN, *endings)
    return {one.number: transition(memory, one).change for one in builds}


P, B, S = Change.PASSED, Change.BROKEN, Change.STILL_FAILING
N, F, LATE = Change.NEW_STEP, Change.FIXED, Change.OUTDATED

ROWS = [
    pytest.param([build(1)], [P], id="a first success is no news"),
    pytest.param([build(1, "unit")], [B], id="a first failure is news"),
    pytest.param([build(1), build(2)], [P, P], id="passed again"),
    pytest.param([build(1), build(2, "unit")], [P, B], id="broke"),
    pytest.param([build(1, "unit"), build(2, "unit")], [B, S], id="still failing"),
    pytest.param([build(1, "unit"), build(2, "unit", "lint")], [B, N], id="a second step"),
    pytest.param([build(1, "unit"), build(2, "lint")], [B, N], id="another step instead"),
    pytest.param([build(1, "unit", "lint"), build(2, "lint")], [B, S], id="one step fewer"),
    pytest.param([build(1, "unit"), build(2)], [B, F], id="fixed"),
    pytest.param(
        [build(1, "unit"), build(2, status=Status.KILLED), build(3, "unit"), build(4)],
        [B, Change.NONE, S, F],
        id="killed builds do not count",
    ),
    pytest.param(
        [build(1), build(2, status=Status.SKIPPED), build(3, status=Status.DECLINED), build(4)],
        [P, Change.NONE, Change.NONE, P],
        id="skipped and declined ones neither",
    ),
    pytest.param([build(1), build(2, status=Status.RUNNING)], [P, Change.NONE], id="it runs"),
    pytest.param(
        [build(1, status=Status.ERROR), build(2, "unit")],
        [B, S],
        id="after an error without steps no step is known to be new",
    ),
    pytest.param(
        [build(1), build(2, "unit", at=350), build(3, at=300)],
        [P, LATE, P],
        id="an earlier build that ends late is no news, and changes nothing about the later",
    ),
    pytest.param(
        [build(1), build(2, at=350), build(3, "unit", at=300), build(4, "unit")],
        [P, LATE, B, S],
        id="a late success does not break a branch that is red already",
    ),
    pytest.param(
        [
            build(1),
            build(2, "unit"),
            build(3, "unit"),
            build(4, "unit", "lint"),
            build(5, "unit", "lint"),
            build(6, status=Status.KILLED),
            build(7),
            build(8),
        ],
        [P, B, S, N, S, Change.NONE, F, P],
        id="broken, still failing, another step, fixed",
    ),
]


@pytest.mark.parametrize(("builds", "expected"), ROWS)
def test_a_build_is_compared_with_the_one_before_it_by_number(
    builds: list[BuildFacts], expected: list[Change]
) -> None:
    assert list(changes(*builds).values()) == expected


@pytest.mark.parametrize(
    ("builds", "expected"), [row.values for row in ROWS if len(row.values[0]) < 5]
)
def test_the_order_of_arrival_does_not_matter(
    builds: list[BuildFacts], expected: list[Change]
) -> None:
    wanted = {one.number: change for one, change in zip(builds, expected, strict=True)}

    assert all(changes(*order) == wanted for order in permutations(builds))


def test_a_transition_says_since_when_what_is_red() -> None:
    memory = remember(
        NOTHING_KNOWN,
        Ending(38, False, (), 50),
        Ending(39, True, ("unit",), 100, author="octocat"),
        Ending(40, True, ("unit",), 200),
    )

    assert transition(memory, build(41, "unit", "lint", at=300)) == Transition(
        Change.NEW_STEP,
        passed_in=38,
        run=RedRun(39, 100, 3, "octocat"),
        new_steps=("lint",),
    )


def test_a_build_that_is_in_the_memory_is_not_counted_twice() -> None:
    memory = remember(
        NOTHING_KNOWN, Ending(39, True, ("unit",), 100), Ending(40, True, ("a",), 200)
    )

    assert transition(memory, build(40, "a", at=200)) == Transition(
        Change.NEW_STEP, run=RedRun(39, 100, 2), new_steps=("a",)
    )


def test_a_fix_says_which_run_it_ended() -> None:
    memory = remember(NOTHING_KNOWN, Ending(39, True, at=100), Ending(40, True, at=200))

    assert transition(memory, build(41, at=300)) == Transition(Change.FIXED, run=RedRun(39, 100, 2))


@pytest.mark.parametrize("status", [Status.RUNNING, Status.SUCCESS])
def test_a_build_is_superseded_once_a_later_one_has_ended(status: Status) -> None:
    memory = remember(NOTHING_KNOWN, Ending(42, False, (), 999))

    assert transition(memory, build(41, status=status)).is_superseded
    assert not transition(memory, build(43, status=status)).is_superseded


def test_what_is_older_than_the_memory_is_no_news() -> None:
    memory = remember(NOTHING_KNOWN, *(Ending(n, False) for n in range(2, KEPT_ENDINGS + 2)))

    assert transition(memory, build(1, "unit")) == Transition(Change.OUTDATED, is_superseded=True)


def test_builds_that_ended_at_unknown_times_are_compared_by_number_alone() -> None:
    first, second = build(1, "unit"), replace(build(2), finished=0)

    assert changes(first, second) == {1: B, 2: F}
