"""Answers that get lost, and workers that die before they note them.

Every test ends with the same check: one message for every build that was accepted, and it tells the
truth.
"""

import signal
from datetime import UTC, datetime, timedelta

import pytest
from stack import (
    CHANNEL,
    MESSAGE,
    MESSAGES,
    Bridge,
    eventually,
    shown,
    tell,
    title_of,
    titles,
    truth,
)

from playground.discord.process import StandIn
from playground.drone.builds import play

PUSH = play("push")
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]


LOST_ANSWERS = {
    "a reset": {"do": "reset"},
    "an error": {"do": "answer", "status": 500},
    "a page": {"do": "page", "status": 502},
    "a timeout": {"do": "slow", "seconds": 6},
}


@pytest.mark.parametrize("fault", LOST_ANSWERS.values(), ids=LOST_ANSWERS)
def test_a_message_whose_answer_is_lost_is_not_made_again(
    shared_bridge: Bridge, discord: StandIn, fault: dict[str, object]
) -> None:
    discord.add_fault(**fault, when="after", method="POST", route=MESSAGES)  # type: ignore[arg-type]

    tell(shared_bridge, discord, CREATED, ENDED)

    assert len(discord.messages()) == 1
    assert titles(discord) == truth(PUSH)


def test_an_edit_whose_answer_is_lost_is_repeated(shared_bridge: Bridge, discord: StandIn) -> None:
    tell(shared_bridge, discord, CREATED)
    discord.add_fault("reset", when="after", method="PATCH", route=MESSAGE)

    tell(shared_bridge, discord, ENDED)

    assert titles(discord) == truth(PUSH)


def _kill_between_commit_and_note(bridge: Bridge, discord: StandIn) -> None:
    """Leave a message at Discord whose id no card knows."""
    discord.add_fault("slow", when="after", seconds=4, method="POST", route=MESSAGES)
    worker = bridge.start_worker(LEASE_SECONDS="1")
    assert bridge.post(CREATED) == 204
    eventually(lambda: shown(discord))
    worker.end(signal.SIGKILL)
    assert "message_id" not in bridge.card()


def test_a_worker_killed_before_it_notes_the_id_finds_its_message_by_the_nonce(
    bridge: Bridge, discord: StandIn
) -> None:
    _kill_between_commit_and_note(bridge, discord)

    bridge.start_worker(LEASE_SECONDS="1")
    tell(bridge, discord, ENDED)

    assert len(discord.messages()) == 1
    assert titles(discord) == truth(PUSH)


def _an_hour_later(bridge: Bridge, discord: StandIn) -> None:
    """Let the message be an hour old, its nonce forgotten and our note of it as old."""
    discord.set_clock(0)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    bridge.change_card({"unsure_since": hour_ago, "created_at": hour_ago})


def test_a_worker_back_after_an_hour_adopts_the_message_it_lost(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_clock(-3600)
    _kill_between_commit_and_note(bridge, discord)
    _an_hour_later(bridge, discord)

    bridge.start_worker(LEASE_SECONDS="1")
    tell(bridge, discord, ENDED)

    assert len(discord.messages()) == 1
    assert titles(discord) == truth(PUSH)


def test_without_the_history_a_lost_message_is_created_anew_and_logged(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_clock(-3600)
    _kill_between_commit_and_note(bridge, discord)
    _an_hour_later(bridge, discord)
    discord.set_channel(CHANNEL, deny=["READ_MESSAGE_HISTORY"])

    worker = bridge.start_worker(LEASE_SECONDS="1")
    tell(bridge, discord, ENDED)

    assert title_of(shown(discord)[-1]) == truth(PUSH)[0]
    assert "The channel cannot be searched for a lost message." in worker.output()


def test_an_ending_that_discord_takes_back_is_sent_once_more(
    shared_bridge: Bridge, discord: StandIn
) -> None:
    discord.add_fault("revert", seconds=0.5, method="PATCH", times=1)

    tell(shared_bridge, discord, CREATED)
    tell(shared_bridge, discord, ENDED)
    eventually(lambda: len(shown(discord)[0]["versions"]) == 4)

    (message,) = shown(discord)
    assert [version["cause"] for version in message["versions"]] == [
        "create",
        "edit",
        "revert",
        "edit",
    ]
    assert titles(discord) == truth(PUSH)
