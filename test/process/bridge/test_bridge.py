"""The whole bridge as processes, before a MongoDB-protocol server and Discord's stand-in."""

import itertools
import json
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stack import (
    BUSY_SECONDS,
    SECRET,
    Bridge,
    Database,
    eventually,
    shown,
    tell,
    titles,
    truth,
)

from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.drone.mischief import duplicate, shuffle
from playground.drone.scenarios.many import storm_of
from playground.drone.signing import sign

VALID = Path(__file__).parent.parent.parent / "samples" / "drone" / "valid"


@pytest.mark.smoke
def test_every_recorded_delivery_ends_as_one_card(shared_bridge: Bridge, discord: StandIn) -> None:
    discord.set_limits(messages="5/0.1")
    bodies = [path.read_bytes() for path in sorted(VALID.glob("*/body.json"))]

    statuses = {shared_bridge.post_body(body) for body in bodies}
    eventually(shared_bridge.is_at_rest)

    assert statuses == {204}
    assert len(shown(discord)) == len({_subject(body) for body in bodies})


@pytest.mark.parametrize(
    "order",
    list(itertools.permutations(("created", "updated", "success"))),
    ids=" ".join,
)
def test_any_order_of_a_build_sent_twice_ends_as_the_same_single_message(
    shared_bridge: Bridge, discord: StandIn, order: tuple[str, ...]
) -> None:
    deliveries = play("push")
    chosen = {"created": deliveries[0], "updated": deliveries[1], "success": deliveries[-1]}

    for name in order:
        for _ in range(2):
            assert shared_bridge.post(chosen[name]) == 204
    eventually(shared_bridge.is_at_rest)

    assert titles(discord) == ["octocat/hello-world #1 · ✅ passed"]


def test_a_storm_in_any_order_gives_each_build_one_message_with_its_ending(
    shared_bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="5/0.5")
    deliveries = play(storm_of(20))
    endings = {delivery.subject: delivery.status for delivery in deliveries}
    chance = random.Random(7)
    sent = shuffle(duplicate(deliveries, 0.2, chance), chance)
    assert len(sent) >= 200

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(shared_bridge.post, sent)) == {204}
    eventually(shared_bridge.is_at_rest)

    found = {title.split(" · ")[0]: title for title in titles(discord)}
    assert len(shown(discord)) == len(endings) == 20
    assert {subject: WORDS[status] in found[subject] for subject, status in endings.items()} == {
        subject: True for subject in endings
    }


WORDS = {
    "success": "passed",
    "failure": "failed",
    "killed": "cancelled",
    "error": "could not run",
    "skipped": "superseded",
}


def test_a_worker_killed_at_any_moment_neither_doubles_nor_loses_a_message(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="5/0.5")
    deliveries = play(storm_of(10))
    builds = {delivery.subject for delivery in deliveries}
    chance = random.Random(11)
    worker = bridge.start_worker(LEASE_SECONDS="1")

    for part in range(6):
        for delivery in deliveries[part::6]:
            assert bridge.post(delivery) == 204
        seen = discord.counts()["requests"]
        wanted = seen + chance.randint(0, 3)
        eventually(
            lambda wanted=wanted: discord.counts()["requests"] >= wanted or bridge.is_at_rest()
        )
        worker.end(signal.SIGKILL)
        worker = bridge.start_worker(LEASE_SECONDS="1")
    eventually(bridge.is_at_rest)

    assert sorted(title.split(" · ")[0] for title in titles(discord)) == sorted(builds)
    assert {title.split(" · ")[1][2:] for title in titles(discord)} <= set(WORDS.values())


def test_sigterm_ends_the_worker_cleanly_and_frees_the_lease_at_once(bridge: Bridge) -> None:
    first = bridge.start_worker(LEASE_SECONDS="60")
    eventually(lambda: "holds the lease" in first.output())
    second = bridge.start_worker(LEASE_SECONDS="60")
    bridge.post(play("push")[0])
    eventually(lambda: shown(bridge.discord))

    assert first.end(signal.SIGTERM) == 0

    assert "The worker has stopped." in first.output()
    eventually(lambda: "holds the lease" in second.output(), BUSY_SECONDS)


def test_webhooks_wait_in_the_spool_while_mongodb_is_away(
    bridge: Bridge, discord: StandIn, database: Database
) -> None:
    bridge.environ["MONGO_URI"] = database.uri
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.start_server()
    bridge.start_worker()
    deliveries = play("push")
    database.end()

    statuses = [bridge.post(delivery) for delivery in deliveries]
    away = bridge.health()
    database.start()
    eventually(lambda: len(bridge.deliveries()) == len(deliveries) and bridge.is_at_rest())

    assert set(statuses) == {204}
    assert (away["status"], away["checks"]["mongo"]["detail"]) == (
        "degraded",
        "MongoDB does not answer; webhooks are kept in the spool.",
    )
    assert titles(discord) == ["octocat/hello-world #1 · ✅ passed"]


def test_nothing_unsigned_reaches_the_inbox(bridge: Bridge) -> None:
    body = play("push")[0].body
    signed = sign(body, SECRET, datetime.now(UTC))

    assert bridge.post_body(body, {}) == 401
    assert bridge.post_body(body + b" ", signed) == 401
    assert bridge.post_body(body, sign(body, "another", datetime.now(UTC))) == 401
    assert bridge.deliveries() == []


def _subject(body: bytes) -> tuple[object, ...]:
    """Name what a body is about, as the bridge should tell things apart."""
    payload = json.loads(body)
    if payload["event"] == "build":
        return ("build", payload["system"]["host"], payload["build"]["id"])
    subject = payload[payload["event"]]
    return (payload["event"], payload["action"], subject["id"], subject.get("version"))


def test_a_card_that_cannot_be_read_stops_no_other(bridge: Bridge, discord: StandIn) -> None:
    deliveries = play("push", "failing_push")
    bridge.start_worker()
    tell(bridge, discord, deliveries[0])
    bridge.change_card({"urgency": "of another version"})

    for delivery in deliveries:
        assert bridge.post(delivery) == 204
    eventually(lambda: truth(deliveries)[-1] in titles(discord))
    eventually(lambda: not any(row.get("pending") for row in bridge.deliveries()))

    assert {row["reason"] for row in bridge.deliveries() if "reason" in row} == {"BridgeError"}
