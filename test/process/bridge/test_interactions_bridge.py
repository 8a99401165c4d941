"""Interactions from end to end: server, worker, database, and both stand-ins as processes."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from discord_person import Person
from discord_signing import acting, command, signed
from stack import SECRET, Bridge, environ_of, eventually, shown

from playground.discord.options import SECOND_CHANNEL_ID as ANOTHER_CHANNEL
from playground.discord.process import StandIn
from playground.drone.rest.accounts import ADMIN_TOKEN
from playground.drone.rest.process import DroneStandIn
from server.services.interactions.queries import HIDDEN

SLUG = "octocat/hello-world"


def environ(mongo_uri: str, discord: StandIn, drone: DroneStandIn, folder: Path) -> dict[str, str]:
    return {
        **environ_of(mongo_uri, discord, folder),
        **acting(drone),
        "EDIT_INTERVAL": "0",
        "WEB_CONCURRENCY": "2",
        "LOG_LEVEL": "debug",  # what would tell a token tells it here
    }


@contextmanager
def started(environ: dict[str, str], discord: StandIn, folder: Path) -> Iterator[Bridge]:
    """Start a bridge that answers interactions."""
    bridge = Bridge(environ, folder, discord)
    bridge.start_server()
    bridge.start_worker()
    yield bridge
    bridge.stop()


@pytest.fixture(scope="module")
def running(
    mongo_uri: str,
    stand_in: StandIn,
    drone_stand_in: DroneStandIn,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bridge]:
    """Give the bridge that the tests of this file share, but for those that end it."""
    folder = tmp_path_factory.mktemp("bridge")
    settings = environ(mongo_uri, stand_in, drone_stand_in, folder)
    with started(settings, stand_in, folder) as bridge:
        yield bridge


@pytest.fixture
def bridge(running: Bridge, discord: StandIn, drone: DroneStandIn) -> Iterator[Bridge]:
    """Give the shared bridge, which knows nothing yet and hears of every build."""
    drone.send_to(running.url, SECRET)
    yield running
    drone.lose_webhooks()
    running.forget_everything()


@pytest.fixture
def own_bridge(
    mongo_uri: str, discord: StandIn, drone: DroneStandIn, tmp_path: Path
) -> Iterator[Bridge]:
    """Give a bridge that the test may end."""
    with started(environ(mongo_uri, discord, drone, tmp_path), discord, tmp_path) as bridge:
        drone.send_to(bridge.url, SECRET)
        yield bridge
        drone.lose_webhooks()


@pytest.fixture
def person(bridge: Bridge, discord: StandIn) -> Person:
    return Person(discord, bridge.url)


def card(discord: StandIn, ending: str) -> Any:
    """Return the message whose title ends like this, as soon as there is one."""

    def look() -> Any:
        found = [one for one in cards(discord) if title(one).endswith(ending)]
        return found[0] if found else None

    return eventually(look)


def cards(discord: StandIn) -> list[Any]:
    """Return the messages that everybody sees: without the answers to one person."""
    return [one for one in shown(discord) if not one["versions"][-1]["flags"] & 64]


def title(message: Any) -> str:
    return str(message["versions"][-1]["embeds"][0]["title"])


def description(message: Any) -> str:
    return str(message["versions"][-1]["embeds"][0]["description"])


def labels(message: Any) -> list[str]:
    rows = message["versions"][-1]["components"]
    return [one["label"] for row in rows for one in row["components"] if "custom_id" in one]


@pytest.mark.smoke
def test_a_running_build_is_cancelled_by_its_button(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    build = drone.add_build(slug=SLUG)
    drone.leap(5)
    running = card(discord, "running")
    assert labels(running) == ["Cancel"]

    answered = person.press(running, "Cancel")

    assert answered.body == {"type": 5, "data": {"flags": 64}}
    assert answered.text() == f"🛑 Cancelled **octocat/hello\\-world** #{build['number']}"
    cancelled = card(discord, "cancelled")
    eventually(lambda: "🛑 Cancelled by **" in description(card(discord, "cancelled")))
    assert cancelled["id"] == running["id"]
    eventually(lambda: labels(card(discord, "cancelled")) == ["Restart"])


def test_a_failed_build_is_restarted_and_both_cards_show_by_whom(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    failing = [{"name": "ci", "steps": [{"name": "test", "exit_code": 1}]}]
    build = drone.add_build(slug=SLUG, stages=failing)
    drone.leap()
    failed = card(discord, "failed")

    answered = person.press(failed, "Restart")

    number = build["number"] + 1
    assert answered.text().endswith(f"#{build['number']} as #{number}")
    eventually(lambda: f"as [#{number}]" in description(card(discord, "failed")))
    fresh = card(discord, "queued")
    assert "▶️ Started by **" in description(fresh)
    assert f"#{number} " in title(fresh)


def test_a_blocked_build_is_approved_by_a_command(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    build = drone.add_build(slug=SLUG, blocked=True)
    drone.leap(1)
    card(discord, "queued")

    answered = person.command("approve", repo=SLUG, number=build["number"])

    assert answered.text() == f"👍 Approved **octocat/hello\\-world** #{build['number']}"
    eventually(lambda: "👍 Approved by **" in description(cards(discord)[0]))
    drone.leap()
    card(discord, "passed")


def test_a_build_is_promoted(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    build = drone.add_build(slug=SLUG)
    drone.leap()
    card(discord, "passed")

    answered = person.command(
        "promote", repo=SLUG, number=build["number"], target="production", params="VERSION='1 2'"
    )

    assert answered.text().startswith("🚀 Promoted **octocat/hello\\-world**")
    eventually(lambda: "🚀 Promoted to **production** by" in description(card(discord, "passed")))
    (asked,) = drone.requests(method="POST")
    assert asked["query"] == "target=production&VERSION=1+2"


def test_of_two_presses_at_once_one_restarts(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    failing = [{"name": "ci", "steps": [{"name": "test", "exit_code": 1}]}]
    drone.add_build(slug=SLUG, stages=failing)
    drone.leap()
    failed = card(discord, "failed")

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: person.press(failed, "Restart"), range(4)))

    content = sorted(answer.text()[:1] for answer in answers)
    assert content == ["*", "*", "*", "🔁"]
    assert len(drone.requests(method="POST")) == 1


def test_the_same_interaction_twice_at_once_has_one_effect(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    failing = [{"name": "ci", "steps": [{"name": "test", "exit_code": 1}]}]
    build = drone.add_build(slug=SLUG, stages=failing)
    drone.leap()
    card(discord, "failed")
    data = command("restart", repo=SLUG, number=build["number"])
    made = discord.order("POST", "interactions", person.order(type=2, data=data))
    body = json.dumps(made).encode()

    def post(_: int) -> int:
        headers = signed(body, datetime.now(UTC))
        where = f"{bridge.url}/interactions"
        return requests.post(where, data=body, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(post, range(8)))

    assert statuses == [200] + [409] * 7
    person.discord_takes(made, {"type": 5, "data": {"flags": 64}})
    eventually(lambda: drone.requests(method="POST"))
    assert len(drone.requests(method="POST")) == 1


def test_a_member_without_the_right_changes_nothing(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    drone.add_build(slug=SLUG)
    drone.leap(5)
    running = card(discord, "running")
    person.permissions = 0

    answered = person.press(running, "Cancel")

    assert answered.text().startswith("You may look, but not act:")
    assert drone.requests(method="DELETE") == []


def test_people_look_at_builds_and_logs(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    person.permissions = 0
    log = "compiling\n\x1b[31mboom: ```\x1b[0m\nexit 1"
    steps = [{"name": "test", "exit_code": 1, "log": log}]
    build = drone.add_build(slug=SLUG, stages=[{"name": "ci", "steps": steps}])
    drone.leap()
    card(discord, "failed")
    number = build["number"]

    builds = person.command("builds").message()
    one = person.command("build", repo=SLUG, number=number).message()
    end = person.command("log", repo=SLUG, number=number).message()

    assert f"#{number}" in builds["embeds"][0]["description"]
    assert one["embeds"][0]["title"].endswith("❌ failed")
    assert "boom: " in end["embeds"][0]["description"]
    assert {message["flags"] for message in (builds, one, end)} == {64}


RENAMED = "octocat/renamed"


def test_a_button_acts_on_its_build_after_the_repository_was_renamed(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    number = drone.add_build(slug=SLUG)["number"]
    drone.leap(5)
    running = card(discord, "running")
    drone.rename_repo(SLUG, RENAMED)

    answered = person.press(running, "Cancel")

    assert answered.text() == f"🛑 Cancelled **octocat/renamed** #{number}"
    (asked,) = drone.requests(method="DELETE")
    assert asked["path"] == f"/api/repos/{RENAMED}/builds/{number}"


def test_what_became_private_is_not_shown_elsewhere(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    steps = [{"name": "test", "exit_code": 1, "log": "a secret\n"}]
    number = drone.add_build(slug=SLUG, stages=[{"name": "ci", "steps": steps}])["number"]
    drone.leap()
    card(discord, "failed")
    person.permissions = 0
    person.channel_id = ANOTHER_CHANNEL
    open_log = person.command("log", repo=SLUG, number=number).message()
    drone.set_repo(SLUG, private=True, visibility="private")

    build = person.command("build", repo=SLUG, number=number).text()
    log = person.command("log", repo=SLUG, number=number).text()
    builds = person.command("builds", repo=SLUG).message()

    assert "a secret" in open_log["embeds"][0]["description"]
    assert (build, log) == (HIDDEN, HIDDEN)
    assert builds["embeds"][0]["description"] == "None that this bridge knows."


def test_a_member_who_waits_for_drone_learns_that_the_server_ends(
    own_bridge: Bridge, discord: StandIn, drone: DroneStandIn
) -> None:
    person = Person(discord, own_bridge.url)
    number = drone.add_build(slug=SLUG)["number"]
    drone.leap()
    drone.add_fault("hang", method="POST")
    answered = person.command("restart", repo=SLUG, number=number)
    eventually(lambda: drone.requests(method="POST"))

    assert own_bridge.processes[0].end(signal.SIGTERM) == 0

    assert answered.text() == (
        "The bridge is being restarted. It may have done it all the same: look before you try "
        "again."
    )


def test_work_in_hand_is_finished_when_the_server_ends(
    own_bridge: Bridge, discord: StandIn, drone: DroneStandIn
) -> None:
    person = Person(discord, own_bridge.url)
    drone.add_build(slug=SLUG)
    drone.leap(5)
    running = card(discord, "running")
    drone.add_fault("slow", method="DELETE", seconds=2, times=1)
    answered = person.press(running, "Cancel")

    assert own_bridge.processes[0].end(signal.SIGTERM) == 0

    assert answered.text().startswith("🛑 Cancelled")


def test_the_bridge_never_shows_an_interactions_token(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    drone.add_build(slug=SLUG)
    drone.leap(5)
    running = card(discord, "running")
    drone.add_fault("reset", method="DELETE", times=0)

    answered = person.press(running, "Cancel")

    assert answered.text().startswith("Drone did not answer.")
    for process in bridge.processes:
        assert answered.token not in process.output()
        assert ADMIN_TOKEN not in process.output()


def test_the_cards_of_a_bridge_without_interactions_have_no_buttons(
    mongo_uri: str, discord: StandIn, drone: DroneStandIn, tmp_path: Path
) -> None:
    bridge = Bridge(environ_of(mongo_uri, discord, tmp_path), tmp_path, discord)
    bridge.start_server()
    bridge.start_worker()
    drone.send_to(bridge.url, SECRET)
    drone.add_build(slug=SLUG)
    drone.leap(5)

    assert labels(card(discord, "running")) == []
    assert requests.post(f"{bridge.url}/interactions", timeout=60).status_code == 404
    assert len(cards(discord)) == 1
    drone.lose_webhooks()
    bridge.stop()
