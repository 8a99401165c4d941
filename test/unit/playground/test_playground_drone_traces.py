"""Compare whole plays, delivery by delivery, with what Drone's own code does."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from playground.drone.builds import play
from playground.drone.delivery import Delivery


def told(delivery: Delivery) -> str:
    """Write one delivery as a line: b, s and steps, each with version and status."""
    payload = json.loads(delivery.body)
    build = payload["build"]
    parts = [_row("b", build), *_stages(build)]
    if "error" in build:
        parts.append("with error")
    if build["finished"]:
        parts.append("finished")
    if payload["action"] == "updated" and "build" not in payload["repo"]:
        parts.append("repo.build absent")
    return f"{payload['action']}: " + " · ".join(parts)


def _stages(build: Mapping[str, Any]) -> list[str]:
    parts = []
    for stage in build.get("stages", ()):
        label = "s" if len(build["stages"]) == 1 else stage["name"]
        parts.append(_row(label, stage))
        parts += [_row(step["name"], step) for step in stage.get("steps", ())]
    return parts


def _row(label: str, row: Mapping[str, Any]) -> str:
    code = f" exit {row['exit_code']}" if row.get("exit_code") else ""
    return f"{label} v{row['version']} {row['status']}{code}"


def trace(scenario: str) -> list[str]:
    return [told(delivery) for delivery in play(scenario)]


def test_a_failing_push_is_told_in_six_deliveries() -> None:
    assert trace("failing_push") == [
        "created: b v1 pending",
        "updated: b v2 running · s v3 running · clone v2 running · test v1 pending",
        "updated: b v2 running · s v3 running · clone v3 success · test v1 pending",
        "updated: b v2 running · s v3 running · clone v3 success · test v2 running",
        "updated: b v2 running · s v3 running · clone v3 success · test v3 failure exit 1",
        "updated: b v3 failure · s v4 failure · clone v4 success · test v4 failure exit 1"
        " · finished",
    ]


def test_a_build_cancelled_by_a_person_ends_at_once() -> None:
    assert trace("cancel_while_cloning") == [
        "created: b v1 pending",
        "updated: b v2 running · s v3 running · clone v2 running · test v1 pending",
        "updated: b v3 killed · s v4 killed · clone v3 killed exit 130 · test v2 skipped exit 130"
        " · finished · repo.build absent",
    ]


def test_what_was_skipped_by_a_cancel_began_and_stopped_at_that_moment() -> None:
    last = play("cancel_while_cloning")[-1]

    build = json.loads(last.body)["build"]
    skipped = build["stages"][0]["steps"][1]
    assert skipped["started"] == skipped["stopped"] == last.sent_at == build["finished"]


def test_a_config_error_is_told_once() -> None:
    assert trace("config_error") == ["created: b v1 error · with error · finished"]


def test_a_blocked_build_that_is_approved_goes_on_after_a_silence() -> None:
    steps = "clone v4 success · migrate v4 success · roll out v4 success"
    told = trace("promotion_approved")

    assert told[0] == "created: b v1 pending"
    assert told[1] == (
        "updated: b v2 running · s v4 running"
        " · clone v2 running · migrate v1 pending · roll out v1 pending"
    )
    assert told[-1] == f"updated: b v3 success · s v5 success · {steps} · finished"
    assert len(told) == 8


def test_a_blocked_build_that_is_declined_is_never_heard_of_again() -> None:
    assert trace("promotion_declined") == ["created: b v1 pending"]


def test_a_half_declined_build_never_ends() -> None:
    running = "test v4 running · clone v3 success"
    assert trace("half_declined")[3:] == [
        f"updated: b v2 running · {running} · test v2 running · publish v1 blocked",
        f"updated: b v3 declined · {running} · test v3 success · publish v2 declined",
    ]


def test_a_cancel_race_tells_two_endings() -> None:
    rows = "s v4 killed exit 137 · clone v4 success · test v3 killed exit 137 · build v2 skipped"
    assert trace("cancel_race")[-2:] == [
        f"updated: b v4 killed · {rows} · finished",
        f"updated: b v3 killed · {rows} · finished · repo.build absent",
    ]


def test_a_reversed_cancel_race_tells_the_same_two_endings_in_the_other_order() -> None:
    assert trace("cancel_race_reversed")[-2:] == trace("cancel_race")[:-3:-1]


def test_a_lost_lock_makes_a_cancel_tell_new_content_with_old_versions() -> None:
    assert trace("cancel_race_stale")[-2:] == [
        "updated: b v4 killed · s v4 killed exit 137 · clone v4 success"
        " · test v3 killed exit 137 · build v2 skipped · finished",
        "updated: b v3 killed · s v3 killed · clone v3 success"
        " · test v2 killed exit 130 · build v1 skipped exit 130 · finished · repo.build absent",
    ]


def test_cancelling_before_any_runner_came_skips_every_stage() -> None:
    assert trace("cancel_queued") == [
        "created: b v1 pending",
        "updated: b v2 killed · test amd64 v2 skipped · test arm64 v2 skipped · deploy v2 skipped"
        " · finished · repo.build absent",
    ]


def test_a_newer_push_skips_the_older_build() -> None:
    older, newer = play("auto_cancel")[0].build_id, play("auto_cancel")[1].build_id
    deliveries = play("auto_cancel")

    assert [told(one) for one in deliveries if one.build_id == older] == [
        "created: b v1 pending",
        "updated: b v2 skipped · s v2 skipped · finished · repo.build absent",
    ]
    assert [one.status for one in deliveries if one.build_id == newer][-1] == "success"


def test_a_newer_push_kills_the_running_stage_of_a_skipped_build() -> None:
    deliveries = play("auto_cancel_running")
    older = [one for one in deliveries if one.build_id == deliveries[0].build_id]

    assert told(older[-1]) == (
        "updated: b v3 skipped · s v4 killed · clone v3 success · lint v3 success"
        " · test v3 killed exit 130 · build image v2 skipped exit 130"
        " · finished · repo.build absent"
    )


@pytest.mark.parametrize(
    ("scenario", "last"),
    [
        (
            "ignored_failure",
            "b v3 success · s v4 success · clone v4 success · audit v4 failure exit 1"
            " · test v4 success",
        ),
        (
            "early_exit",
            "b v3 success · s v4 success · clone v4 success · anything to do? v4 success exit 78"
            " · test v2 skipped · build v2 skipped",
        ),
        (
            "step_error",
            "b v3 error · s v4 error · clone v4 success · test v4 error exit 255"
            " · build v3 skipped",
        ),
        ("stage_error", "b v2 error · s v3 error exit 255"),
        (
            "timeout",
            "b v3 killed · s v4 killed exit 137 · clone v4 success"
            " · wait for godot v3 killed exit 137 · build v2 skipped",
        ),
        (
            "out_of_memory",
            "b v3 failure · s v4 failure · clone v4 success · compile v4 failure exit 137",
        ),
        (
            "services",
            "b v3 success · s v4 success · database v3 success · clone v4 success"
            " · unit tests v4 success · end to end tests v4 success · report v4 success",
        ),
        (
            "notified_failure",
            "b v3 failure · test v4 failure · clone v4 success · test v4 failure exit 2"
            " · build v3 skipped · tell the team v4 success · clean up v5 success"
            " · clone v4 success · remove v4 success · deploy v2 skipped",
        ),
        (
            "pull_request",
            "b v3 failure · test amd64 v4 failure · clone v4 success · lint v4 success"
            " · unit tests v4 failure exit 1 · coverage v3 skipped · test arm64 v4 success"
            " · clone v4 success · unit tests v4 success · deploy v2 skipped",
        ),
    ],
)
def test_every_other_way_to_end_is_told_last(scenario: str, last: str) -> None:
    assert trace(scenario)[-1] == f"updated: {last} · finished"


@pytest.mark.parametrize(
    ("scenario", "count"),
    [
        pytest.param("push", 1 + 2 * 4 + 1, id="start and end of each step"),
        pytest.param("step_error", 1 + 2 * 2 + 1 + 1, id="one for a step skipped by its condition"),
        pytest.param("early_exit", 1 + 2 * 2 + 1, id="none for a step skipped by exit code 78"),
        pytest.param("timeout", 1 + 2 + 1 + 1, id="none for the end of a killed step"),
        pytest.param("services", 1 + 1 + 2 * 4 + 1, id="only the start of a service"),
    ],
)
def test_a_build_makes_as_many_deliveries_as_drone_sends(scenario: str, count: int) -> None:
    assert len(play(scenario)) == count


def test_late_created_arrives_after_the_first_updated() -> None:
    assert [one.action for one in play("late_created")][:3] == ["updated", "created", "updated"]
