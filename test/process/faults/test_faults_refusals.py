"""Discord refuses one request, and everything else goes on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from stack import (
    CHANNEL,
    MESSAGE,
    MESSAGES,
    Bridge,
    environ_of,
    eventually,
    shown,
    tell,
    title_of,
    titles,
    truth,
)

from playground.discord.options import SECOND_CHANNEL_ID as OTHER
from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.drone.scenarios.many import storm_of

PUSH = play("push")
# Another build of the same repository.
NEXT = [one for one in play(storm_of(2)) if one.subject == "octocat/hello-world #2"]
THREAD = 11
TOKEN = "token-of-the-backups"


@pytest.fixture
def pushing(mongo_uri: str, discord: StandIn, tmp_path: Path) -> Iterator[Bridge]:
    """Give a bridge that takes pushed messages."""
    environ = {**environ_of(mongo_uri, discord, tmp_path), "MESSAGES_TOKENS": f"ops:{TOKEN}"}
    bridge = Bridge(environ, tmp_path, discord)
    bridge.start_server()
    yield bridge
    bridge.stop()


def call(bridge: Bridge, method: str, path: str = "", message: str = "") -> dict[str, Any]:
    """Push a message, or ask for one."""
    answer: dict[str, Any] = requests.request(
        method,
        f"{bridge.url}/messages{path}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        json={"message": message} if message else None,
        timeout=60,
    ).json()
    return answer


def contents(discord: StandIn) -> list[str]:
    return sorted(message["versions"][-1]["content"] for message in shown(discord))


def statuses(discord: StandIn, method: str, route: str) -> list[int]:
    return [one["status"] for one in discord.requests(method=method) if one["route"] == route]


def test_in_a_thread_that_was_archived_new_builds_go_on_and_old_ones_end(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_channel(CHANNEL, type=THREAD)
    discord.add_fault(
        "answer", status=403, code=50013, method="PATCH", route="/channels/{channel_id}", times=0
    )
    bridge.start_worker()
    tell(bridge, discord, *PUSH[:2])
    discord.set_channel(CHANNEL, archived=True)

    bridge.post(PUSH[-1])
    eventually(lambda: 400 in statuses(discord, "PATCH", MESSAGE))
    for delivery in NEXT:
        bridge.post(delivery)
    eventually(lambda: titles(discord) == truth([*PUSH, *NEXT]))

    assert statuses(discord, "POST", MESSAGES) == [200, 200]


def test_a_thread_that_was_archived_is_opened_for_the_ending(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_channel(CHANNEL, type=THREAD)
    bridge.start_worker()
    tell(bridge, discord, *PUSH[:2])
    discord.set_channel(CHANNEL, archived=True)

    tell(bridge, discord, PUSH[-1])

    assert titles(discord) == truth(PUSH)
    assert len(shown(discord)) == 1


def test_a_file_that_may_not_be_attached_costs_its_own_message_alone(
    pushing: Bridge, discord: StandIn
) -> None:
    discord.set_channel(CHANNEL, deny=["ATTACH_FILES"])
    pushing.start_worker()
    text = "\n".join(str(number) for number in range(1, 701))

    identity = call(pushing, "POST", message=text)["id"]
    eventually(lambda: call(pushing, "GET", f"/{identity}")["status"] == "delivered")
    tell(pushing, discord, *PUSH)

    cut, build = shown(discord)
    assert cut["versions"][-1]["content"].startswith("1\n2\n3\n")
    assert cut["versions"][-1]["content"].endswith(
        f"… {len(text)} characters in all: Discord did not take the rest as a file"
    )
    assert title_of(build) == truth(PUSH)[0]
    assert pushing.health()["checks"]["discord"] == {"status": "ok"}


def test_a_channel_that_takes_no_new_messages_still_takes_edits(
    bridge: Bridge, discord: StandIn
) -> None:
    bridge.start_worker()
    tell(bridge, discord, *PUSH[:2])
    discord.set_channel(CHANNEL, deny=["SEND_MESSAGES"])

    for delivery in play(storm_of(5)):
        if delivery.subject != PUSH[0].subject:
            bridge.post(delivery)
    eventually(lambda: 403 in statuses(discord, "POST", MESSAGES))
    bridge.post(PUSH[-1])
    eventually(lambda: titles(discord) == truth(PUSH))

    assert statuses(discord, "POST", MESSAGES).count(403) == 3
    assert bridge.health()["checks"]["discord"]["detail"] == (
        "1 channel(s) cannot be written to: run the doctor to see why."
    )


def test_a_build_ends_where_it_began_when_the_channel_is_changed(
    bridge: Bridge, discord: StandIn
) -> None:
    first = bridge.start_worker()
    tell(bridge, discord, *PUSH[:2])
    first.end()

    bridge.start_worker(DISCORD_CHANNEL_ID=OTHER)
    tell(bridge, discord, *PUSH[2:], *NEXT)

    assert (titles(discord), titles(discord, OTHER)) == (truth(PUSH), truth(NEXT))


def test_what_waits_for_a_deleted_channel_is_given_up(bridge: Bridge, discord: StandIn) -> None:
    first = bridge.start_worker()
    tell(bridge, discord, *PUSH[:2])
    first.end()
    discord.remove_channel(CHANNEL)

    bridge.start_worker(DISCORD_CHANNEL_ID=OTHER)
    bridge.post(PUSH[-1])
    eventually(lambda: bridge.health()["checks"]["discord"]["status"] == "degraded")
    minutes_ago = datetime.now(UTC) - timedelta(minutes=6)
    bridge.change_card(
        {"refused_since": minutes_ago, "retry_at": minutes_ago, "due_at": minutes_ago}
    )
    eventually(lambda: "dropped" in bridge.card())

    assert "http_404_10003" in bridge.command("cards", "--dropped")
    eventually(lambda: bridge.health()["checks"]["discord"] == {"status": "ok"})


def _as_if_a_minute_had_passed(bridge: Bridge, discord: StandIn, count: int) -> None:
    """Let Discord be away until so many creates failed, and longer than a nonce is trusted."""
    outage = discord.add_fault("reset", method="POST", route=MESSAGES, times=0)

    def failed() -> bool:
        return sum("unsure_since" in card for card in bridge.cards()) == count

    eventually(failed)
    for process in bridge.processes[1:]:
        process.end()
    bridge.change_cards(
        {"unsure_since": {"$exists": True}},
        {"unsure_since": datetime.now(UTC) - timedelta(seconds=75)},
    )
    assert outage
    discord.clear_faults()


def test_messages_that_say_the_same_stay_two(pushing: Bridge, discord: StandIn) -> None:
    pushing.start_worker()
    first = call(pushing, "POST", message="disk full on nas1")["id"]
    eventually(pushing.is_at_rest)
    discord.add_fault("reset", method="POST", route=MESSAGES, times=0)
    others = [
        call(pushing, "POST", message="disk full on nas1")["id"],
        call(pushing, "PUT", "/backup-a", message="running…")["id"],
        call(pushing, "PUT", "/backup-b", message="running…")["id"],
    ]
    _as_if_a_minute_had_passed(pushing, discord, 3)

    pushing.start_worker()
    eventually(pushing.is_at_rest)
    call(pushing, "PUT", "/backup-a", message="done")
    eventually(lambda: "done" in contents(discord))

    urls = {call(pushing, "GET", f"/{identity}")["url"] for identity in (first, *others)}
    assert len(urls) == 4
    assert contents(discord) == [
        "disk full on nas1",
        "disk full on nas1",
        "done",
        "running…",
    ]


def test_a_lost_build_is_found_by_its_mark_after_its_address_was_changed(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(nonce_window_seconds=0.1)
    discord.add_fault("reset", when="after", method="POST", route=MESSAGES, times=1)
    discord.add_fault("reset", method="POST", route=MESSAGES, skip=1, times=0)
    bridge.start_worker(DRONE_PUBLIC_URL="https://drone.example.com")
    bridge.post(PUSH[0])
    eventually(lambda: shown(discord))
    _as_if_a_minute_had_passed(bridge, discord, 1)

    bridge.start_worker(DRONE_PUBLIC_URL="https://ci.example.com")
    tell(bridge, discord, PUSH[-1])

    assert titles(discord) == truth(PUSH)
    assert len(discord.messages()) == 1


def test_without_the_history_a_lost_build_is_repeated_by_its_nonce(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_channel(CHANNEL, deny=["READ_MESSAGE_HISTORY"])
    discord.add_fault("reset", when="after", method="POST", route=MESSAGES, times=1)
    discord.add_fault("reset", method="POST", route=MESSAGES, skip=1, times=0)
    bridge.start_worker()
    bridge.post(PUSH[0])
    eventually(lambda: shown(discord))
    _as_if_a_minute_had_passed(bridge, discord, 1)

    worker = bridge.start_worker()
    tell(bridge, discord, PUSH[-1])

    assert titles(discord) == truth(PUSH)
    assert len(discord.messages()) == 1
    assert "The channel cannot be searched for a lost message." in worker.output()
    bodies = [json.loads(one["body"]) for one in discord.requests(method="POST")]
    assert len({body["nonce"] for body in bodies}) == 1
