"""The list of stages and steps, and what is left out of it."""

import pytest
from drone_shapes import build, description, pipeline, stage, step

from server.core.render import pipeline as build_pipeline


def steps(count: int, status: str = "success") -> list[dict[str, object]]:
    return [step(number, f"step {number}", status) for number in range(1, count + 1)]


def lines_of(count: int) -> list[str]:
    return [f"✅ step {number} · {number}s" for number in range(1, count + 1)]


def indented(lines: list[str]) -> list[str]:
    return [f"\u2003{line}" for line in lines]


def test_one_unnamed_stage_is_just_its_steps() -> None:
    assert pipeline(build(stage(1, "default", "success", *steps(3)))) == lines_of(3)


def test_an_unnamed_stage_without_steps_tells_nothing_that_the_title_does_not() -> None:
    assert pipeline(build(stage(1, "", "success"))) == []


def test_a_named_stage_heads_its_steps() -> None:
    listed = pipeline(build(stage(1, "backend", "success", *steps(2))))

    assert listed == ["✅ **backend** · 1m 1s", *indented(lines_of(2))]


def test_stages_and_steps_are_in_the_order_of_their_numbers() -> None:
    second = stage(2, "second", "success", step(2, "b"), step(1, "a"))

    assert pipeline(build(second, stage(1, "first"))) == [
        "✅ **first** · 1m 1s",
        "✅ **second** · 1m 2s",
        "\u2003✅ a · 1s",
        "\u2003✅ b · 2s",
    ]


@pytest.mark.parametrize(
    ("shape", "line"),
    [
        (step(3, "x", "success"), "✅ x · 3s"),
        (step(3, "x", "success", started=0), "✅ x · passed"),
        (step(3, "x", "success", stopped=5), "✅ x · 0s"),
        (step(3, "x", "failure", exit_code=2), "❌ x · 3s · exit code 2"),
        (
            step(3, "x", "failure", exit_code=2, errignore=True),
            "⚠️ x · failed but ignored · 3s · exit code 2",
        ),
        (step(3, "x", "failure", exit_code=0), "❌ x · 3s"),
        (step(3, "x", "failure", exit_code=70000), "❌ x · 3s"),
        (step(3, "x", "error", exit_code=255), "💥 x · could not run · 3s"),
        (step(3, "x", "error", errignore=True), "⚠️ x · failed but ignored · 3s"),
        (step(3, "x", "success", errignore=True), "✅ x · 3s"),
        (step(3, "x", "running"), "🔄 x · started <t:1700000010:R>"),
        (step(3, "x", "running", started=0), "🔄 x · running"),
        (step(3, "x", "pending"), "🕒 x · queued"),
        (step(3, "x", "pending", started=5, stopped=9), "🕒 x · queued"),
        (step(3, "x", "waiting_on_dependencies"), "⏳ x · waiting"),
        (step(3, "x", "blocked"), "✋ x · awaiting approval"),
        (step(3, "x", "killed", exit_code=137), "🛑 x · cancelled · 3s"),
        (step(0, "x", "killed"), "🛑 x · cancelled"),
        (step(0, "x", "skipped"), "⏭️ x · skipped"),
        (step(3, "x", "declined", stopped=0), "🚫 x · declined"),
        (step(3, "x", "levitating"), "❔ x · unknown"),
        (step(3, " "), "✅ unnamed · 3s"),
        (step(3, "*x*"), "✅ \\*x\\* · 3s"),
        (step(3, "x" * 60), "✅ " + "x" * 24 + "…" + "x" * 23 + " · 3s"),
    ],
)
def test_each_state_of_a_step_has_its_line(shape: dict[str, object], line: str) -> None:
    running = stage(1, "default", "running", shape)

    assert pipeline(build(running, status="running")) == [line]


@pytest.mark.parametrize("status", ["success", "failure", "killed", "skipped", "error"])
def test_what_never_reported_its_ending_does_not_run_after_the_end(status: str) -> None:
    left = stage(1, "backend", "running", step(1, "test", "running"), step(2, "lint", "pending"))

    assert pipeline(build(left, status=status)) == [
        "❔ **backend** · never reported back",
        "\u2003❔ test · never reported back",
        "\u2003❔ lint · never reported back",
    ]


def test_a_step_does_not_run_after_its_stage() -> None:
    over = stage(1, "backend", "killed", step(1, "test", "running"))
    listed = pipeline(build(over, status="running"))

    assert listed == ["🛑 **backend** · cancelled · 1m 1s", "\u2003❔ test · never reported back"]


