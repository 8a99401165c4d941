"""What people do through the API happens in the simulated Drone, and is told by webhooks or not."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from recording_bridge import RecordingBridge, recording_bridge
from stack import eventually

from playground.drone.rest.accounts import ADMIN_TOKEN, USER_TOKEN
from playground.drone.rest.process import DroneStandIn, running
from playground.drone.signing import sign
from playground.drone.world import HELLO, SHOP

SECRET = "secret-of-the-tests"
Json = Any


@pytest.fixture
def bridge(drone: DroneStandIn) -> Iterator[RecordingBridge]:
    """Give a bridge that gets the stand-in's webhooks."""
    with recording_bridge() as recorded:
        drone.send_to(recorded.url, SECRET)
        yield recorded


def ask(
    drone: DroneStandIn, path: str, method: str = "GET", token: str = ADMIN_TOKEN
) -> tuple[int, Json]:
    """Return status and JSON of a call about a repository."""
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{drone.address}/api/repos/{path}"
    response = requests.request(method, address, headers=headers, timeout=60)
    return response.status_code, response.json() if response.content else None


def told(drone: DroneStandIn) -> list[tuple[str, str, str]]:
    """Return the webhooks so far."""
    return [(one["action"], one["subject"], one["status"]) for one in drone.webhooks()]


def statuses(build: Json) -> tuple[str, list[str]]:
    """Return the status of a build and of its stages."""
    return build["status"], [stage["status"] for stage in build["stages"]]


