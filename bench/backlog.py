"""Backlog: how fast the worker merges what waited for it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from stack import Bridge, eventually

from bench.machine import cpu_seconds
from bench.rig import Rig, lead, rig, say
from bench.row import Row
from bench.webhooks import play_builds
from playground.drone.delivery import Delivery

PER_SECOND = 1500
WEBHOOKS = 40
AT_ONCE = 1000
# Builds that run side by side: one begins every so many seconds and takes some 140.
SECONDS_BETWEEN = 4.0
LONGEST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging took, and how much of a core worker and database used for it, in seconds."""

    seconds: float
    worker: float
    database: float


def run(is_quick: bool) -> list[Row]:
    """Put deliveries into the inbox, then start a worker: in Drone's order, and the worst one."""
    builds = 100 if is_quick else 500
    return [
        _measure("side by side", builds, SECONDS_BETWEEN),
        _measure("all at once", builds // 4, 0.0),
    ]


def _measure(name: str, builds: int, seconds_between: float) -> Row:
    deliveries = play_builds(builds, WEBHOOKS, seconds_between)
    with rig() as ground, ground.bridge() as bridge:
        bridge.command("init-db")
        last = fill(ground, deliveries)
        say(f"{len(deliveries)} deliveries of {builds} builds {name} wait")
        return _row(name, builds, len(deliveries), _merge(ground, bridge, last))


def documents(deliveries: Sequence[Delivery], since: datetime) -> list[dict[str, Any]]:
    """Return deliveries as the server keeps them, each received a millisecond after the last."""
    return [
        {
            "_id": sha256(f"{since}-{number}".encode()).hexdigest(),
            "event": f"{delivery.event}:{delivery.action}",
            "body": delivery.body,
            "received_at": since + timedelta(milliseconds=number),
            "pending": True,
        }
        for number, delivery in enumerate(deliveries)
    ]


def fill(ground: Rig, deliveries: Sequence[Delivery]) -> str:
    """Put deliveries into the inbox and return the id of the last."""
    kept = documents(deliveries, datetime.now(UTC) - timedelta(hours=1))
    with ground.database() as database:
        for start in range(0, len(kept), AT_ONCE):
            database.deliveries.insert_many(kept[start : start + AT_ONCE])
    return str(kept[-1]["_id"])


def _merge(ground: Rig, bridge: Bridge, last: str) -> Merged:
    """Merge until the *last* delivery is through."""
    with ground.database() as database:

        def is_merged() -> bool:
            # By its id, which costs the same whatever waits.
            return bool(database.deliveries.find_one({"_id": last, "pending": {"$exists": False}}))

        worker = lead(bridge).popen.pid
        database_pid = ground.database_pid or 0
        began = time.monotonic()
        ours, its = cpu_seconds(worker), cpu_seconds(database_pid)
        eventually(is_merged, LONGEST_SECONDS, every=0.05)
        seconds = time.monotonic() - began
        return Merged(seconds, cpu_seconds(worker) - ours, cpu_seconds(database_pid) - its)


def _row(name: str, builds: int, count: int, merged: Merged) -> Row:
    cause = (
        f"Of {merged.seconds:.1f} s the worker used a core for {merged.worker:.1f} s and the "
        f"database for {merged.database:.1f} s; both work at once."
    )
    return Row(
        f"backlog: {count} deliveries of {builds} builds {name}",
        f"{count / merged.seconds:.0f}/s",
        f"≥ {PER_SECOND}/s",
        count / merged.seconds >= PER_SECOND,
        cause,
        cause,
    )
