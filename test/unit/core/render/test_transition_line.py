"""The first line of a card says what changed; foreign names in it are harmless."""

import pytest

from server.core.render.transition import first_line, usual_time
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import RedRun
from server.core.routing.transition import NO_TRANSITION, Change, Transition

HOUR = 3600
SINCE = 1_700_000_000
RUN = RedRun(39, SINCE, 3, "octocat")


@pytest.mark.parametrize(
    ("transition", "line"),
    [
        pytest.param(
            Transition(Change.BROKEN, 41, RedRun(42, SINCE, 1), ("unit tests",)),
            "Broke: **unit tests** passed in #41",
            id="broke",
        ),
        pytest.param(
            Transition(Change.BROKEN, 41, RedRun(42, SINCE, 1), ("lint", "unit", "web/build")),
            "Broke: **lint** and 2 more passed in #41",
            id="several steps broke",
        ),
        pytest.param(
            Transition(Change.BROKEN, 0, RedRun(42, SINCE, 1), ("lint",)),
            "Broke: **lint**",
            id="the first build broke",
        ),
        pytest.param(
            Transition(Change.BROKEN, 41, RedRun(42, SINCE, 1)),
            "Broke: #41 passed",
            id="no step is known",
        ),
        pytest.param(
            Transition(Change.BROKEN, 0, RedRun(42, SINCE, 1)), "Broke", id="nothing is known"
        ),
        pytest.param(
            Transition(Change.STILL_FAILING, 38, RUN),
            "Still failing since #39 · 3 builds · 2 h",
            id="still failing",
        ),
        pytest.param(
            Transition(Change.STILL_FAILING, 38, RedRun(39, 0, 3)),
            "Still failing since #39 · 3 builds",
            id="it is unknown how long",
        ),
        pytest.param(
            Transition(Change.NEW_STEP, 38, RUN, ("lint",)),
            "Also broke: **lint** · failing since #39 · 3 builds · 2 h",
            id="another step",
        ),
        pytest.param(Transition(Change.FIXED, 38, RUN), "Fixed: was failing since #39", id="fixed"),
        pytest.param(Transition(Change.PASSED), "", id="passed"),
        pytest.param(Transition(Change.OUTDATED), "", id="no news"),
        pytest.param(NO_TRANSITION, "", id="it runs"),
        pytest.param(
            Transition(Change.BROKEN, 1, None, ("[x](https://evil.example) @everyone\n# y",)),
            "Broke: **\\[x\\]\\(https:\u200b//evil.example\\) \\@everyone \\# y** passed in #1",
            id="a hostile name",
        ),
    ],
)
def test_the_first_line_says_what_changed(transition: Transition, line: str) -> None:
    assert first_line(transition, BuildFacts(finished=SINCE + 2 * HOUR + 5)) == line


@pytest.mark.parametrize(
    ("seconds", "span"),
    [
        (59, ""),
        (60, " · 1 min"),
        (HOUR - 1, " · 59 min"),
        (26 * HOUR, " · 1 d"),
        (-5, ""),
    ],
)
def test_the_span_is_told_in_its_largest_unit(seconds: int, span: str) -> None:
    one = Transition(Change.STILL_FAILING, run=RedRun(39, SINCE, 1))

    assert (
        first_line(one, BuildFacts(finished=SINCE + seconds))
        == f"Still failing since #39 · 1 build{span}"
    )


@pytest.mark.parametrize(
    ("usual", "end", "line"),
    [
        (240, SINCE, "usually takes 4m · done <t:1700000000:R>"),
        (240, 0, "usually takes 4m"),
        (0, SINCE, ""),
    ],
)
def test_a_running_build_says_how_long_it_usually_takes(usual: int, end: int, line: str) -> None:
    assert usual_time(usual, end) == line
