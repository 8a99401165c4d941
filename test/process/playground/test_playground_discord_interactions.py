"""The stand-in registers commands and takes answers to interactions as Discord does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from playground.discord.core.command import commands
from playground.discord.options import APPLICATION_ID, CHANNEL_ID, GUILD_ID, TOKEN
from playground.discord.process import StandIn, running

HEADERS = {
    "Authorization": f"Bot {TOKEN}",
    "User-Agent": "DiscordBot (https://example.org/drone-discord, 0.1)",
}
GUILD = f"/applications/{APPLICATION_ID}/guilds/{GUILD_ID}/commands"
GLOBAL = f"/applications/{APPLICATION_ID}/commands"


def command(name: str = "builds", **parts: object) -> dict[str, Any]:
    """Make a command that is right but for *parts*."""
    return {"name": name, "description": "Show builds", **parts}


def option(name: str = "repo", **parts: object) -> dict[str, Any]:
    """Make a text option that is right but for *parts*."""
    return {"type": 3, "name": name, "description": "d", **parts}


def choices(count: int) -> list[dict[str, str]]:
    """Make that many choices."""
    return [{"name": str(n), "value": str(n)} for n in range(count)]


LIMITS: list[tuple[str, Any, Any, str]] = [
    ("name", [command("x" * 32)], [command("x" * 33)], "BASE_TYPE_BAD_LENGTH"),
    ("description", [command(description="x" * 100)], [command(description="x" * 101)],
     "BASE_TYPE_BAD_LENGTH"),
    ("options", [command(options=[option(str(n)) for n in range(25)])],
     [command(options=[option(str(n)) for n in range(26)])], "BASE_TYPE_MAX_LENGTH"),
    ("choices", [command(options=[option(choices=choices(25))])],
     [command(options=[option(choices=choices(26))])], "BASE_TYPE_MAX_LENGTH"),
    ("chat commands", [command(str(n)) for n in range(100)],
     [command(str(n)) for n in range(101)], "BASE_TYPE_MAX_LENGTH"),
    ("message commands", [{"type": 3, "name": str(n)} for n in range(15)],
     [{"type": 3, "name": str(n)} for n in range(16)], "BASE_TYPE_MAX_LENGTH"),
    ("case", [command("restart-build_2")], [command("Restart")],
     "APPLICATION_COMMAND_INVALID_NAME"),
    ("signs", [command("größe")], [command("a b")], "APPLICATION_COMMAND_INVALID_NAME"),
    ("one name once", [command("a"), command("b")], [command("a"), command("a")],
     "APPLICATION_COMMANDS_DUPLICATE_NAME"),
    ("required first", [command(options=[option("a", required=True), option("b")])],
     [command(options=[option("a"), option("b", required=True)])],
     "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
    ("depth",
     [command(options=[option("g", type=2, options=[option("s", type=1, options=[option()])])])],
     [command(options=[option("g", type=2, options=[option("h", type=2)])])],
     "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "at", "above", "code"), LIMITS, ids=[row[0] for row in LIMITS])
def test_commands_at_the_limit_are_accepted(_name: str, at: Any, above: Any, code: str) -> None:
    assert list(commands(at)) == []


@pytest.mark.parametrize(("_name", "at", "above", "code"), LIMITS, ids=[row[0] for row in LIMITS])
def test_commands_above_the_limit_are_refused(_name: str, at: Any, above: Any, code: str) -> None:
    assert code in [one.code for one in commands(above)]


@pytest.fixture(scope="module")
def process() -> Iterator[StandIn]:
    with running("--no-limits") as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(process: StandIn) -> StandIn:
    process.reset()
    return process


def ask(stand_in: StandIn, method: str, path: str, body: object = None) -> requests.Response:
    """Ask the API as the bot."""
    url = stand_in.api + path
    return requests.request(method, url, json=body, headers=HEADERS, timeout=60)


def answer(stand_in: StandIn, method: str, path: str, body: object = None) -> requests.Response:
    """Ask the API without the bot's token, as one who only has an interaction's."""
    headers = {"User-Agent": HEADERS["User-Agent"]}
    return requests.request(method, stand_in.api + path, json=body, headers=headers, timeout=60)


def press(stand_in: StandIn, **order: object) -> tuple[str, str]:
    """Let a person start an interaction; return its callback's and its webhook's path."""
    made = stand_in.order("POST", "interactions", order)
    callback = f"/interactions/{made['id']}/{made['token']}/callback"
    return callback, f"/webhooks/{APPLICATION_ID}/{made['token']}"


def error(response: requests.Response) -> tuple[int, int]:
    """Return status and Discord's code of a refusal."""
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("path", [GUILD, GLOBAL], ids=["guild", "global"])
def test_a_bulk_overwrite_replaces_all_commands(stand_in: StandIn, path: str) -> None:
    before = ask(stand_in, "PUT", path, [command("a"), command("b")]).json()

    after = ask(stand_in, "PUT", path, [command("b"), command("c")]).json()

    assert [one["name"] for one in after] == ["b", "c"]
    assert after[0]["id"] == before[1]["id"]
    assert ask(stand_in, "GET", path).json() == after


def test_creating_a_command_twice_replaces_it(stand_in: StandIn) -> None:
    first = ask(stand_in, "POST", GUILD, command())
    second = ask(stand_in, "POST", GUILD, command(description="other"))

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["id"] == first.json()["id"]


