"""A build of fifty thousand steps, and one that no worker finishes."""

import json
import signal
from typing import Any

from stack import Bridge, eventually, titles, truth

from playground.discord.process import StandIn
from playground.drone.builds import play

STEPS = 50_000
PUSH = play("push")


def large_build() -> bytes:
    """Return a webhook of nearly 8 MiB, as Drone would send it."""
    payload = json.loads(PUSH[0].body)
    steps = [
        {
            "id": number,
            "version": 1,
            "number": number,
            "name": f"step {number}",
            "status": "success",
            "started": 1_767_225_600,
            "stopped": 1_767_225_601,
        }
        for number in range(1, STEPS + 1)
    ]
    payload["build"] |= {"id": 7, "number": 7, "status": "running"}
    payload["build"]["stages"] = [
        {"id": 1, "version": 1, "number": 1, "name": "large", "status": "running", "steps": steps}
    ]
    return json.dumps(payload).encode()


def test_fifty_thousand_steps_do_not_cost_the_lease(bridge: Bridge, discord: StandIn) -> None:
    workers = [bridge.start_worker(LEASE_SECONDS="3") for _ in range(2)]

    assert bridge.post_body(large_build()) == 204
    eventually(bridge.is_at_rest)

    (title,) = titles(discord)
    assert title.startswith("octocat/hello-world #7 · ")
    assert [worker.output().count("holds the lease.") for worker in workers] in ([1, 0], [0, 1])


def test_what_kills_every_worker_is_put_aside(bridge: Bridge, discord: StandIn) -> None:
    assert bridge.post_body(large_build()) == 204
    for delivery in PUSH:
        assert bridge.post(delivery) == 204

    for beginning in (1, 2, 3):
        worker = bridge.start_worker(LEASE_SECONDS="1")
        eventually(lambda: begun(bridge) == beginning, every=0.01)  # noqa: B023 – used at once
        worker.end(signal.SIGKILL)
    bridge.start_worker(LEASE_SECONDS="1")
    eventually(lambda: bridge.health()["counts"].get("failed") == 1)
    eventually(bridge.is_at_rest)

    (put_aside,) = [one for one in bridge.deliveries() if "failed_at" in one]
    assert (put_aside["reason"], put_aside["body"]) == ("never_finished", large_build())
    assert titles(discord) == truth(PUSH)


def begun(bridge: Bridge) -> int:
    """Return how often the large delivery was begun."""
    found: dict[str, Any] = bridge.delivery_where({"begun": {"$exists": True}}, {"begun": 1})
    return int(found.get("begun", 0))
