"""Discord is away, limits, refuses, and people delete messages.

Every test ends with the same check: one message for every build that was accepted, and it tells the
truth.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from stack import (
    CHANNEL,
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
from playground.drone.scenarios.many import storm_of

PUSH = play("push")
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]


def test_after_an_outage_of_discord_every_build_shows_its_newest_state(
    shared_bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="5/0.5")
    deliveries = play(storm_of(6))
    outage = discord.add_fault("reset", when="before", times=0)

    for delivery in deliveries:
        assert shared_bridge.post(delivery) == 204
    eventually(lambda: _hits(discord, outage) >= 5)
    assert _hits(discord, outage) < 12
    discord.clear_faults()
    eventually(shared_bridge.is_at_rest)

    assert titles(discord) == truth(deliveries)
    # What waited was made only of the newest: nothing older than the truth was shown on the way.
    versions = [version for message in shown(discord) for version in message["versions"]]
    assert {version["embeds"][0]["title"] for version in versions} == set(truth(deliveries))


def _hits(discord: StandIn, fault_id: str) -> int:
    return next(
        int(fault["hits"]) for fault in discord.order("GET", "faults") if fault["id"] == fault_id
    )


SCOPES = ("user", "shared", "sublimit", "global", "cloudflare")


@pytest.mark.parametrize("scope", SCOPES)
def test_a_limit_is_waited_out_as_it_demands(
    shared_bridge: Bridge, discord: StandIn, scope: str
) -> None:
    code = {"sublimit": 20028}.get(scope, 0)
    discord.add_fault("limit", scope=scope, retry_after=1.5, code=code, method="POST", times=1)

    tell(shared_bridge, discord, CREATED, ENDED)

    posts = [entry for entry in discord.requests(method="POST") if entry["route"] == MESSAGES]
    assert [entry["status"] for entry in posts] == [429, 200]
    assert posts[1]["at"] - posts[0]["at"] >= 1.5
    assert titles(discord) == truth(PUSH)


def test_an_old_message_is_edited_for_a_change_of_state_alone(
    shared_bridge: Bridge, discord: StandIn
) -> None:
    discord.set_clock(-3700)
    tell(shared_bridge, discord, CREATED, RUNNING)
    discord.set_clock(0)
    shared_bridge.change_card({"message_at": datetime.now(UTC) - timedelta(seconds=3700)})
    before = len(discord.requests(method="PATCH"))

    tell(shared_bridge, discord, *PUSH[2:-1])
    assert len(discord.requests(method="PATCH")) == before

    tell(shared_bridge, discord, ENDED)
    assert titles(discord) == truth(PUSH)


def test_an_ending_whose_edits_stay_refused_is_told_by_a_reply(
    shared_bridge: Bridge, discord: StandIn
) -> None:
    tell(shared_bridge, discord, CREATED, RUNNING)
    shared_bridge.change_card({"message_at": datetime.now(UTC) - timedelta(seconds=3700)})
    discord.add_fault(
        "limit", scope="sublimit", code=30046, retry_after=0.2, method="PATCH", times=4
    )

    tell(shared_bridge, discord, ENDED)

    card, reply = shown(discord)
    assert reply["reply_to"] == card["id"]
    assert {title_of(card), title_of(reply)} == set(truth(PUSH))


def test_a_message_that_a_person_deleted_comes_back_once_for_the_ending(
    shared_bridge: Bridge, discord: StandIn
) -> None:
    tell(shared_bridge, discord, CREATED)
    (first,) = shown(discord)
    discord.delete_message(first["id"])

    tell(shared_bridge, discord, RUNNING)
    assert shown(discord) == []

    tell(shared_bridge, discord, ENDED)
    assert titles(discord) == truth(PUSH)

    (second,) = shown(discord)
    discord.delete_message(second["id"])
    shared_bridge.change_card({"due_at": datetime.now(UTC), "is_due": True, "shown": ""})
    eventually(shared_bridge.is_at_rest)
    assert shown(discord) == []


def test_a_refused_token_stops_all_sending_and_loses_nothing(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="5/0.5")
    deliveries = play(storm_of(5))
    discord.revoke_token()
    worker = bridge.start_worker()

    for delivery in deliveries:
        bridge.post(delivery)
    eventually(lambda: bridge.health()["status"] == "failing")
    assert bridge.health()["checks"]["discord"] == {
        "status": "failing",
        "reason": "token_refused",
        "detail": "Discord refuses the bot's token: put a valid DISCORD_TOKEN.",
    }
    assert discord.counts()["statuses"] == {"401": 1}
    assert worker.output().count("ERROR") == 1

    worker.end()
    discord.revoke_token(revoked=False)
    bridge.start_worker()
    eventually(bridge.is_at_rest)
    assert titles(discord) == truth(deliveries)


def test_a_channel_that_may_not_be_written_to_waits_with_one_line(
    bridge: Bridge, discord: StandIn
) -> None:
    deliveries = play(storm_of(5))
    discord.set_channel(CHANNEL, deny=["SEND_MESSAGES"])
    worker = bridge.start_worker()

    for delivery in deliveries:
        bridge.post(delivery)
    eventually(lambda: worker.output().count("ERROR") == 1)
    statuses = discord.counts()["statuses"]
    eventually(lambda: bridge.health()["status"] == "degraded")

    # A card, the same as plain text, and another card; after a pause one is tried again.
    assert statuses == {"403": 3}
    assert bridge.health()["checks"]["discord"]["detail"] == (
        "1 channel(s) cannot be written to: run the doctor to see why."
    )
    assert worker.output().count("ERROR") == 1


def test_a_refused_body_is_sent_again_without_its_links_and_kept_for_reading(
    shared_bridge: Bridge, discord: StandIn
) -> None:
    errors = {"embeds": {"0": {"url": {"_errors": [{"code": "URL_TYPE_INVALID_SCHEME"}]}}}}
    discord.add_fault("answer", status=400, code=50035, errors=errors, method="POST", times=1)

    tell(shared_bridge, discord, ENDED)

    first, second = (json.loads(entry["body"]) for entry in discord.requests(method="POST"))
    assert "url" in first["embeds"][0]
    assert "url" not in second["embeds"][0]
    assert "URL_TYPE_INVALID_SCHEME" in shared_bridge.card()["refused"]
    assert titles(discord) == truth(PUSH)


def test_a_card_that_is_always_refused_is_dropped_until_somebody_retries_it(
    bridge: Bridge, discord: StandIn
) -> None:
    fault = discord.add_fault("answer", status=400, code=50035, method="POST", times=0)
    worker = bridge.start_worker()
    tell(bridge, discord, ENDED)
    bodies = [str(entry["body"]) for entry in discord.requests(method="POST")]
    assert len(set(bodies)) == len(bodies) == _hits(discord, fault)
    assert "Card dropped." in worker.output()

    discord.clear_faults()
    listed = bridge.command("cards", "--dropped")
    assert "http_400_50035" in listed
    assert "1 card(s) will be tried again." in bridge.command("cards", "--retry")
    eventually(lambda: shown(discord))
    eventually(bridge.is_at_rest)

    assert titles(discord) == truth(PUSH)
