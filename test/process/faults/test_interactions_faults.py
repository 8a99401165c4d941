"""Interactions while things break: the database, Discord, and the server itself."""

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from discord_person import Person
from discord_signing import acting, command, signed
from stack import BUSY_SECONDS, Bridge, Database, environ_of, eventually

from playground.discord.process import StandIn
from playground.drone.rest.process import DroneStandIn

SLUG = "octocat/hello-world"


@pytest.fixture
def bridge(
    database: Database, discord: StandIn, drone: DroneStandIn, tmp_path: Path
) -> Iterator[Bridge]:
    """Give a server that answers interactions, over a database that the test may kill."""
    environ = {
        **environ_of(database.uri, discord, tmp_path),
        **acting(drone),
    }
    bridge = Bridge(environ, tmp_path, discord)
    bridge.start_server()
    yield bridge
    bridge.stop()


@pytest.fixture
def person(bridge: Bridge, discord: StandIn) -> Person:
    return Person(discord, bridge.url)


def post(bridge: Bridge, made: Any) -> requests.Response:
    body = json.dumps(made).encode()
    headers = signed(body, datetime.now(UTC))
    return requests.post(f"{bridge.url}/interactions", data=body, headers=headers, timeout=60)


def made(person: Person, kind: int, data: Any) -> Any:
    return person.discord.order("POST", "interactions", person.order(type=kind, data=data))


def is_held(bridge: Bridge) -> bool:
    """Tell whether somebody does something to a build now."""
    with bridge._database() as database:
        return database.claims.find_one({"by": {"$exists": True}}) is not None


def test_an_interaction_is_answered_once_even_after_a_crash(
    bridge: Bridge, drone: DroneStandIn, person: Person
) -> None:
    number = drone.add_build(slug=SLUG)["number"]
    drone.leap()
    restart = made(person, 2, command("restart", repo=SLUG, number=number))
    assert post(bridge, restart).status_code == 200
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.start_server()

    assert post(bridge, restart).status_code == 409


def test_what_a_crash_interrupts_is_not_done_again(
    bridge: Bridge, drone: DroneStandIn, person: Person
) -> None:
    number = drone.add_build(slug=SLUG)["number"]
    drone.leap()
    drone.add_fault("slow", method="POST", seconds=2, times=1)
    person.command("restart", repo=SLUG, number=number)
    eventually(lambda: is_held(bridge))
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.start_server()

    content = person.command("restart", repo=SLUG, number=number).text()

    assert "has done that to" in content
    assert len(drone.requests(method="POST")) <= 1


def test_while_the_database_is_dead_everything_is_answered_in_time(
    bridge: Bridge, database: Database, drone: DroneStandIn, person: Person
) -> None:
    number = drone.add_build(slug=SLUG)["number"]
    database.end(signal.SIGKILL)

    typing = made(person, 4, command("build", "repo", repo="octo"))
    suggested = post(bridge, typing)
    content = person.command("cancel", repo=SLUG, number=number)
    pong = post(bridge, {"type": 1})

    assert suggested.json() == {"type": 8, "data": {"choices": []}}
    assert content.text() == "The bridge's database does not answer; try again in a minute."
    assert pong.json() == {"type": 1}
    assert suggested.elapsed.total_seconds() < BUSY_SECONDS
    assert content.seconds < BUSY_SECONDS
    assert drone.requests(method="DELETE") == []


def test_when_the_database_is_back_people_can_act_again(
    bridge: Bridge, database: Database, drone: DroneStandIn, person: Person
) -> None:
    number = drone.add_build(slug=SLUG)["number"]
    drone.leap(5)
    database.end(signal.SIGKILL)
    person.command("cancel", repo=SLUG, number=number)
    database.start()

    def is_cancelled() -> bool:
        return person.command("cancel", repo=SLUG, number=number).text().startswith("🛑")

    assert eventually(is_cancelled)


def test_an_answer_that_discord_loses_is_given_again(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn, person: Person
) -> None:
    number = drone.add_build(slug=SLUG)["number"]
    drone.leap(5)
    discord.add_fault("reset", method="PATCH", times=2)

    content = person.command("cancel", repo=SLUG, number=number).text()

    assert content.startswith("🛑 Cancelled")
    assert len(drone.requests(method="DELETE")) == 1


def test_a_member_learns_that_drone_hangs(
    bridge: Bridge, drone: DroneStandIn, person: Person
) -> None:
    number = drone.add_build(slug=SLUG)["number"]
    drone.add_fault("hang", method="GET", times=1)

    assert person.command("cancel", repo=SLUG, number=number).text() == (
        "Drone did not answer; nothing was done."
    )


def test_a_member_learns_that_drone_refuses_the_token(
    bridge: Bridge, drone: DroneStandIn, person: Person
) -> None:
    number = drone.add_build(slug="acme/shop")["number"]
    drone.revoke_token("octocat")

    content = person.command("cancel", repo="acme/shop", number=number).text()

    assert content in (
        "Drone refuses the bridge's token: see to DRONE_TOKEN.",
        "Drone knows no such build, or the account of DRONE_TOKEN may not do that.",
    )
