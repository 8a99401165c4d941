"""The truth read again by the real processes: server, worker, database, Discord and Drone."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from stack import SECRET, Bridge, Database, Process, environ_of, eventually, titles

from playground.discord.process import StandIn
from playground.drone.rest.accounts import ADMIN_TOKEN, MACHINE_TOKEN
from playground.drone.rest.process import DroneStandIn
from playground.drone.world import HELLO

# The worker as it is, but for how long things take.
HASTY = """
from server.core.drone.poll_intervals import PollIntervals
from server.worker import main
main(
    PollIntervals(
        silence=0.5, longest=1.0, unreported=0.5, outage=1.0, repos=1.0, backfill=1.0, log=0.2
    )
)
"""
ONE_STEP = [{"name": "default", "steps": [{"name": "test", "seconds": 60}]}]
BUILD = "/api/repos/{namespace}/{name}/builds/{number}"


class Reading(Bridge):
    """A bridge that may query Drone."""

    def start_hasty_worker(self) -> Process:
        """Start a worker that polls after half a second and not after a minute."""
        return self.start([sys.executable, "-c", HASTY], f"hasty-{len(self.processes)}.log")

    def begun(self, worker: Process) -> None:
        """Wait until a worker has taken over."""
        eventually(lambda: "This worker holds the lease." in worker.output())

    def drone_check(self) -> dict[str, str]:
        """Return how health says that Drone is."""
        found: dict[str, str] = self.health()["checks"].get("drone", {})
        return found


@pytest.fixture
def bridge(
    mongo_uri: str, discord: StandIn, drone: DroneStandIn, tmp_path: Path
) -> Iterator[Reading]:
    """Give a bridge that may ask Drone and takes its webhooks; the worker is for the test."""
    environ = {
        **environ_of(mongo_uri, discord, tmp_path),
        "DRONE_SERVER": drone.address,
        "DRONE_TOKEN": MACHINE_TOKEN,
    }
    bridge = Reading(environ, tmp_path, discord)
    bridge.start_server()
    drone.send_to(bridge.url, SECRET)
    yield bridge
    bridge.stop()


def said(bridge: Reading, *expected: str) -> None:
    """Wait until the channel shows these titles and no others."""
    wanted = sorted(f"{HELLO} #{line}" for line in expected)
    eventually(lambda: titles(bridge.discord) == wanted)


def test_a_lost_ending_is_read_after_some_silence(bridge: Reading, drone: DroneStandIn) -> None:
    bridge.start_hasty_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")

    drone.leap(lost=True)

    said(bridge, "1 · ✅ passed")


@pytest.mark.smoke
def test_a_lost_ending_is_read_at_the_next_start(bridge: Reading, drone: DroneStandIn) -> None:
    worker = bridge.start_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")
    drone.leap(lost=True)
    worker.end()

    bridge.start_worker()

    said(bridge, "1 · ✅ passed")


def test_a_blocked_build_is_seen_within_seconds(bridge: Reading, drone: DroneStandIn) -> None:
    bridge.start_worker()
    drone.set_repo(HELLO, protected=True)

    drone.add_build(stages=ONE_STEP, blocked=True)

    said(bridge, "1 · ✋ needs approval")


@pytest.mark.parametrize(
    ("act", "word"),
    [("approve", "🕒 queued"), ("decline", "🚫 declined")],
    ids=["an approval", "a refusal"],
)
def test_seen_without_a_webhook_is(
    bridge: Reading, drone: DroneStandIn, act: str, word: str
) -> None:
    bridge.start_hasty_worker()
    drone.set_repo(HELLO, protected=True)
    drone.add_build(stages=ONE_STEP, blocked=True)
    said(bridge, "1 · ✋ needs approval")

    answered = acts_on(drone, f"/api/repos/{HELLO}/builds/1/{act}/1")

    assert answered == 204
    said(bridge, f"1 · {word}")
    assert len(drone.webhooks()) == 1  # the creation alone


def acts_on(drone: DroneStandIn, path: str) -> int:
    """Do what a person does in Drone."""
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    return requests.post(drone.address + path, headers=headers, timeout=60).status_code


@pytest.mark.parametrize("token", [MACHINE_TOKEN, ADMIN_TOKEN], ids=["a machine's", "a person's"])
def test_an_unreported_build_appears_after_a_restart(
    bridge: Reading, drone: DroneStandIn, token: str
) -> None:
    bridge.environ["DRONE_TOKEN"] = token
    worker = bridge.start_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap()
    said(bridge, "1 · ✅ passed")
    worker.end()
    drone.lose_webhooks()
    drone.add_build(stages=[{"name": "default", "steps": [{"name": "test", "exit_code": 1}]}])
    drone.leap()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)

    bridge.start_worker()

    said(bridge, "1 · ✅ passed", "2 · ❌ failed", "3 · 🔄 running")


def test_what_was_lost_while_the_server_alone_was_away_is_read_when_it_is_back(
    bridge: Reading, drone: DroneStandIn
) -> None:
    bridge.start_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")
    bridge.processes[0].end(signal.SIGKILL)
    drone.leap()
    drone.add_build(stages=ONE_STEP)
    drone.leap()
    assert {one["answer"] for one in drone.webhooks()[-3:]} == {0}

    bridge.start_server()

    said(bridge, "1 · ✅ passed", "2 · ✅ passed")


def test_a_server_that_was_stopped_and_started_makes_the_worker_ask(
    bridge: Reading, drone: DroneStandIn
) -> None:
    bridge.start_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")
    drone.leap(lost=True)
    bridge.processes[0].end()

    bridge.start_server()

    said(bridge, "1 · ✅ passed")


def test_a_lost_build_is_read_when_the_next_one_is_reported(
    bridge: Reading, drone: DroneStandIn
) -> None:
    bridge.start_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap()
    said(bridge, "1 · ✅ passed")
    for _ in range(2):
        drone.lose_webhooks()
        drone.add_build(error="yaml: no")
        drone.lose_webhooks(lost=False)
        drone.add_build(stages=ONE_STEP)
        drone.leap()

    said(
        bridge,
        *(f"{number} · 💥 could not run" for number in (2, 4)),
        *(f"{number} · ✅ passed" for number in (1, 3, 5)),
    )


def test_a_repository_that_is_deleted_closes_its_builds_at_once(
    bridge: Reading, drone: DroneStandIn
) -> None:
    bridge.start_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")

    drone.forget_repo(HELLO)

    wanted = [f"{HELLO} #1 · ❔ unknown", f"{HELLO} · 🗑️ deleted"]
    eventually(lambda: titles(bridge.discord) == wanted)


def test_a_repository_whose_deletion_no_webhook_reported_closes_its_builds(
    bridge: Reading, drone: DroneStandIn
) -> None:
    bridge.start_hasty_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")
    drone.lose_webhooks()

    drone.forget_repo(HELLO)

    said(bridge, "1 · ❔ unknown")


def test_a_renamed_repository_is_polled_by_its_new_name(
    bridge: Reading, drone: DroneStandIn
) -> None:
    bridge.start_hasty_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")
    # Only what Drone has shown by its old name is known again by a new one.
    eventually(lambda: len(asked(drone)) >= 2)

    drone.rename_repo(HELLO, "octocat/renamed")
    drone.leap(lost=True)

    eventually(lambda: titles(bridge.discord) == ["octocat/renamed #1 · ✅ passed"])


def test_after_an_outage_of_mongodb_an_unreported_build_appears(
    bridge: Reading, drone: DroneStandIn, database: Database
) -> None:
    bridge.environ["MONGO_URI"] = database.uri
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.start_server()
    worker = bridge.start_hasty_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap()
    said(bridge, "1 · ✅ passed")

    database.end()
    eventually(lambda: "MongoDB is away" in worker.output())
    drone.add_build(stages=ONE_STEP)
    drone.leap()
    drone.lose_webhooks()
    drone.add_build(stages=ONE_STEP)
    drone.leap()
    assert {one["answer"] for one in drone.webhooks() if not one["is_lost"]} == {204}
    database.start()

    said(bridge, "1 · ✅ passed", "2 · ✅ passed", "3 · ✅ passed")


def test_the_first_start_shows_nothing_of_what_was_before(
    bridge: Reading, drone: DroneStandIn
) -> None:
    drone.lose_webhooks()
    for age in range(40, 0, -1):
        drone.add_build(stages=ONE_STEP, age_seconds=age * 60)
    drone.leap()
    drone.lose_webhooks(lost=False)
    worker = bridge.start_worker()
    bridge.begun(worker)

    drone.add_build(stages=ONE_STEP)
    drone.leap()

    said(bridge, "41 · ✅ passed")
    eventually(lambda: [one["path"] for one in asked(drone)] == [f"/api/repos/{HELLO}/builds/40"])
    worker.end()
    seen = len(drone.requests(route="/api/repos"))
    bridge.begun(bridge.start_worker())
    eventually(lambda: len(drone.requests(route="/api/repos")) > seen)
    said(bridge, "41 · ✅ passed")
    assert len(asked(drone)) == 1


def test_a_drone_that_is_down_leaves_the_rest_at_work(bridge: Reading, drone: DroneStandIn) -> None:
    bridge.start_hasty_worker()
    eventually(lambda: bridge.drone_check() == {"status": "ok"})
    drone.add_fault("reset", route=BUILD, times=0)
    drone.add_fault("reset", route="/api/user", times=0)
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")

    eventually(lambda: bridge.drone_check().get("status") == "degraded")
    drone.add_build(stages=ONE_STEP)
    drone.leap()
    said(bridge, "1 · ✅ passed", "2 · ✅ passed")
    assert bridge.health()["status"] == "degraded"

    drone.clear_faults()
    eventually(lambda: bridge.health()["status"] == "ok")


def test_a_drone_that_hangs_holds_nothing_up_and_no_worker_back(
    bridge: Reading, drone: DroneStandIn
) -> None:
    drone.add_fault("hang", times=0)
    worker = bridge.start_hasty_worker()
    for _ in range(6):
        drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, *(f"{number} · 🔄 running" for number in range(1, 7)))
    eventually(lambda: drone.requests())

    assert worker.end(signal.SIGTERM) == 0
    assert "The worker has stopped." in worker.output()


def test_a_refused_token_is_shown_by_health(bridge: Reading, drone: DroneStandIn) -> None:
    bridge.environ["DRONE_TOKEN"] = "a-token-that-drone-does-not-know"
    worker = bridge.start_worker()

    eventually(lambda: bridge.drone_check().get("status") == "degraded")
    drone.add_build(stages=ONE_STEP)
    drone.leap()

    said(bridge, "1 · ✅ passed")
    detail = "Drone refuses the token: put a valid DRONE_TOKEN."
    assert bridge.drone_check() == {
        "status": "degraded",
        "reason": "token_refused",
        "detail": detail,
    }
    assert worker.output().count("Drone refuses the token") == 1
    assert "a-token-that" not in worker.output()


def test_a_build_that_was_removed_is_closed_as_unknown(
    bridge: Reading, drone: DroneStandIn
) -> None:
    bridge.start_hasty_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    said(bridge, "1 · 🔄 running")

    drone.forget_build(HELLO, 1)

    said(bridge, "1 · ❔ unknown")
    assert description(bridge).split("\n")[0] == "❔ Drone does not know this build any more"


def test_the_end_of_the_failed_steps_log_is_on_the_card(
    bridge: Reading, drone: DroneStandIn
) -> None:
    drone.set_repo(HELLO, private=False, visibility="public")
    bridge.start_worker()
    steps = [{"name": "test", "exit_code": 1, "log": "collecting\n\x1b[31m2 failed\x1b[0m\n"}]
    drone.add_build(stages=[{"name": "default", "steps": steps}])

    drone.leap()

    said(bridge, "1 · ❌ failed")
    eventually(lambda: "collecting\n2 failed\n" in description(bridge))


def description(bridge: Reading) -> str:
    """Return the text of the only card."""
    (message,) = bridge.discord.messages(bridge.environ["DISCORD_CHANNEL_ID"])
    return str(message["versions"][-1]["embeds"][0]["description"])


def test_hundreds_of_open_builds_are_polled_at_five_a_second_at_most(
    bridge: Reading, drone: DroneStandIn
) -> None:
    bridge.discord.set_limits(messages="50/1")
    for _ in range(200):
        drone.add_build(stages=ONE_STEP)
    drone.leap(10)
    eventually(lambda: len(bridge.deliveries()) >= 200)

    bridge.start_hasty_worker()
    eventually(lambda: len(asked(drone)) >= 40)

    instants = [one["at"] for one in drone.requests()]
    assert max(sum(0 <= other - one < 5 for other in instants) for one in instants) <= 25


def asked(drone: DroneStandIn) -> list[dict[str, Any]]:
    return drone.requests(route=BUILD)


def test_without_an_address_of_drone_nothing_is_queried(
    bridge: Reading, drone: DroneStandIn
) -> None:
    del bridge.environ["DRONE_SERVER"], bridge.environ["DRONE_TOKEN"]
    bridge.start_hasty_worker()
    drone.add_build(stages=ONE_STEP)
    drone.leap(10)

    said(bridge, "1 · 🔄 running")

    assert bridge.drone_check() == {}
    assert drone.requests() == []
