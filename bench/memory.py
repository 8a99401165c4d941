"""Memory: whether the processes stay as large as they are, over many deliveries."""

from collections.abc import Sequence
from datetime import UTC, datetime

from stack import Bridge, eventually

from bench.load import as_fast_as_taken
from bench.rig import Rig, await_rest, lead, memory, rig, say
from bench.row import Row
from bench.webhooks import play_builds, request_of

MEMORY_MB = 80.0
GROWTH = 1.10
WEBHOOKS = 20
SECONDS_BETWEEN = 20.0  # few builds side by side, so that much is merged in little time
LONGEST_SECONDS = 60.0  # for one portion
PORTIONS = 20
SAMPLES = 5  # the first after a fifth of all

Sizes = dict[str, float]


def run(is_quick: bool) -> list[Row]:
    """Send deliveries in portions, let each be merged, and weigh the processes in between."""
    portion = 200 if is_quick else 5_000
    samples: list[Sizes] = []
    with rig("--no-limits") as ground, ground.bridge() as bridge:
        bridge.start_server()
        lead(bridge)
        for number in range(1, PORTIONS + 1):
            _pass(ground, bridge, portion, first=1 + 1000 * number)
            if number % (PORTIONS // SAMPLES) == 0:
                await_rest(bridge, LONGEST_SECONDS * PORTIONS / SAMPLES)
                samples.append(memory(bridge))
                say(f"{number * portion} deliveries: {_said(samples[-1])} MB")
    return [_row(samples, portion * PORTIONS)]


def _pass(ground: Rig, bridge: Bridge, count: int, first: int) -> None:
    """Send *count* deliveries and wait until they are merged."""
    deliveries = play_builds(count // WEBHOOKS, WEBHOOKS, SECONDS_BETWEEN, first=first)
    now = datetime.now(UTC)
    requests = (request_of(delivery, now) for delivery in deliveries)
    as_fast_as_taken(int(bridge.environ["PORT"]), requests, LONGEST_SECONDS)
    with ground.database() as database:
        eventually(
            lambda: not database.deliveries.find_one({"pending": True}), LONGEST_SECONDS, every=0.5
        )


def _row(samples: Sequence[Sizes], count: int) -> Row:
    first, last = samples[0], samples[-1]
    growth = {name: size / first[name] for name, size in last.items()}
    most = max(growth, key=lambda name: growth[name])
    largest = max(last.values())
    return Row(
        f"memory: growth over {count} deliveries",
        f"{growth[most]:.2f} × ({most}), {largest:.0f} MB at most",
        f"≤ {GROWTH:.2f} ×, ≤ {MEMORY_MB:.0f} MB",
        growth[most] <= GROWTH and largest <= MEMORY_MB,
        f"RSS in MB after {count // SAMPLES}: {_said(first)}; after all: {_said(last)}.",
    )


def _said(sizes: Sizes) -> str:
    return ", ".join(f"{name} {size:.0f}" for name, size in sizes.items())
