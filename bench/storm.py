"""Storm: far more webhooks than Discord takes messages, into one channel."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stack import Bridge, title_of

from bench.load import on_time
from bench.rig import await_rest, clock_difference, cores, lead, memory, rig, say, spooled
from bench.row import Row, median
from bench.storm_plan import RATE, Storm
from bench.webhooks import FINAL, Timed, play_builds, request_of

FINAL_FACTOR = 1.10
REQUEST_FACTOR = 1.3
ENDING_WINDOWS = 2.0
MEMORY_MB = 80.0
ENDED = (" passed", " failed")


@dataclass(frozen=True, slots=True)
class Passed:
    """What a storm did; all times in seconds."""

    last_final: float  # from the first webhook to the last card's ending in Discord
    until_rest: float  # until the last request
    endings: list[float]  # from each ending's arrival to Discord
    counts: dict[str, Any]
    memory: dict[str, float]
    spooled: int  # webhooks that the database took too long for
    cores: dict[str, float]  # what each process used of a core while webhooks came


def run(is_quick: bool, window: float = 1.5) -> list[Row]:
    """Let a storm pass over a bridge of its own."""
    storm = Storm(60 if is_quick else 200, window=window)
    with rig(*storm.limits) as ground, ground.bridge() as bridge:
        bridge.start_server()
        lead(bridge)
        return rows(storm, measure(bridge, storm))


def measure(bridge: Bridge, storm: Storm, first: int = 1) -> Passed:
    """Let a storm pass and wait until every card shows its ending and is at rest."""
    deliveries = play_builds(storm.builds, storm.webhooks, first=first)
    timed = storm.schedule(deliveries)
    now = datetime.now(UTC)
    requests = [Timed(at, request_of(delivery, now)) for at, delivery in timed]
    say(f"{len(requests)} webhooks in {timed[-1][0]:.0f} s")
    before = cores(bridge)
    load = on_time(int(bridge.environ["PORT"]), requests, 4 * storm.ideal + 30)
    used = {
        name: (seconds - before[name]) / load.seconds for name, seconds in cores(bridge).items()
    }
    await_rest(bridge, 2 * storm.ideal + 30, every=1.0)
    sizes = memory(bridge)
    shown = _shown(bridge)
    arrived = {
        timed[shot.number][1].subject: shot.sent_at
        for shot in load.shots
        if timed[shot.number][1].status in FINAL
    }
    began = min(shot.sent_at for shot in load.shots)
    requests_at = [request["at"] for request in bridge.discord.requests()]
    return Passed(
        max(shown.values()) - began,
        max(requests_at) - clock_difference(bridge.discord) - began,
        [shown[subject] - at for subject, at in arrived.items()],
        bridge.discord.counts(),
        sizes,
        spooled(bridge),
        {**used, "sender": load.busy},
    )


def _shown(bridge: Bridge) -> dict[str, float]:
    """Return when each build's ending was first shown."""
    ahead = clock_difference(bridge.discord)
    return {
        title_of(message).partition(" · ")[0]: min(
            version["at"] - ahead
            for version in message["versions"]
            if version["embeds"][0]["title"].endswith(ENDED)
        )
        for message in bridge.discord.messages()
    }


def rows(storm: Storm, passed: Passed) -> list[Row]:
    """Compare what a storm did with what it should."""
    goal = FINAL_FACTOR * storm.ideal
    allowed = storm.builds + int(RATE * passed.until_rest / storm.window)
    counts = passed.counts
    refused = sum(counts["too_many_requests"].values())
    windows = median(passed.endings) / storm.window
    worst = max(passed.memory, key=lambda name: passed.memory[name])
    shares = ", ".join(f"{name} {share:.2f}" for name, share in passed.cores.items())
    used = f"Cores used: {shares}; {passed.spooled} webhooks by way of the spool."
    sizes = ", ".join(f"{name} {size:.0f}" for name, size in passed.memory.items())
    return [
        Row(
            f"storm: {storm.builds} builds × {storm.webhooks} webhooks, last card final",
            f"{passed.last_final:.1f} s, {passed.last_final / storm.ideal:.2f} × creates ÷ rate",
            f"≤ {goal:.1f} s, {FINAL_FACTOR} ×",
            passed.last_final <= goal,
            f"{storm.scale} {used}",
            used,
        ),
        Row(
            "storm: requests to Discord",
            f"{counts['requests']} ({counts['created']} creates, {counts['edited']} edits)",
            f"≤ {REQUEST_FACTOR * allowed:.0f}",
            counts["requests"] <= REQUEST_FACTOR * allowed,
            f"{REQUEST_FACTOR} × ({storm.builds} builds + {allowed - storm.builds} edits allowed).",
        ),
        Row("storm: answers 429", str(refused), "0", refused == 0),
        Row(
            "storm: an ending, from its arrival to Discord",
            f"{windows:.1f} windows, median",
            f"≤ {ENDING_WINDOWS:g} windows",
            windows <= ENDING_WINDOWS,
            f"of {len(passed.endings)} endings; the longest "
            f"{max(passed.endings) / storm.window:.1f} windows.",
            used,
        ),
        Row(
            "memory: the largest process after the storm",
            f"{passed.memory[worst]:.0f} MB ({worst})",
            f"≤ {MEMORY_MB:.0f} MB",
            passed.memory[worst] <= MEMORY_MB,
            f"RSS in MB: {sizes}.",
        ),
    ]