def test_a_restart_makes_a_new_build_in_the_name_of_the_caller(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.leap()

    status, build = ask(drone, f"{HELLO}/builds/1?A=1&debug=true", "POST", USER_TOKEN)

    assert status == 200
    assert (build["number"], build["parent"], build["trigger"]) == (2, 1, "ada")
    assert (build["status"], build["event"], build["version"]) == ("pending", "push", 1)
    assert (build["params"], build["debug"], "stages" in build) == ({"A": "1"}, True, False)


def test_a_restarted_build_runs(drone: DroneStandIn) -> None:
    drone.add_build(stages=[{"name": "test", "steps": [{"name": "unit"}]}])
    drone.leap()
    ask(drone, f"{HELLO}/builds/1", "POST")
    drone.leap()

    assert statuses(ask(drone, f"{HELLO}/builds/2")[1]) == ("success", ["success"])
    assert told(drone)[-1] == ("updated", f"{HELLO} #2", "success")


def test_what_the_earlier_build_was_given_wins_at_a_restart(drone: DroneStandIn) -> None:
    drone.add_build(columns={"params": {"A": "old"}})

    _, build = ask(drone, f"{HELLO}/builds/1?A=new", "POST")

    assert build["params"] == {"A": "old"}


def test_the_restart_of_a_blocked_build_is_an_approval(drone: DroneStandIn) -> None:
    drone.add_build(slug=SHOP, blocked=True)
    ask(drone, f"{SHOP}/builds/1", "POST")
    drone.leap()

    assert statuses(ask(drone, f"{SHOP}/builds/1")[1]) == ("pending", ["blocked"])
    assert statuses(ask(drone, f"{SHOP}/builds/2")[1]) == ("success", ["success"])


def test_a_declined_build_cannot_be_restarted(drone: DroneStandIn) -> None:
    drone.add_build(slug=SHOP, blocked=True)
    ask(drone, f"{SHOP}/builds/1/decline/1", "POST")

    answer = ask(drone, f"{SHOP}/builds/1", "POST")

    assert answer == (400, {"message": "cannot start a declined build"})


def test_nothing_is_started_for_a_commit_that_asks_for_nothing(drone: DroneStandIn) -> None:
    drone.add_build(message="Mend a typo [CI SKIP]")

    assert ask(drone, f"{HELLO}/builds/1", "POST") == (200, None)
    assert ask(drone, f"{HELLO}/builds/2")[0] == 404


@pytest.mark.parametrize("verb", ["promote", "rollback"])
def test_a_deployment_makes_a_new_build_for_its_target(drone: DroneStandIn, verb: str) -> None:
    drone.add_build(columns={"params": {"A": "old"}})

    status, build = ask(drone, f"{HELLO}/builds/1/{verb}?target=prod&A=new", "POST")

    assert status == 200
    assert (build["event"], build["deploy_to"], build["parent"]) == (verb, "prod", 1)
    assert (build["trigger"], build["params"]["A"]) == ("octocat", "new")


def test_a_cancel_ends_the_build_at_once(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.leap(10)

    status, build = ask(drone, f"{HELLO}/builds/1", "DELETE")
    drone.leap()

    assert (status, statuses(build)) == (200, ("killed", ["killed"]))
    assert [step["status"] for step in build["stages"][0]["steps"]] == [
        *("success", "killed", "skipped", "skipped")
    ]
    assert told(drone)[-1] == ("updated", f"{HELLO} #1", "killed")


def test_the_cancel_of_a_finished_build_is_answered_without_a_webhook(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.leap()
    before = told(drone)

    status, build = ask(drone, f"{HELLO}/builds/1", "DELETE")
    drone.leap()

    assert (status, statuses(build)) == (200, ("success", ["success"]))
    assert told(drone) == before


def test_an_approval_lets_the_build_go_on_without_a_webhook(drone: DroneStandIn) -> None:
    drone.add_build(slug=SHOP, blocked=True)
    before = told(drone)

    answer = ask(drone, f"{SHOP}/builds/1/approve/1", "POST")

    assert answer == (204, None)
    assert told(drone) == before
    assert statuses(ask(drone, f"{SHOP}/builds/1")[1]) == ("pending", ["pending"])
    drone.leap()
    assert statuses(ask(drone, f"{SHOP}/builds/1")[1]) == ("success", ["success"])


@pytest.mark.parametrize("path", ["decline/1", "decline"])
def test_a_declined_build_is_never_heard_of_again(drone: DroneStandIn, path: str) -> None:
    drone.add_build(slug=SHOP, blocked=True)
    before = told(drone)

    answer = ask(drone, f"{SHOP}/builds/1/{path}", "POST")
    drone.leap()

    assert answer == (204, None)
    assert told(drone) == before
    _, build = ask(drone, f"{SHOP}/builds/1")
    assert (statuses(build), build["finished"]) == (("declined", ["declined"]), 0)


def test_webhooks_go_out_in_order_and_signed(drone: DroneStandIn, bridge: RecordingBridge) -> None:
    drone.add_build(stages=[{"name": "test", "steps": [{"name": "unit"}]}])
    drone.leap()

    sent = drone.webhooks()
    assert [(one["status"], one["answer"], one["is_lost"]) for one in sent] == [
        ("pending", 204, False),
        ("running", 204, False),
        ("running", 204, False),
        ("success", 204, False),
    ]
    assert [json.loads(one.body)["build"]["status"] for one in bridge.requests] == [
        one["status"] for one in sent
    ]
    for request in bridge.requests:
        signed = sign(request.body, SECRET, request.headers["Date"])
        assert request.headers["Signature"] == signed["Signature"]


def test_webhooks_can_be_lost_for_a_while(drone: DroneStandIn, bridge: RecordingBridge) -> None:
    drone.add_build()
    drone.lose_webhooks()
    drone.leap()
    drone.lose_webhooks(lost=False)
    drone.add_build(error="yaml: no")

    assert [one["is_lost"] for one in drone.webhooks()] == [False, *[True] * 9, False]
    assert len(bridge.requests) == 2


def test_one_leap_can_lose_its_webhooks(drone: DroneStandIn, bridge: RecordingBridge) -> None:
    drone.add_build()
    drone.leap(5, lost=True)
    drone.leap()

    lost = [one["is_lost"] for one in drone.webhooks()]
    assert lost == [False, True, *[False] * 8]


def test_a_bridge_that_is_away_is_noted(drone: DroneStandIn) -> None:
    with recording_bridge() as gone:
        address = gone.url
    drone.send_to(address, SECRET)
    drone.add_build()

    assert [one["answer"] for one in drone.webhooks()] == [0]


def test_a_build_can_be_older_than_it_is(drone: DroneStandIn) -> None:
    build = drone.add_build(age_seconds=172_800)

    assert -5 < build["created"] + 172_800 - time.time() < 5


def test_rows_can_be_changed_behind_everybodys_back(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.leap(5)
    before = told(drone)

    drone.edit_build(
        HELLO,
        1,
        status="failure",
        finished=99,
        stages=[{"number": 1, "status": "failure", "steps": [{"number": 2, "status": "skipped"}]}],
    )
    drone.leap()

    _, build = ask(drone, f"{HELLO}/builds/1")
    assert (statuses(build), build["finished"]) == (("failure", ["failure"]), 99)
    assert build["stages"][0]["steps"][1]["status"] == "skipped"
    assert told(drone)[: len(before)] == before


def test_stories_of_the_player_can_be_played(drone: DroneStandIn) -> None:
    drone.play("cancel_by_person", "pull_request")
    drone.leap()

    assert ask(drone, f"{HELLO}/builds/1")[1]["status"] == "killed"
    assert ask(drone, f"{SHOP}/builds/1")[1]["status"] == "failure"


def test_a_story_can_have_begun_a_while_ago(drone: DroneStandIn) -> None:
    begun = time.time() - 40

    drone.play("push", age_seconds=40)

    build = ask(drone, f"{HELLO}/builds/1")[1]
    assert (build["status"], build["finished"]) == ("running", 0)
    assert -2 <= build["created"] - begun <= 2
    assert -2 <= drone.order("GET", "time")["now"] - time.time() <= 2


def test_stories_can_be_told_again_and_again(drone: DroneStandIn) -> None:
    drone.play("config_error", "push", again=True)

    for _ in range(3):
        drone.leap()

    assert ask(drone, f"{HELLO}/builds/3")[1]["status"] == "success"
    assert ask(drone, f"{SHOP}/builds/3")[1]["status"] == "error"


def test_time_passes_by_itself_at_the_speed_it_is_given() -> None:
    with running("--speed", "100") as drone:
        drone.add_build(stages=[{"name": "test", "steps": [{"name": "unit"}]}])

        def ended() -> bool:
            return bool(ask(drone, f"{HELLO}/builds/1")[1]["status"] == "success")

        eventually(ended, every=0.02)
        _, build = ask(drone, f"{HELLO}/builds/1")
        assert build["finished"] - time.time() < 2


def test_time_stands_still_unless_it_is_told_to_pass(drone: DroneStandIn) -> None:
    drone.add_build()

    assert statuses(ask(drone, f"{HELLO}/builds/1")[1]) == ("pending", ["pending"])
    assert drone.order("GET", "time")["elapsed"] == 0