def test_stages_of_a_declined_build_may_still_run() -> None:
    approved = stage(1, "a", "running", step(1, "test", "running"))
    declined = stage(2, "b", "declined", started=0, stopped=0)

    assert pipeline(build(approved, declined, status="declined")) == [
        "🔄 **a** · started <t:1700000010:R>",
        "\u2003🔄 test · started <t:1700000010:R>",
        "🚫 **b** · declined",
    ]


def test_ten_steps_are_all_listed() -> None:
    assert pipeline(build(stage(1, "default", "success", *steps(10)))) == lines_of(10)


def test_of_more_than_ten_steps_the_urgent_ones_are_listed_first() -> None:
    shapes = steps(9)
    shapes += [step(number, f"step {number}", "pending") for number in range(10, 17)]
    shapes += [step(17, "lint", "running"), step(18, "test", "failure", exit_code=1)]
    running = stage(1, "default", "running", *shapes)

    assert pipeline(build(running, status="running")) == [
        "❌ test · 18s · exit code 1",
        "🔄 lint · started <t:1700000010:R>",
        *[f"🕒 step {number} · queued" for number in range(10, 17)],
        "+9 more passed",
    ]


def test_the_count_of_what_is_left_out_tells_its_states() -> None:
    shapes = [step(number, "x", "pending") for number in range(1, 12)] + steps(5)
    running = stage(1, "default", "running", *shapes)

    assert pipeline(build(running, status="running"))[-1] == "+7 more: 2 queued, 5 passed"


def test_when_not_all_fits_the_steps_of_passed_stages_are_only_counted() -> None:
    stages = [stage(number, f"s{number}", "success", *steps(9)) for number in range(1, 4)]
    stages.append(stage(4, "s4", "failure", *steps(8), step(9, "test", "failure")))
    stages.append(stage(5, "s5", "success", step(1, "one")))
    stages.append(stage(6, "s6", "skipped"))

    assert pipeline(build(*stages, status="failure")) == [
        "✅ **s1** · 1m 1s · 9 steps",
        "✅ **s2** · 1m 2s · 9 steps",
        "✅ **s3** · 1m 3s · 9 steps",
        "❌ **s4** · 1m 4s",
        *indented(lines_of(8)),
        "\u2003❌ test · 9s",
        "✅ **s5** · 1m 5s · 1 step",
        "⏭️ **s6** · skipped · 1m 6s",
    ]


def test_of_more_than_ten_stages_the_urgent_ones_are_listed_first() -> None:
    stages = [stage(number, f"s{number}") for number in range(1, 13)]
    stages += [stage(13, "s13", "waiting_on_dependencies"), stage(14, "s14", "failure")]

    assert pipeline(build(*stages, status="running")) == [
        "❌ **s14** · 1m 14s",
        "⏳ **s13** · waiting",
        *[f"✅ **s{number}** · 1m {number}s" for number in range(1, 8)],
        "+5 more stages passed",
    ]


def test_many_running_stages_share_the_lines() -> None:
    stages = [
        stage(number, f"s{number}", "running", *steps(10, "running")) for number in range(1, 11)
    ]

    listed = pipeline(build(*stages, status="running"))

    assert len(listed) == 32
    assert listed[:2] == [
        "🔄 **s1** · started <t:1700000010:R>",
        "\u2003🔄 step 1 · started <t:1700000010:R>",
    ]
    assert "\u2003+9 more running" in listed
    assert listed[-1] == "🔄 **s10** · started <t:1700000010:R> · 10 steps"


def test_where_letters_leave_no_room_there_are_fewer_lines() -> None:
    shape = {"errignore": True, "exit_code": 255, "stopped": 1700000010 + 60 * 86_400 + 3_700}
    wide = [step(number, "*" * 250, "failure", **shape) for number in range(1, 10)]
    stages = [stage(number, "_" * 250, "failure", *wide, **shape) for number in range(1, 10)]
    state = build(
        *stages,
        status="failure",
        event="pull_request",
        error="x" * 4000,
        message="#" * 2000,
        ref=f"refs/pull/5/{'r' * 380}",
        source="*" * 500,
        target="*" * 500,
    )

    shown, listed = description(state), pipeline(state)

    assert len(shown) <= 4096
    assert len(listed) == 16
    half = "\\_" * 12
    assert listed[0] == f"⚠️ **{half}…{half[2:]}** · failed but ignored · 60d 1h · exit code 255"


def test_without_any_room_nothing_is_listed() -> None:
    assert build_pipeline.pipeline(build(stage(1, "backend")), 5) == ""