def test_a_command_can_be_changed_then_removed(stand_in: StandIn) -> None:
    path = f"{GUILD}/{ask(stand_in, 'POST', GUILD, command()).json()['id']}"

    changed = ask(stand_in, "PATCH", path, {"description": "other"}).json()
    removed = ask(stand_in, "DELETE", path)

    assert changed["description"] == "other"
    assert removed.status_code == 204
    assert error(ask(stand_in, "GET", path)) == (404, 10063)


def test_a_wrong_command_is_refused_where_it_is_wrong(stand_in: StandIn) -> None:
    response = ask(stand_in, "PUT", GUILD, [command(), command("B")])

    assert error(response) == (400, 50035)
    assert list(response.json()["errors"]) == ["1"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/applications/5/commands", (404, 10002)),
        (f"/applications/{APPLICATION_ID}/guilds/5/commands", (403, 50001)),
    ],
    ids=["application", "guild"],
)
def test_commands_belong_to_a_known_place(
    stand_in: StandIn, path: str, expected: tuple[int, int]
) -> None:
    assert error(ask(stand_in, "GET", path)) == expected


def test_an_interaction_is_answered_by_its_callback(stand_in: StandIn) -> None:
    callback, webhook = press(stand_in)

    response = answer(stand_in, "POST", callback, {"type": 4, "data": {"content": "pong"}})

    assert response.status_code == 204
    original = answer(stand_in, "GET", f"{webhook}/messages/@original").json()
    assert original["content"] == "pong"


def test_an_interaction_is_answered_once(stand_in: StandIn) -> None:
    callback, _ = press(stand_in)
    body = {"type": 4, "data": {"content": "pong"}}
    answer(stand_in, "POST", callback, body)

    assert error(answer(stand_in, "POST", callback, body)) == (400, 40060)


@pytest.mark.parametrize(("seconds", "status"), [(2, 204), (3.1, 404)])
def test_the_first_answer_has_three_seconds(stand_in: StandIn, seconds: float, status: int) -> None:
    callback, _ = press(stand_in)
    stand_in.advance(seconds)

    assert answer(stand_in, "POST", callback, {"type": 5}).status_code == status


def test_a_deferred_answer_is_completed_by_an_edit(stand_in: StandIn) -> None:
    callback, webhook = press(stand_in)
    answer(stand_in, "POST", callback, {"type": 5, "data": {"flags": 64}})

    done = answer(stand_in, "PATCH", f"{webhook}/messages/@original", {"content": "done"}).json()

    assert (done["content"], done["flags"], done["edited_timestamp"]) == ("done", 64, None)


def test_an_ephemeral_answer_is_hidden_from_the_bots_own_routes(stand_in: StandIn) -> None:
    callback, webhook = press(stand_in)
    answer(stand_in, "POST", callback, {"type": 4, "data": {"content": "x", "flags": 64}})
    original = answer(stand_in, "GET", f"{webhook}/messages/@original").json()

    path = f"/channels/{CHANNEL_ID}/messages/{original['id']}"
    assert error(ask(stand_in, "GET", path)) == (404, 10008)


def test_a_button_can_change_its_message(stand_in: StandIn) -> None:
    path = f"/channels/{CHANNEL_ID}/messages"
    card = ask(stand_in, "POST", path, {"content": "card"}).json()
    callback, _ = press(stand_in, type=3, message_id=card["id"], data={"custom_id": "go"})

    answer(stand_in, "POST", callback, {"type": 7, "data": {"content": "restarted"}})

    assert ask(stand_in, "GET", f"{path}/{card['id']}").json()["content"] == "restarted"


def test_an_answer_is_judged_like_a_message(stand_in: StandIn) -> None:
    callback, _ = press(stand_in)

    response = answer(stand_in, "POST", callback, {"type": 4, "data": {"content": "x" * 2001}})

    assert error(response) == (400, 50035)


def test_a_follow_up_is_a_message_of_its_own(stand_in: StandIn) -> None:
    callback, webhook = press(stand_in)
    answer(stand_in, "POST", callback, {"type": 4, "data": {"content": "first"}})

    follow_up = answer(stand_in, "POST", webhook, {"content": "second"}).json()

    path = f"{webhook}/messages/{follow_up['id']}"
    assert answer(stand_in, "DELETE", path).status_code == 204
    assert [one["versions"][0]["content"] for one in stand_in.messages()] == ["first", "second"]


def test_a_follow_up_before_the_answer_is_unknown(stand_in: StandIn) -> None:
    _, webhook = press(stand_in)

    assert error(answer(stand_in, "POST", webhook, {"content": "x"})) == (404, 10015)


@pytest.mark.parametrize(("seconds", "status"), [(890, 200), (901, 401)])
def test_a_token_is_valid_for_fifteen_minutes(
    stand_in: StandIn, seconds: float, status: int
) -> None:
    callback, webhook = press(stand_in)
    answer(stand_in, "POST", callback, {"type": 4, "data": {"content": "x"}})
    stand_in.advance(seconds)

    assert answer(stand_in, "GET", f"{webhook}/messages/@original").status_code == status


def test_the_interactions_endpoint_can_be_set(stand_in: StandIn) -> None:
    url = "https://bridge.example.org/interactions"

    changed = ask(stand_in, "PATCH", "/applications/@me", {"interactions_endpoint_url": url})

    assert changed.json()["interactions_endpoint_url"] == url
    assert ask(stand_in, "GET", "/oauth2/applications/@me").json() == changed.json()
