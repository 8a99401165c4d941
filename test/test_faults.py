"""What goes wrong around the bridge, and that nothing is lost, doubled or made to lie by it.

Every test runs the real processes and ends with the same check: one message for every build that
was accepted, and it tells the truth.
"""

import json
import resource
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from stack import (
    CHANNEL,
    Bridge,
    Database,
    eventually,
    shown,
    title_of,
    titles,
    truth,
)

from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.drone.scenarios.many import storm_of

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"
PUSH = play("push")
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]


def tell(bridge: Bridge, discord: StandIn, *deliveries: object) -> None:
    """Send deliveries and wait until everything is shown."""
    for delivery in deliveries:
        assert bridge.post(delivery) == 204  # type: ignore[arg-type]
    eventually(bridge.is_at_rest, 40)


LOST_ANSWERS = {
    "a reset": {"do": "reset"},
    "an error": {"do": "answer", "status": 500},
    "a page": {"do": "page", "status": 502},
    "a timeout": {"do": "slow", "seconds": 6},
}


@pytest.mark.parametrize("fault", LOST_ANSWERS.values(), ids=LOST_ANSWERS)
def test_a_message_whose_answer_is_lost_is_not_made_again(
    bridge: Bridge, discord: StandIn, fault: dict[str, object]
) -> None:
    discord.add_fault(**fault, when="after", method="POST", route=MESSAGES)  # type: ignore[arg-type]
    bridge.start_worker()

    tell(bridge, discord, CREATED, ENDED)

    assert len(discord.messages()) == 1
    assert titles(discord) == truth(PUSH)


def test_an_edit_whose_answer_is_lost_is_repeated(bridge: Bridge, discord: StandIn) -> None:
    bridge.start_worker()
    tell(bridge, discord, CREATED)
    discord.add_fault("reset", when="after", method="PATCH", route=MESSAGE)

    tell(bridge, discord, ENDED)

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
    assert "lost message" in worker.output()


def test_a_paused_worker_that_wakes_beside_its_successor_does_no_harm(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="5/0.5")
    deliveries = play(storm_of(8))
    first = bridge.start_worker(LEASE_SECONDS="1")
    eventually(lambda: "holds the lease" in first.output())
    second = bridge.start_worker(LEASE_SECONDS="1")
    middle = len(deliveries) // 2
    for delivery in deliveries[:middle]:
        bridge.post(delivery)
    eventually(lambda: shown(discord))

    first.send(signal.SIGSTOP)
    for delivery in deliveries[middle:]:
        bridge.post(delivery)
    eventually(lambda: "holds the lease" in second.output())
    eventually(lambda: len(shown(discord)) >= 4)
    first.send(signal.SIGCONT)
    eventually(bridge.is_at_rest, 40)

    assert titles(discord) == truth(deliveries)


def test_a_standby_takes_over_within_ten_seconds_of_a_death(
    bridge: Bridge, discord: StandIn
) -> None:
    first = bridge.start_worker(LEASE_SECONDS="6")
    eventually(lambda: "holds the lease" in first.output())
    second = bridge.start_worker(LEASE_SECONDS="6")
    eventually(lambda: "started" in second.output())

    first.end(signal.SIGKILL)
    died_at = time.monotonic()
    bridge.post(ENDED)
    eventually(lambda: shown(discord))

    assert time.monotonic() - died_at < 10
    assert titles(discord) == truth(PUSH)


def test_whatever_a_killed_server_had_answered_204_is_delivered(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="5/0.2")
    deliveries = play(storm_of(30))
    (server,) = bridge.processes

    def post(delivery: object) -> bool:
        try:
            return bridge.post(delivery) == 204  # type: ignore[arg-type]
        except OSError:
            return False

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(post, delivery) for delivery in deliveries]
        eventually(lambda: sum(answer.done() for answer in answers) > 60, every=0.005)
        server.end(signal.SIGKILL)
    accepted = [d for d, answer in zip(deliveries, answers, strict=True) if answer.result()]
    assert 0 < len(accepted) < len(deliveries)
    bridge.start_server()
    bridge.start_worker()
    eventually(lambda: bridge.deliveries() and bridge.is_at_rest(), 40)

    kept = {bytes(delivery["body"]) for delivery in bridge.deliveries()}
    assert {delivery.body for delivery in accepted} <= kept
    assert {title.split(" · ")[0] for title in titles(discord)} == {
        delivery.subject for delivery in deliveries if delivery.body in kept
    }


@pytest.fixture
def bridge_with_own_database(bridge: Bridge, database: Database) -> Bridge:
    """Give a bridge whose database the test may kill."""
    bridge.environ["MONGO_URI"] = database.uri
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.start_server()
    return bridge


