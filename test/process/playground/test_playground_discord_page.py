"""The stand-in serves its page without anything from outside, and tells it what happens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from playground.discord.options import APPLICATION_ID, CHANNEL_ID, SECOND_CHANNEL_ID, TOKEN
from playground.discord.process import StandIn, running

HEADERS = {
    "Authorization": f"Bot {TOKEN}",
    "User-Agent": "DiscordBot (https://example.org/drone-discord, 0.1)",
}
STATIC = Path(__file__).parent.parent.parent.parent / "playground" / "discord" / "static"
FILES = sorted(path.name for path in STATIC.iterdir())


@pytest.fixture(scope="module")
def process() -> Iterator[StandIn]:
    with running("--no-limits") as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(process: StandIn) -> StandIn:
    process.reset()
    return process


def create(stand_in: StandIn, channel_id: str = CHANNEL_ID, content: str = "x") -> str:
    """Create a message as the bot and return its id."""
    url = f"{stand_in.api}/channels/{channel_id}/messages"
    answer = requests.post(url, json={"content": content}, headers=HEADERS, timeout=60)
    return str(answer.json()["id"])


@contextmanager
def events(stand_in: StandIn, query: str = "") -> Iterator[Iterator[dict[str, Any]]]:
    """Listen to the page's events."""
    url = f"{stand_in.address}/view/events{query}"
    with requests.get(url, stream=True, timeout=60) as response:
        lines = response.iter_lines()
        assert next(lines) == b"retry: 1000"
        yield (json.loads(line[6:]) for line in lines if line.startswith(b"data: "))


@pytest.mark.parametrize("path", ["/", "/requests", *[f"/static/{name}" for name in FILES]])
def test_every_file_forbids_what_is_not_its_own(stand_in: StandIn, path: str) -> None:
    response = requests.get(stand_in.address + path, timeout=60)

    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_an_address_outside(name: str) -> None:
    text = (STATIC / name).read_text()

    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)[\w.]+", text) == []


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".js", ".html"))])
def test_no_file_turns_text_into_markup(name: str) -> None:
    text = (STATIC / name).read_text()

    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|style=|\bon\w+="
    assert re.findall(forbidden, text) == []


@pytest.mark.parametrize("path", ["/static/nothing.js", "/static/..%2f..%2foptions.py"])
def test_nothing_else_is_served(stand_in: StandIn, path: str) -> None:
    assert requests.get(stand_in.address + path, timeout=60).status_code == 404


def test_the_state_shows_one_channel(stand_in: StandIn) -> None:
    first = create(stand_in)
    second = create(stand_in, SECOND_CHANNEL_ID)

    def shown(query: str) -> list[str]:
        state = requests.get(f"{stand_in.address}/view/state{query}", timeout=60).json()
        return [one["id"] for one in state["messages"]]

    assert shown("") == [first]
    assert shown(f"?channel_id={SECOND_CHANNEL_ID}") == [second]
    assert shown("?channel_id=5") == [first]


def test_the_state_shows_the_newest_hundred_messages(stand_in: StandIn) -> None:
    ids = [create(stand_in) for _ in range(101)]

    state = requests.get(f"{stand_in.address}/view/state", timeout=60).json()

    assert [one["id"] for one in state["messages"]] == ids[1:]


def test_the_state_shows_who_is_there(stand_in: StandIn) -> None:
    state = requests.get(f"{stand_in.address}/view/state", timeout=60).json()

    assert [(one["name"], one["is_viewer"], one["status"]) for one in state["members"]] == [
        ("Drone", False, "offline"),
        ("ada", True, "online"),
        ("grace", False, "offline"),
    ]
    assert state["bot_id"] == APPLICATION_ID


def test_the_page_hears_of_a_message_from_beginning_to_end(stand_in: StandIn) -> None:
    with events(stand_in) as heard:
        message_id = create(stand_in, content="one")
        url = f"{stand_in.api}/channels/{CHANNEL_ID}/messages/{message_id}"
        requests.patch(url, json={"content": "two"}, headers=HEADERS, timeout=60)
        stand_in.delete_message(message_id)

        created, edited, deleted = next(heard), next(heard), next(heard)

    assert (created["kind"], created["message"]["content"]) == ("message", "one")
    assert (edited["kind"], edited["message"]["content"]) == ("message", "two")
    assert deleted == {"kind": "delete", "id": message_id, "channel_id": CHANNEL_ID}


def test_the_page_reads_everything_anew_when_the_world_changes(stand_in: StandIn) -> None:
    with events(stand_in) as heard:
        stand_in.set_channel("1100000000000000077", name="releases")
        assert next(heard) == {"kind": "reload"}

        stand_in.reset()
        assert next(heard) == {"kind": "reload"}


def test_the_request_view_hears_of_requests_only(stand_in: StandIn) -> None:
    with events(stand_in, "?requests=1") as heard:
        create(stand_in)
        event = next(heard)

    assert event["kind"] == "request"
    assert event["request"]["route"] == "/channels/{channel_id}/messages"
    assert event["counts"]["requests"] == 1


def test_the_request_view_starts_with_what_was_asked_before(stand_in: StandIn) -> None:
    create(stand_in)

    state = requests.get(f"{stand_in.address}/view/requests", timeout=60).json()

    assert [one["status"] for one in state["requests"]] == [200]
    assert state["counts"]["statuses"] == {"200": 1}


def test_a_file_of_a_message_cannot_run_in_the_page(stand_in: StandIn) -> None:
    url = f"{stand_in.api}/channels/{CHANNEL_ID}/messages"
    parts = {"files[0]": ("x.html", b"<script>alert(1)</script>", "text/html")}
    created = requests.post(url, files=parts, headers=HEADERS, timeout=60).json()

    response = requests.get(created["attachments"][0]["url"], timeout=60)

    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in response.headers["Content-Security-Policy"]
