"""Check the player as a library: what tests and benchmarks rely on."""

import json
from collections import defaultdict
from typing import Any

import pytest

from playground.drone.builds import play, stream
from playground.drone.scenarios import SCENARIOS, summary
from playground.drone.scenarios.many import large_build, storm_of
from playground.drone.world import new_server

# A cancel that loses a lock, and two endings of one build, are Drone's own exceptions.
LOCK_LOST = {"cancel_race_stale"}
DONE = {"success", "failure", "error", "killed", "skipped"}


def rows(scenario: str) -> dict[tuple[str, int, int], list[dict[str, Any]]]:
    """Give what was told of each build, stage and step, by its kind, id and version."""
    told: dict[tuple[str, int, int], list[dict[str, Any]]] = defaultdict(list)
    for delivery in play(scenario):
        build = json.loads(delivery.body).get("build", {"stages": ()})
        for stage in build.pop("stages", ()):
            for step in stage.pop("steps", ()):
                told["step", step["id"], step["version"]].append(step)
            told["stage", stage["id"], stage["version"]].append(stage)
        if build:
            told["build", build["id"], build["version"]].append(build)
    return told


@pytest.mark.parametrize("scenario", sorted(SCENARIOS.keys() - LOCK_LOST))
def test_one_version_of_a_row_has_one_content(scenario: str) -> None:
    for told in rows(scenario).values():
        assert all(row == told[0] for row in told)


def test_a_lost_lock_gives_one_version_two_contents() -> None:
    told = [row for versions in rows("cancel_race_stale").values() for row in versions]

    assert {row["status"] for row in told if row["version"] == 3 and "step_id" not in row} == {
        "running",
        "killed",
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_plays_the_same_twice(scenario: str) -> None:
    assert play(scenario) == play(scenario)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_says_what_it_is(scenario: str) -> None:
    assert summary(scenario).endswith(".")


def test_another_seed_makes_other_commits() -> None:
    assert play("push", seed=1) != play("push", seed=2)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_deliveries_come_in_the_order_of_time(scenario: str) -> None:
    times = [delivery.at for delivery in play(scenario)]

    assert times == sorted(times)


def test_time_runs_in_the_payload_as_it_runs_outside() -> None:
    last = play("push", start=1_800_000_000)[-1]

    build = json.loads(last.body)["build"]
    assert (build["created"], build["started"], build["finished"]) == (
        1_800_000_000,
        1_800_000_002,
        1_800_000_052,
    )
    assert (last.at, last.sent_at) == (52.0, 1_800_000_052)


@pytest.mark.parametrize("scale", [0.0, 0.01, 3.0])
def test_scaled_time_changes_no_order(scale: float) -> None:
    def order(scale: float) -> list[tuple[int, str, str]]:
        deliveries = play("storm", "cancel_race", "auto_cancel", scale=scale)
        return [(one.build_id, one.action, one.status) for one in deliveries]

    assert order(scale) == order(1.0)


def test_without_time_everything_happens_at_the_start() -> None:
    deliveries = play("storm", start=1_800_000_000, scale=0.0)

    assert {(one.at, one.sent_at) for one in deliveries} == {(0.0, 1_800_000_000)}


def test_ids_begin_where_they_are_told_to() -> None:
    build = json.loads(play("push", first_id=77, first_number=5)[1].body)["build"]

    assert (build["id"], build["number"]) == (77, 5)
    assert build["stages"][0]["id"] == build["stages"][0]["steps"][0]["id"] == 77


def test_the_link_of_the_server_can_be_chosen() -> None:
    payload = json.loads(play("user_created", link="http://ci.example.org:8080/")[0].body)

    assert payload["system"] == {
        "proto": "http",
        "host": "ci.example.org:8080",
        "link": "http://ci.example.org:8080",
        "version": "2.25.0",
    }


def test_scenarios_one_after_the_other_share_a_server() -> None:
    deliveries = play("failing_push", "failing_push")

    assert [one.subject for one in deliveries if one.action == "created"] == [
        "octocat/hello-world #1",
        "octocat/hello-world #2",
    ]


def test_scenarios_side_by_side_overlap() -> None:
    deliveries = list(stream(new_server(), "push", "cron"))

    finished = [one.status == "success" for one in deliveries]
    last_created = max(i for i, one in enumerate(deliveries) if one.action == "created")
    assert last_created < finished.index(True)


def test_a_server_can_be_played_on_again() -> None:
    server = new_server()
    first = list(stream(server, "push"))
    second = list(stream(server, "push"))

    assert {one.build_id for one in first}.isdisjoint(one.build_id for one in second)
    assert second[0].at >= first[-1].at


def test_a_storm_has_as_many_builds_as_asked_for() -> None:
    deliveries = play(storm_of(50))

    last = {one.build_id: one.status for one in deliveries}
    assert len(last) == 50
    assert set(last.values()) <= DONE


def test_a_large_build_has_as_many_stages_and_steps_as_asked_for() -> None:
    build = json.loads(play(large_build(30, 8))[-1].body)["build"]

    assert len(build["stages"]) == 30
    assert {len(stage["steps"]) for stage in build["stages"][1:]} == {8}
    assert build["status"] == "success"


def test_a_delivery_says_what_it_is_about() -> None:
    delivery = play("push")[-1]

    assert (delivery.event, delivery.action) == ("build", "updated")
    assert (delivery.build_id, delivery.status) == (1000, "success")
    assert delivery.subject == "octocat/hello-world #1"
