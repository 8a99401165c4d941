"""Idle: how long a build takes into Discord while nothing else happens."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from stack import Bridge

from bench.load import on_time
from bench.rig import await_rest, clock_difference, lead, rig, spooled
from bench.row import Row, median, percentile
from bench.webhooks import Timed, play_builds, request_of
from playground.drone.delivery import Delivery

P50_SECONDS = 0.060
P99_SECONDS = 0.200
WEBHOOKS = 4  # of each build; only the first is sent
SECONDS_BETWEEN = 0.12
# Spreads the instants evenly over every phase of the worker's round.
GOLDEN = 0.618034
TITLE = re.compile(r'"title": "([^"]*#\d+) ')


@dataclass(frozen=True, slots=True)
class Waits:
    """What Drone and people waited for, in seconds from the request's last byte."""

    until_answered: list[float]
    until_shown: list[float]  # until our request was at Discord


def run(is_quick: bool) -> list[Row]:
    """Send single webhooks far apart, each the first of a build."""
    with rig("--no-limits") as ground, ground.bridge() as bridge:
        bridge.start_server()
        lead(bridge)
        measure(bridge, 10, first=1)  # everything is warm after these
        waits = measure(bridge, 100 if is_quick else 180, first=1001)
        return _rows(waits, spooled(bridge))


def measure(bridge: Bridge, count: int, first: int) -> Waits:
    """Send the first webhooks of *count* builds and see when they come to Discord."""
    created = play_builds(count, WEBHOOKS, seconds_between=100.0, first=first)[::WEBHOOKS]
    load = on_time(int(bridge.environ["PORT"]), _spaced(created), seconds=count + 30.0, lines=2)
    await_rest(bridge, 30)
    ahead = clock_difference(bridge.discord)
    arrived = {
        found[1]: request["at"] - ahead
        for request in bridge.discord.requests(method="POST")
        if (found := TITLE.search(request["body"]))
    }
    shown = [arrived[created[shot.number].subject] - shot.sent_at for shot in load.shots]
    return Waits(load.waits, shown)


def _spaced(deliveries: list[Delivery]) -> list[Timed]:
    now = datetime.now(UTC)
    return [
        Timed(SECONDS_BETWEEN * (number + GOLDEN * number % 1), request_of(delivery, now))
        for number, delivery in enumerate(deliveries)
    ]


def _rows(waits: Waits, spooled_count: int) -> list[Row]:
    shown = waits.until_shown
    p50, p99 = median(shown), percentile(shown, 0.99)
    answers = waits.until_answered
    answered = (
        f"Drone had its answer after {median(answers) * 1000:.0f} ms, p99 "
        f"{percentile(answers, 0.99) * 1000:.0f} ms; {spooled_count} by way of the spool."
    )
    return [
        Row(
            "idle: from Drone's last byte to Discord, p50",
            f"{p50 * 1000:.0f} ms",
            f"≤ {P50_SECONDS * 1000:.0f} ms",
            p50 <= P50_SECONDS,
            f"{len(shown)} builds, {SECONDS_BETWEEN} s apart, without Discord's limits.",
            answered,
        ),
        Row(
            "idle: from Drone's last byte to Discord, p99",
            f"{p99 * 1000:.0f} ms",
            f"≤ {P99_SECONDS * 1000:.0f} ms",
            p99 <= P99_SECONDS,
            f"The longest {max(shown) * 1000:.0f} ms. {answered}",
            answered,
        ),
    ]
