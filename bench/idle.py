"""Idle: how long a build takes into Discord while nothing else happens."""

import re
from datetime import UTC, datetime

from stack import Bridge

from bench.load import Load, on_time
from bench.rig import await_rest, clock_difference, lead, rig
from bench.row import Row, median, percentile
from bench.webhooks import Timed, play_builds, request_of
from playground.drone.delivery import Delivery

P50_SECONDS = 0.060
P99_SECONDS = 0.200
SECONDS_BETWEEN = 0.12
# Spreads the instants evenly over every phase of the worker's round.
GOLDEN = 0.618034
TITLE = re.compile(r'"title": "([^"]*#\d+) ')


def run(is_quick: bool) -> list[Row]:
    """Send single webhooks far apart, each the first of a build."""
    with rig("--no-limits") as ground, ground.bridge() as bridge:
        bridge.start_server()
        lead(bridge)
        measure(bridge, 10, first=1)  # everything is warm after these
        waits = measure(bridge, 100 if is_quick else 200, first=1001)
    p50, p99 = median(waits), percentile(waits, 0.99)
    remark = f"{len(waits)} builds, {SECONDS_BETWEEN} s apart, without Discord's limits."
    return [
        Row(
            "idle: from Drone's last byte to Discord, p50",
            f"{p50 * 1000:.0f} ms",
            f"≤ {P50_SECONDS * 1000:.0f} ms",
            p50 <= P50_SECONDS,
            remark,
            _cause(waits),
        ),
        Row(
            "idle: from Drone's last byte to Discord, p99",
            f"{p99 * 1000:.0f} ms",
            f"≤ {P99_SECONDS * 1000:.0f} ms",
            p99 <= P99_SECONDS,
            f"the longest {max(waits) * 1000:.0f} ms.",
            _cause(waits),
        ),
    ]


def measure(bridge: Bridge, count: int, first: int) -> list[float]:
    """Return the waits of *count* builds, from the request's last byte to ours at Discord."""
    created = play_builds(count, 4, seconds_between=100.0, first=first)[:: 4]
    load = on_time(int(bridge.environ["PORT"]), _spaced(created), seconds=count + 30.0, lines=2)
    await_rest(bridge, 30)
    ahead = clock_difference(bridge.discord)
    arrived = {
        found[1]: request["at"] - ahead
        for request in bridge.discord.requests(method="POST")
        if (found := TITLE.search(request["body"]))
    }
    return [arrived[created[shot.number].subject] - shot.sent_at for shot in load.shots]


def _spaced(deliveries: list[Delivery]) -> list[Timed]:
    now = datetime.now(UTC)
    return [
        Timed(SECONDS_BETWEEN * (number + GOLDEN * number % 1), request_of(delivery, now))
        for number, delivery in enumerate(deliveries)
    ]


def _cause(waits: list[float]) -> str:
    return ""
