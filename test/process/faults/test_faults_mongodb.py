"""MongoDB goes away, the disk is full, the inbox holds poison.

Every test ends with the same check: one message for every build that was accepted, and it tells the
truth.
"""

import resource
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from slow_link import slow_link
from small_disk import fill
from stack import (
    BUSY_SECONDS,
    Bridge,
    Database,
    eventually,
    tell,
    titles,
    truth,
)

from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.drone.scenarios.many import storm_of

PUSH = play("push")
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]


def test_while_mongodb_is_away_webhooks_are_answered(
    bridge_with_own_database: Bridge, discord: StandIn, database: Database
) -> None:
    bridge = bridge_with_own_database
    deliveries = play("push", "failing_push")
    bridge.start_worker()
    database.end()

    spans = []
    for delivery in deliveries:
        sent_at = time.monotonic()
        assert bridge.post(delivery) == 204
        spans.append(time.monotonic() - sent_at)
    away = bridge.health()
    database.start()
    eventually(lambda: len(bridge.deliveries()) == len(deliveries) and bridge.is_at_rest())

    assert max(spans) < BUSY_SECONDS
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
    eventually(lambda: len(bridge.deliveries()) == len(deliveries) and bridge.is_at_rest())

    assert titles(discord) == truth(deliveries)


@pytest.mark.parametrize("seconds", [0.15, 0.6], ids=["a continent", "two satellites"])
def test_a_database_that_is_far_away_is_no_database_that_is_away(
    bridge: Bridge, discord: StandIn, database: Database, seconds: float
) -> None:
    (server,) = bridge.processes
    server.end(signal.SIGKILL)
    bridge.environ["MONGO_URI"] = database.uri
    bridge.make_collections()
    with slow_link(database.port, seconds) as port:
        bridge.environ["MONGO_URI"] = database.at(port)
        bridge.environ["LEASE_SECONDS"] = "6"
        bridge.start_server(is_new=False)
        bridge.start_worker()

        for delivery in PUSH:
            assert bridge.post(delivery) == 204
        eventually(lambda: titles(discord) == truth(PUSH))
        # From the first connection on, what takes less than a second goes straight to the inbox.
        if seconds < 0.3:
            assert bridge.post(play("tag")[0]) == 204
            assert 'place="inbox"' in bridge.processes[-2].output()

        eventually(lambda: bridge.health()["counts"]["spooled"] == 0)
        bridge.stop()


def test_a_full_disk_is_emptied_when_mongodb_is_back(
    bridge_with_own_database: Bridge, database: Database, small_disk: Path
) -> None:
    bridge = bridge_with_own_database
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.environ["SPOOL_PATH"] = str(small_disk / "spool.sqlite3")
    bridge.start_server()
    database.end()
    statuses = [bridge.post(delivery) for delivery in play(storm_of(4))]
    fill(small_disk)

    database.start()
    eventually(lambda: bridge.health()["checks"]["spool"] == {"status": "ok"})

    assert len(bridge.deliveries()) == statuses.count(204) > 0
    bridge.stop()


def test_a_full_disk_is_answered_503_while_mongodb_is_away(
    bridge: Bridge, database: Database
) -> None:
    bridge.environ["MONGO_URI"] = database.uri
    (server,) = bridge.processes
    server.end(signal.SIGKILL)
    server = bridge.start_server()
    database.end()
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
