"""The memory of a branch: the order of arrival cannot matter, and it stays small."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.model.status import Status
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import (
    KEPT_ENDINGS,
    KEPT_STEPS,
    LONGEST_STEP,
    NOTHING_KNOWN,
    BranchMemory,
    Ending,
    RedRun,
    current_run,
    ending_of,
    expected_end,
    red_steps,
    remember,
    usual_seconds,
)

ENDINGS = st.builds(
    Ending,
    number=st.integers(1, 8),
    is_bad=st.booleans(),
    failed_steps=st.sets(st.sampled_from("abc")).map(lambda steps: tuple(sorted(steps))),
    at=st.integers(0, 9),
    seconds=st.integers(0, 9),
    author=st.sampled_from(["", "octocat", "hubot"]),
)


@given(st.lists(ENDINGS, max_size=12), st.randoms())
def test_the_order_of_endings_does_not_matter(endings: list[Ending], chance: object) -> None:
    shuffled = [*endings]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert remember(NOTHING_KNOWN, *shuffled) == remember(NOTHING_KNOWN, *endings)


@given(st.lists(ENDINGS, max_size=12))
def test_repeated_endings_change_nothing(endings: list[Ending]) -> None:
    once = remember(NOTHING_KNOWN, *endings)

    assert remember(once, *endings) == once


@given(st.lists(ENDINGS, max_size=12), st.integers(0, 12))
def test_it_does_not_matter_how_endings_are_grouped(endings: list[Ending], at: int) -> None:
    in_groups = remember(remember(NOTHING_KNOWN, *endings[:at]), *endings[at:])

    assert in_groups == remember(NOTHING_KNOWN, *endings)


@given(
    st.lists(st.booleans(), min_size=KEPT_ENDINGS, max_size=2 * KEPT_ENDINGS),
    st.lists(st.integers(0, KEPT_ENDINGS - 1), min_size=2 * KEPT_ENDINGS + 1),
)
def test_an_ending_may_come_after_as_many_later_ones_as_are_kept(
    bad: list[bool], delays: list[int]
) -> None:
    endings = [Ending(number, is_bad, at=number) for number, is_bad in enumerate(bad, 1)]
    late = sorted(endings, key=lambda one: one.number + delays[one.number])

    memory = NOTHING_KNOWN
    for ending in late:
        memory = remember(memory, ending)

    assert memory == remember(NOTHING_KNOWN, *endings)


def test_the_memory_is_bounded_but_knows_since_when_a_branch_is_red() -> None:
    endings = [
        Ending(number, is_bad=number > 7, at=number, seconds=number, author=f"a{number}")
        for number in range(1, 101)
    ]

    memory = remember(NOTHING_KNOWN, *endings)

    assert memory == BranchMemory(
        endings=tuple(endings[-KEPT_ENDINGS:]),
        before=RedRun(8, 8, 63, "a8"),
        passed_before=7,
        # Nothing that passed is among those that are kept.
        durations=tuple((number, number) for number in range(1, 8)),
    )
    assert current_run(memory) == RedRun(8, 8, 93, "a8")


def test_an_ending_older_than_all_that_are_kept_is_not_remembered() -> None:
    memory = remember(NOTHING_KNOWN, *(Ending(n, False) for n in range(2, KEPT_ENDINGS + 2)))

    assert remember(memory, Ending(1, True)) == memory


def test_what_several_reports_say_of_one_ending_is_joined() -> None:
    early = Ending(4, False, ("unit",), 0, 50, "octocat")
    late = Ending(4, True, ("lint",), 60, 0, "")

    assert remember(NOTHING_KNOWN, early, late).endings == (
        Ending(4, True, ("lint", "unit"), 60, 50, "octocat"),
    )


FACTS = BuildFacts(number=41, author="octocat", finished=100, seconds=60)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            replace(FACTS, status=Status.SUCCESS, failed_steps=frozenset("a")),
            Ending(41, False, (), 100, 60, "octocat"),
            id="passed",
        ),
        pytest.param(
            replace(FACTS, status=Status.ERROR, failed_steps=frozenset("ba")),
            Ending(41, True, ("a", "b"), 100, 60, "octocat"),
            id="failed",
        ),
        pytest.param(
            replace(FACTS, status=Status.KILLED, is_timed_out=True),
            Ending(41, True, (), 100, 60, "octocat"),
            id="timed out",
        ),
        pytest.param(replace(FACTS, status=Status.KILLED), None, id="killed"),
        pytest.param(replace(FACTS, status=Status.SKIPPED), None, id="skipped"),
        pytest.param(replace(FACTS, status=Status.DECLINED), None, id="declined"),
        pytest.param(replace(FACTS, status=Status.UNKNOWN), None, id="unknown"),
        pytest.param(replace(FACTS, status=Status.RUNNING), None, id="running"),
    ],
)
def test_only_an_ending_that_says_whether_all_is_well_is_remembered(
    facts: BuildFacts, expected: Ending | None
) -> None:
    assert ending_of(facts) == expected


def test_an_ending_holds_no_more_text_than_it_may() -> None:
    steps = frozenset(f"{number:02}{'x' * 999}" for number in range(50))

    found = ending_of(replace(FACTS, status=Status.FAILURE, failed_steps=steps, author="y" * 999))

    assert found is not None
    assert len(found.failed_steps) == KEPT_STEPS
    assert {len(step) for step in found.failed_steps} == {LONGEST_STEP}
    assert len(found.author) == LONGEST_STEP


def test_a_branch_is_red_since_the_first_of_its_builds_that_failed_in_a_row() -> None:
    endings = (
        Ending(1, True, ("x",), 10),
        Ending(2, False, (), 20),
        Ending(3, True, ("a",), 30, author="octocat"),
        Ending(4, True, ("a", "b"), 40, author="hubot"),
    )

    memory = remember(NOTHING_KNOWN, *endings)

    assert current_run(memory) == RedRun(3, 30, 2, "octocat")
    assert red_steps(memory) == ("a", "b")


def test_a_branch_that_passed_is_not_red() -> None:
    memory = remember(NOTHING_KNOWN, Ending(1, True, ("x",)), Ending(2, False))

    assert (current_run(memory), red_steps(memory)) == (None, ())
    assert (current_run(NOTHING_KNOWN), red_steps(NOTHING_KNOWN)) == (None, ())


@pytest.mark.parametrize(
    ("seconds", "usual"),
    [
        pytest.param([], 0, id="nothing is known"),
        pytest.param([60, 60], 0, id="two promise nothing"),
        pytest.param([60, 0, 61], 0, id="unknown ones do not count"),
        pytest.param([60, 240, 70], 70, id="three do, by their median"),
        pytest.param([900, 900, *range(1, 11)], 5, id="the latest ten"),
    ],
)
def test_a_build_usually_takes_the_median_of_the_latest_successes(
    seconds: list[int], usual: int
) -> None:
    memory = remember(
        NOTHING_KNOWN,
        *(Ending(number, False, seconds=taken) for number, taken in enumerate(seconds, 1)),
        *(Ending(number, True, seconds=1) for number in range(20, 30)),
    )

    assert usual_seconds(memory) == usual


def test_a_success_that_turns_out_bad_says_nothing_about_durations() -> None:
    memory = remember(NOTHING_KNOWN, Ending(1, False, seconds=60), Ending(1, True))

    assert remember(memory, Ending(2, True)).durations == ()


@pytest.mark.parametrize(
    ("started", "now", "expected"),
    [
        pytest.param(1000, 1000, 1060, id="in the future"),
        pytest.param(1000, 1059, 1060, id="a second ahead"),
        pytest.param(1000, 1060, 0, id="never now"),
        pytest.param(1000, 2000, 0, id="never in the past"),
        pytest.param(0, 1000, 0, id="not of a build that has not begun"),
    ],
)
def test_an_end_is_promised_only_in_the_future(started: int, now: int, expected: int) -> None:
    memory = remember(NOTHING_KNOWN, *(Ending(n, False, seconds=60) for n in range(1, 4)))

    assert expected_end(memory, started, now) == expected


def test_no_end_is_promised_while_too_little_is_known() -> None:
    assert expected_end(NOTHING_KNOWN, 1000, 1000) == 0
