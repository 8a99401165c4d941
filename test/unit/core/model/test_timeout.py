"""Builds that a runner ended because the time was over, and those that a person cancelled."""

from typing import Any

import pytest
from drone_shapes import build, card, description, pipeline, stage, step

from server.core.model.build import BuildState
from server.core.model.failure import failing_step, wants_log

START = 1700000010
HOUR = 3600


def killed(exit_code: int, seconds: int = HOUR, **more: Any) -> BuildState:
    """Make a build whose one stage was ended after *seconds* with *exit_code*."""
    steps = (
        step(1, "clone"),
        step(2, "unit tests", "killed", stopped=START + seconds, exit_code=exit_code),
        step(
            3, "publish", "skipped", stopped=START, exit_code=exit_code if exit_code == 130 else 0
        ),
    )
    # A cancel leaves the exit code of the stage at 0.
    of_stage = 137 if exit_code == 137 else 0
    one = stage(
        1, "default", "killed", *steps, exit_code=of_stage, started=START, stopped=START + seconds
    )
    return build(one, status="killed", finished=START + seconds, repo={"timeout": 60} | more)


def test_a_build_that_ran_out_of_time_says_so_everywhere() -> None:
    embed = card(killed(137))

    assert embed["title"] == "octocat/hello-world #42 · ⏰ timed out after 60m"
    assert embed["color"] == 0x747F8D
    assert embed["description"].split("\n")[0] == "⏰ **unit tests** timed out"
    assert pipeline(killed(137)) == [
        "✅ clone · 1s",
        "⏰ unit tests · timed out · 1h",
        "⏭️ publish · skipped",
    ]


def test_a_build_that_a_person_cancelled_late_was_cancelled() -> None:
    state = killed(130, 2 * HOUR)

    assert card(state)["title"] == "octocat/hello-world #42 · 🛑 cancelled"
    assert description(state).startswith("> Greet the world\n")
    assert pipeline(state)[1] == "🛑 unit tests · cancelled · 2h"


@pytest.mark.parametrize(
    ("seconds", "timeout", "words"),
    [
        pytest.param(HOUR, 60, "⏰ timed out after 60m", id="at the limit"),
        pytest.param(HOUR - 1, 60, "⏰ timed out after 60m", id="a second lost in rounding"),
        pytest.param(HOUR - 6, 60, "🛑 cancelled", id="the runner ended it before"),
        pytest.param(HOUR, 0, "🛑 cancelled", id="an unknown limit"),
    ],
)
def test_a_runner_that_ends_a_build_is_at_the_limit(seconds: int, timeout: int, words: str) -> None:
    title = card(killed(137, seconds, timeout=timeout))["title"]

    assert title == f"octocat/hello-world #42 · {words}"


def test_a_stage_that_ran_out_of_time_between_two_steps_stands_for_itself() -> None:
    one = stage(1, "ci", "killed", step(1, "clone"), started=START, stopped=START + HOUR)
    state = build(one, status="killed")

    assert description(state).split("\n")[0] == "⏰ **ci** timed out"
    assert pipeline(state)[0] == "⏰ **ci** · timed out · 1h"


def test_a_stage_that_ran_out_of_time_is_named_while_another_runs() -> None:
    late = stage(
        2, "slow", "killed", step(1, "wait", "killed", exit_code=137),
        started=START, stopped=START + HOUR,
    )  # fmt: skip
    state = build(stage(1, "ci", "running"), late, status="running")

    assert description(state).split("\n")[0] == "⏰ **wait** timed out in **slow**"


def test_the_log_of_a_step_that_ran_out_of_time_is_wanted() -> None:
    state = killed(137, visibility="public")
    found = failing_step(state)

    assert found is not None
    assert found[1].name == "unit tests"
    assert wants_log(state, 10, private_allowed=False)


def test_no_log_is_wanted_of_a_build_that_a_person_cancelled() -> None:
    assert failing_step(killed(130, 2 * HOUR)) is None
