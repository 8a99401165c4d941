"""Interactions on hosts that freeze after the answer: acknowledged, done, shown, then answered."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from discord_person import Answered, Person
from discord_signing import ANOTHER_KEY, acting, command, signed
from hosts import AWS, AZURE, Call, Event, Host, running
from stack import SECRET, Bridge, environ_of, shown

from playground.discord.process import StandIn
from playground.drone.rest.process import DroneStandIn

SLUG = "octocat/hello-world"
SHAPES: dict[str, tuple[str, Callable[[Call], Event]]] = {
    **{f"aws {name}": ("aws_lambda", shape) for name, shape in AWS.items()},
    **{f"azure {name}": ("azure_functions", shape) for name, shape in AZURE.items()},
}


@pytest.fixture
def bridge(mongo_uri: str, discord: StandIn, drone: DroneStandIn, tmp_path: Path) -> Bridge:
    """Give a bridge without processes of its own: the host has them."""
    environ = environ_of(mongo_uri, discord, tmp_path) | {
        **acting(drone),
        "DRONE_WEBHOOK_SECRET": SECRET,
    }
    bridge = Bridge(environ, tmp_path, discord)
    bridge.make_collections()
    return bridge


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def ask(
    request: pytest.FixtureRequest, bridge: Bridge, tmp_path: Path
) -> Iterator[Callable[..., tuple[int, Any]]]:
    """Give what hands a request to a process of each host, and returns status and body."""
    entry, shape = request.param
    with running(entry, bridge.environ, tmp_path / "host.log") as host:

        def ask(made: Any, **headers: str) -> tuple[int, Any]:
            return post(host, shape, made, headers)

        yield ask


def post(
    host: Host, shape: Callable[[Call], Event], made: Any, headers: dict[str, str]
) -> tuple[int, Any]:
    body = json.dumps(made).encode()
    proof = headers or signed(body, datetime.now(UTC))
    answer = host.call(shape(Call("POST", "/interactions", proof, body)))
    text = answer["body"]
    return answer.get("statusCode") or answer["status"], json.loads(text) if text else None


Ask = Callable[..., tuple[int, Any]]


def test_a_ping_is_answered(ask: Ask) -> None:
    assert ask({"type": 1}) == (200, {"type": 1})


def test_a_forged_interaction_is_refused(ask: Ask) -> None:
    forged = signed(b'{"type": 1}', datetime.now(UTC), ANOTHER_KEY)

    status, body = ask({"type": 1}, **forged)

    assert (status, body["error"]) == (401, "bad_interaction_signature")


def test_a_command_is_done_and_shown_before_the_request_ends(
    ask: Ask, bridge: Bridge, discord: StandIn, drone: DroneStandIn
) -> None:
    number = drone.add_build(slug=SLUG)["number"]
    drone.leap()
    person = Person(discord, "")
    data = command("restart", repo=SLUG, number=number)
    made = discord.order("POST", "interactions", person.order(type=2, data=data))

    answer = ask(made)

    assert answer == (202, None)
    told = Answered(discord, made["token"], 202, None, 0).text()
    assert told == f"🔁 Restarted **octocat/hello\\-world** #{number} as #{number + 1}"
    cards = [one["versions"][-1] for one in shown(discord) if one["versions"][-1]["embeds"]]
    assert ["Started by **" in card["embeds"][0]["description"] for card in cards] == [True]


def test_what_the_database_knows_is_answered_at_once(ask: Ask, discord: StandIn) -> None:
    person = Person(discord, "")
    made = discord.order("POST", "interactions", person.order(type=2, data=command("builds")))

    status, body = ask(made)

    assert (status, body["type"]) == (200, 4)