def test_while_mongodb_is_away_webhooks_are_answered_within_a_second(
    bridge_with_own_database: Bridge, discord: StandIn, database: Database
) -> None:
    bridge = bridge_with_own_database
    deliveries = play("push", "failing_push")
    bridge.start_worker()
    database.end()

    slowest = 0.0
    for delivery in deliveries:
        sent_at = time.monotonic()
        assert bridge.post(delivery) == 204
        slowest = max(slowest, time.monotonic() - sent_at)
    away = bridge.health()
    database.start()
    eventually(lambda: len(bridge.deliveries()) == len(deliveries) and bridge.is_at_rest(), 40)

    assert slowest < 1
    assert away["status"] == "degraded"
    assert away["checks"]["mongo"]["detail"] == (
        "MongoDB does not answer; webhooks are kept in the spool."
    )
    assert [bytes(delivery["body"]) for delivery in bridge.deliveries()] == [
        delivery.body for delivery in deliveries
    ]
    assert titles(discord) == truth(deliveries)


def test_a_server_killed_while_it_drains_the_spool_neither_loses_nor_doubles(
    bridge_with_own_database: Bridge, discord: StandIn, database: Database
) -> None:
    bridge = bridge_with_own_database
    discord.set_limits(messages="5/0.2")
    deliveries = play(storm_of(20))
    database.end()
    for delivery in deliveries:
        assert bridge.post(delivery) == 204

    database.start()
    eventually(lambda: bridge.deliveries(), every=0.01)
    bridge.processes[-1].end(signal.SIGKILL)
    bridge.start_server()
    bridge.start_worker()
    eventually(lambda: len(bridge.deliveries()) == len(deliveries) and bridge.is_at_rest(), 40)

    assert titles(discord) == truth(deliveries)


def test_a_full_disk_is_answered_503_while_mongodb_is_away(
    bridge: Bridge, database: Database
) -> None:
    bridge.environ["MONGO_URI"] = database.uri
    (server,) = bridge.processes
    server.end(signal.SIGKILL)
    database.end()
    server = bridge.start_server()
    # No file may grow beyond this: to the spool the disk is full.
    limit = server.log.stat().st_size + 20_000
    for process in _family(server.popen.pid):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (limit, limit))

    statuses = [bridge.post(delivery) for delivery in play(storm_of(6))]

    assert statuses[-1] == 503
    assert set(statuses) <= {204, 503}
    health = bridge.health()
    assert health["status"] in ("degraded", "failing")


def _family(pid: int) -> list[int]:
    """Return a process and its children."""
    path = f"/proc/{pid}/task/{pid}/children"
    with open(path, encoding="ascii") as children:
        return [pid, *map(int, children.read().split())]


def test_after_an_outage_of_discord_every_build_shows_its_newest_state(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="5/0.5")
    deliveries = play(storm_of(6))
    bridge.start_worker()
    outage = discord.add_fault("reset", when="before", times=0)

    for delivery in deliveries:
        assert bridge.post(delivery) == 204
    eventually(lambda: _hits(discord, outage) >= 5)
    assert _hits(discord, outage) < 12
    discord.clear_faults()
    eventually(bridge.is_at_rest, 60)

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
def test_a_limit_is_waited_out_as_it_demands(bridge: Bridge, discord: StandIn, scope: str) -> None:
    code = {"sublimit": 20028}.get(scope, 0)
    discord.add_fault("limit", scope=scope, retry_after=1.5, code=code, method="POST", times=1)
    bridge.start_worker()

    tell(bridge, discord, CREATED, ENDED)

    posts = [entry for entry in discord.requests(method="POST") if entry["route"] == MESSAGES]
    assert [entry["status"] for entry in posts] == [429, 200]
    assert posts[1]["at"] - posts[0]["at"] >= 1.5
    assert titles(discord) == truth(PUSH)


def test_an_old_message_is_edited_for_a_change_of_state_alone(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_clock(-3700)
    bridge.start_worker()
    tell(bridge, discord, CREATED, RUNNING)
    discord.set_clock(0)
    bridge.change_card({"message_at": datetime.now(UTC) - timedelta(seconds=3700)})
    before = len(discord.requests(method="PATCH"))

    tell(bridge, discord, *PUSH[2:-1])
    assert len(discord.requests(method="PATCH")) == before

    tell(bridge, discord, ENDED)
    assert titles(discord) == truth(PUSH)


def test_an_ending_whose_edits_stay_refused_is_told_by_a_reply(
    bridge: Bridge, discord: StandIn
) -> None:
    bridge.start_worker()
    tell(bridge, discord, CREATED, RUNNING)
    bridge.change_card({"message_at": datetime.now(UTC) - timedelta(seconds=3700)})
    discord.add_fault(
        "limit", scope="sublimit", code=30046, retry_after=0.2, method="PATCH", times=4
    )

    tell(bridge, discord, ENDED)

    card, reply = shown(discord)
    assert reply["reply_to"] == card["id"]
    assert {title_of(card), title_of(reply)} == set(truth(PUSH))


def test_a_message_that_a_person_deleted_comes_back_once_for_the_ending(
    bridge: Bridge, discord: StandIn
) -> None:
    bridge.start_worker()
    tell(bridge, discord, CREATED)
    (first,) = shown(discord)
    discord.delete_message(first["id"])

    tell(bridge, discord, RUNNING)
    assert shown(discord) == []

    tell(bridge, discord, ENDED)
    assert titles(discord) == truth(PUSH)

    (second,) = shown(discord)
    discord.delete_message(second["id"])
    bridge.change_card({"due_at": datetime.now(UTC), "is_due": True, "shown": ""})
    eventually(bridge.is_at_rest, 30)
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
        "detail": "Discord refuses the bot's token: put a valid DISCORD_TOKEN.",
    }
    assert discord.counts()["statuses"] == {"401": 1}
    assert worker.output().count("ERROR") == 1

    worker.end()
    discord.revoke_token(revoked=False)
    bridge.start_worker()
    eventually(bridge.is_at_rest, 40)
    assert titles(discord) == truth(deliveries)


