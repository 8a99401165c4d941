"""Processes of the bridge that pause, die or are told to stop.

Every test ends with the same check: one message for every build that was accepted, and it tells the
truth.
"""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from stack import (
    BUSY_SECONDS,
    Bridge,
    Database,
    eventually,
    shown,
    titles,
    truth,
)

from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.drone.scenarios.many import storm_of

PUSH = play("push")
CREATED, RUNNING, ENDED = PUSH[0], PUSH[1], PUSH[-1]


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
    eventually(bridge.is_at_rest)

    assert titles(discord) == truth(deliveries)


def test_a_standby_takes_over_after_a_death(bridge: Bridge, discord: StandIn) -> None:
    first = bridge.start_worker(LEASE_SECONDS="6")
    eventually(lambda: "holds the lease" in first.output())
    second = bridge.start_worker(LEASE_SECONDS="6")
    eventually(lambda: "started" in second.output())

    first.end(signal.SIGKILL)
    died_at = time.monotonic()
    bridge.post(ENDED)
    eventually(lambda: shown(discord))

    assert time.monotonic() - died_at < BUSY_SECONDS
    assert titles(discord) == truth(PUSH)


def test_whatever_a_killed_server_had_answered_204_is_delivered(
    bridge: Bridge, discord: StandIn
) -> None:
    discord.set_limits(messages="5/0.2")
    deliveries = play(storm_of(30))
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.environ["WEB_CONCURRENCY"] = "2"
    server = bridge.start_server()

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
    eventually(lambda: bridge.deliveries() and bridge.is_at_rest())

    kept = {bytes(delivery["body"]) for delivery in bridge.deliveries()}
    assert {delivery.body for delivery in accepted} <= kept
    assert {title.split(" · ")[0] for title in titles(discord)} == {
        delivery.subject for delivery in deliveries if delivery.body in kept
    }


STOPS = {
    "a request is in flight": {"do": "slow", "seconds": 3, "when": "after"},
    "everything is stopped": {"do": "limit", "scope": "global", "retry_after": 30},
    "discord is away": {"do": "reset", "when": "before", "times": 0},
}


@pytest.mark.parametrize("fault", STOPS.values(), ids=STOPS)
def test_sigterm_ends_the_worker_while(
    bridge: Bridge, discord: StandIn, fault: dict[str, object]
) -> None:
    discord.add_fault(**fault)  # type: ignore[arg-type]
    worker = bridge.start_worker()
    bridge.post(ENDED)
    eventually(lambda: discord.counts()["requests"] or discord.requests())

    assert worker.end(signal.SIGTERM) == 0
    assert "The worker has stopped." in worker.output()

    discord.clear_faults()
    bridge.start_worker()
    eventually(bridge.is_at_rest)
    assert len(discord.messages()) == 1
    assert titles(discord) == truth(PUSH)


def test_sigterm_ends_the_worker_while_mongodb_hangs(
    bridge_with_own_database: Bridge, database: Database
) -> None:
    worker = bridge_with_own_database.start_worker()
    eventually(lambda: "holds the lease" in worker.output())
    database.send(signal.SIGSTOP)
    try:
        assert worker.end(signal.SIGTERM) == 0
    finally:
        database.send(signal.SIGCONT)


def test_sigterm_ends_the_worker_while_mongodb_is_away(
    bridge_with_own_database: Bridge, database: Database
) -> None:
    worker = bridge_with_own_database.start_worker()
    eventually(lambda: "holds the lease" in worker.output())
    database.end()

    assert worker.end(signal.SIGTERM) == 0
