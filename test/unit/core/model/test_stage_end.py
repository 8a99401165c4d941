"""A stage has ended when all of its steps have, whether or not Drone has said so."""

from typing import Any

import pytest
from fakes import state

from server.core.model.stage_end import with_ended_stages
from server.core.render.message import render


def step(status: str, number: int = 1, **more: Any) -> dict[str, Any]:
    times = {"started": 100, "stopped": 100 + number}
    return {"id": number, "number": number, "status": status, **times, **more}


def stage(*steps: dict[str, Any], status: str = "running") -> dict[str, Any]:
    place = {"id": 1, "number": 1, "name": "left", "started": 100}
    return {**place, "status": status, "steps": list(steps)}


ENDS = {
    "all passed": ([step("success"), step("success", 2)], ("success", 102)),
    "one failed and the rest was skipped": (
        [step("failure"), step("skipped", 2)],
        ("failure", 102),
    ),
    "one that may fail failed": ([step("failure", errignore=True)], ("success", 101)),
    "one could not run": ([step("failure"), step("error", 2)], ("error", 102)),
    "one was cancelled": ([step("killed"), step("failure", 2)], ("killed", 102)),
    "one runs": ([step("success"), step("running", 2)], ("running", 0)),
    "one has not begun": ([step("failure"), step("pending", 2)], ("running", 0)),
    "one is in an unknown state": ([step("paused")], ("running", 0)),
    "there are none": ([], ("running", 0)),
}


@pytest.mark.parametrize(("steps", "end"), ENDS.values(), ids=ENDS)
def test_a_stage_ends_as_its_steps_do(steps: list[dict[str, Any]], end: tuple[str, int]) -> None:
    (found,) = with_ended_stages(state("running", stage(*steps))).stages

    assert (found.status.value, found.stopped) == end


@pytest.mark.parametrize("status", ["pending", "blocked", "killed", "success"])
def test_what_drone_says_of_an_end_stands(status: str) -> None:
    known = state("running", stage(step("failure"), status=status))

    assert with_ended_stages(known) is known


def test_the_card_shows_an_end_that_no_webhook_reported() -> None:
    queued = {"id": 2, "number": 2, "name": "right", "status": "pending"}

    (shown,) = render(state("running", stage(step("success")), queued))["embeds"]

    lines = shown["description"].split("\n")
    assert "✅ **left** · 1s" in lines
    assert "🕒 **right** · queued" in lines
