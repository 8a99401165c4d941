"""Pushed messages through the whole bridge: processes, a database and Discord's stand-in."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from push import APP, Push
from stack import Database, eventually, shown, titles

from playground.discord.options import CHANNEL_ID as CHANNEL
from playground.discord.process import StandIn
from playground.drone.builds import play


def contents(discord: StandIn) -> list[str]:
    return [message["versions"][-1]["content"] for message in shown(discord)]


@pytest.mark.smoke
def test_a_posted_message_is_shown_and_its_sender_told_where(push: Push, discord: StandIn) -> None:
    identity = push.post("Greetings! I'm Space Ghost.")
    before = push.status(identity)
    push.bridge.start_worker()
    eventually(push.bridge.is_at_rest)

    (message,) = shown(discord)
    assert contents(discord) == ["Greetings! I'm Space Ghost."]
    assert before == {"id": identity, "channel": "default", "status": "waiting"}
    assert push.status(identity) == {
        "id": identity,
        "channel": "default",
        "status": "delivered",
        "url": f"https://discord.com/channels/@me/{CHANNEL}/{message['id']}",
    }
    assert push.status(identity, token=APP)["error"] == "unknown_message"


def test_a_key_names_one_message_that_is_edited_removed_and_made_anew(
    push: Push, discord: StandIn
) -> None:
    push.bridge.start_worker()
    identity = push.put("backup-nas", "running…")
    eventually(lambda: contents(discord) == ["running…"])
    assert push.put("backup-nas", "done", level="success", title="NAS") == identity
    eventually(lambda: titles(discord) == ["NAS"])
    (first,) = shown(discord)

    push.send("DELETE", "/backup-nas")
    eventually(lambda: shown(discord) == [])
    eventually(lambda: push.status(identity)["status"] == "removed")
    push.put("backup-nas", "running again…")
    eventually(lambda: contents(discord) == ["running again…"])

    assert [len(message["versions"]) for message in discord.messages()] == [2, 1]
    assert first["versions"][-1]["embeds"][0]["color"] == 0x42C768
    assert push.put("backup-nas", "running again…") == identity


def test_while_updates_wait_only_the_newest_is_sent(push: Push, discord: StandIn) -> None:
    for part in range(20):
        push.put("progress", f"{part} of 20")
    push.send("DELETE", "/never-put")
    push.bridge.start_worker()
    eventually(push.bridge.is_at_rest)

    (message,) = discord.messages()
    assert [version["content"] for version in message["versions"]] == ["19 of 20"]


def test_a_long_message_goes_along_as_a_file_that_an_update_replaces(
    push: Push, discord: StandIn
) -> None:
    text = "".join(f"line {number} of the log: ✓\n" for number in range(4200))
    assert len(text.encode()) > 100_000
    push.bridge.start_worker()

    push.put("log", text)
    eventually(lambda: shown(discord))
    assert files(discord) == [text]
    push.put("log", text + "the end")
    eventually(lambda: files(discord) == [text + "the end"])
    push.put("log", "short")
    eventually(lambda: contents(discord) == ["short"])

    assert files(discord) == []
    (message,) = shown(discord)
    beginning = message["versions"][0]["content"]
    assert beginning.startswith("line 0 of the log: ✓\nline 1 ")
    assert beginning.endswith(f"\n… {len(text)} characters in all: see message.txt")


def files(discord: StandIn) -> list[str]:
    """Return the attached files as they can be downloaded."""
    (message,) = shown(discord)
    return [
        requests.get(one["url"], timeout=60).content.decode()
        for one in message["versions"][-1]["attachments"]
    ]


def test_only_a_token_that_may_rings_people_and_silent_is_silent(
    push: Push, discord: StandIn
) -> None:
    push.bridge.start_worker()
    push.post("@everyone one")
    push.post("@everyone two", token=APP)
    push.post("@everyone three", token=APP, level="error")
    push.post("four", silent=True)
    eventually(push.bridge.is_at_rest)

    bodies = [json.loads(request["body"]) for request in discord.requests(method="POST")]
    sent = {
        body["content"]: (body["allowed_mentions"]["parse"], body.get("flags", 0))
        for body in bodies
    }
    allowed = ["users", "roles", "everyone"]
    assert sent == {
        "@everyone one": ([], 0),
        "@everyone two": (allowed, 0),
        "@everyone": (allowed, 0),
        "four": ([], 4096),
    }


def test_what_arrives_while_mongodb_is_away_is_shown_once_after_a_restart(
    push: Push, discord: StandIn, database: Database
) -> None:
    push.restart(MONGO_URI=database.uri)
    worker = push.bridge.start_worker()
    eventually(lambda: "holds the lease" in worker.output())
    kept = {"Idempotency-Key": "disk-1"}
    first = push.send(data="disk full", headers=kept).json()
    database.end()

    again = push.send(data="disk full", headers=kept).json()
    other = push.send(data="disk empty", headers={"Idempotency-Key": "disk-2"})
    clash = push.send(data="disk gone", headers={"Idempotency-Key": "disk-2"})
    waiting = push.status(other.json()["id"])
    worker.end(signal.SIGKILL)
    database.start()
    push.bridge.start_worker()
    eventually(lambda: sorted(contents(discord)) == ["disk empty", "disk full"])

    assert again == first
    assert (other.status_code, clash.status_code) == (202, 409)
    assert waiting["status"] == "waiting"


def test_one_key_is_one_message_however_many_ask_at_once(push: Push, discord: StandIn) -> None:
    def ask(number: int) -> tuple[int, str]:
        headers = {"Idempotency-Key": "one"}
        response = push.send(data=f"text {number % 2}", headers=headers)
        return response.status_code, response.json().get("id", "")

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(ask, range(16)))
    push.bridge.start_worker()
    eventually(push.bridge.is_at_rest)

    assert len(shown(discord)) == 1
    assert len({identity for status, identity in answers if status == 202}) == 1
    assert {status for status, _ in answers} == {202, 409}


def test_a_token_that_sends_too_many_is_told_when_to_come_back(push: Push) -> None:
    push.restart(MESSAGES_PER_MINUTE="5")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: push.send(data=f"{number}"), range(12)))

    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 7
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert push.send(data="another", token=APP).status_code == 202


def test_builds_go_before_the_backlog_and_tokens_take_turns(push: Push, discord: StandIn) -> None:
    discord.set_limits(messages="5/0.5")
    for number in range(12):
        push.post(f"ops {number}")
    for number in range(2):
        push.post(f"app {number}", token=APP)
    build = play("push")
    push.bridge.post(build[0])
    push.bridge.start_worker()
    eventually(push.bridge.is_at_rest)

    order = [
        message["versions"][0]["content"] or "build"
        for message in sorted(shown(discord), key=lambda message: int(message["id"]))
    ]
    assert order[:5] == ["build", "ops 0", "app 0", "ops 1", "app 1"]


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_what_a_person_deleted_comes_back_once_with_news(
    push: Push, discord: StandIn, times: int
) -> None:
    push.bridge.start_worker()
    identity = push.put("nas", "0")
    for number in range(times):
        eventually(push.bridge.is_at_rest)
        (message,) = shown(discord)
        discord.delete_message(message["id"])
        push.put("nas", f"{number + 1}")
        eventually(lambda: push.bridge.deliveries()[-1].get("merged_at"))
    eventually(push.bridge.is_at_rest)

    assert contents(discord) == (["1"] if times == 1 else [])
    assert push.status(identity)["status"] == ("delivered" if times == 1 else "dropped")