def test_a_channel_that_may_not_be_written_to_waits_with_one_line(
    bridge: Bridge, discord: StandIn
) -> None:
    deliveries = play(storm_of(5))
    discord.set_channel(CHANNEL, deny=["SEND_MESSAGES"])
    worker = bridge.start_worker()

    for delivery in deliveries:
        bridge.post(delivery)
    eventually(lambda: bridge.health()["status"] == "degraded")

    assert bridge.health()["checks"]["discord"]["detail"] == (
        "1 channel(s) cannot be written to: run the doctor to see why."
    )
    assert discord.counts()["statuses"] == {"403": 1}
    assert worker.output().count("ERROR") == 1


def test_a_refused_body_is_sent_again_without_its_links_and_kept_for_reading(
    bridge: Bridge, discord: StandIn
) -> None:
    errors = {"embeds": {"0": {"url": {"_errors": [{"code": "URL_TYPE_INVALID_SCHEME"}]}}}}
    discord.add_fault("answer", status=400, code=50035, errors=errors, method="POST", times=1)
    bridge.start_worker()

    tell(bridge, discord, ENDED)

    first, second = (json.loads(entry["body"]) for entry in discord.requests(method="POST"))
    assert "url" in first["embeds"][0]
    assert "url" not in second["embeds"][0]
    assert "URL_TYPE_INVALID_SCHEME" in bridge.card()["refused"]
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
    eventually(lambda: shown(discord), 30)
    eventually(bridge.is_at_rest)

    assert titles(discord) == truth(PUSH)


def test_an_ending_that_discord_takes_back_is_sent_once_more(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.add_fault("revert", seconds=0.5, method="PATCH", times=1)
    bridge.start_worker()

    tell(bridge, discord, CREATED)
    tell(bridge, discord, ENDED)
    eventually(lambda: len(shown(discord)[0]["versions"]) == 4, 30)

    (message,) = shown(discord)
    assert [version["cause"] for version in message["versions"]] == [
        "create",
        "edit",
        "revert",
        "edit",
    ]
    assert titles(discord) == truth(PUSH)


def test_poison_in_the_inbox_is_put_aside_and_counted(bridge: Bridge, discord: StandIn) -> None:
    bridge.add_delivery(
        {
            "_id": "poison",
            "event": "build:created",
            "body": b'{"event":"build","action":"created","build":{"id":"x"}}',
            "received_at": datetime.now(UTC),
            "pending": True,
        }
    )
    bridge.start_worker()

    tell(bridge, discord, *PUSH)
    eventually(lambda: bridge.health()["counts"].get("failed") == 1)

    (poison,) = [delivery for delivery in bridge.deliveries() if delivery["_id"] == "poison"]
    assert (poison["reason"], "Traceback" in poison["trace"]) == ("no_id", True)
    assert titles(discord) == truth(PUSH)


STOPS = {
    "a request is in flight": {"do": "slow", "seconds": 3, "when": "after"},
    "everything is stopped": {"do": "limit", "scope": "global", "retry_after": 30},
    "discord is away": {"do": "reset", "when": "before", "times": 0},
}


@pytest.mark.parametrize("fault", STOPS.values(), ids=STOPS)
def test_sigterm_ends_the_worker_within_ten_seconds_while(
    bridge: Bridge, discord: StandIn, fault: dict[str, object]
) -> None:
    discord.add_fault(**fault)  # type: ignore[arg-type]
    worker = bridge.start_worker()
    bridge.post(ENDED)
    eventually(lambda: discord.counts()["requests"] or discord.requests())

    assert worker.end(signal.SIGTERM, seconds=10) == 0
    assert "The worker has stopped." in worker.output()

    discord.clear_faults()
    bridge.start_worker()
    eventually(bridge.is_at_rest)
    assert len(discord.messages()) == 1
    assert titles(discord) == truth(PUSH)


def test_sigterm_ends_the_worker_while_mongodb_is_away(
    bridge_with_own_database: Bridge, database: Database
) -> None:
    worker = bridge_with_own_database.start_worker()
    eventually(lambda: "holds the lease" in worker.output())
    database.end()

    assert worker.end(signal.SIGTERM, seconds=10) == 0
