"""Receive: how fast webhooks are taken, beside the least that could take them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stack import Bridge, Process, eventually, spawn

from bench.load import Load, as_fast_as_taken
from bench.machine import cpu_seconds
from bench.rig import Rig, rig, say
from bench.row import Row, median, percentile
from bench.webhooks import many_requests, play_builds
from playground.supervisor import BIN, answers, free_port

THROUGHPUT_SHARE = 0.8
P99_FACTOR = 1.5
# Requests before every slice, in which connections and caches come up.
WARM_UP = 100
LONGEST_SECONDS = 20.0


@dataclass(slots=True)
class Side:
    """One of the two that are compared, with the slices that were measured of it."""

    name: str
    port: int
    pid: int
    loads: list[Load] = field(default_factory=list)
    core_milliseconds: list[float] = field(default_factory=list)  # of one webhook

    def measure(self, requests: Sequence[bytes]) -> None:
        """Measure one slice."""
        as_fast_as_taken(self.port, requests[:WARM_UP], LONGEST_SECONDS)
        used = cpu_seconds(self.pid)
        load = as_fast_as_taken(self.port, requests[WARM_UP:], LONGEST_SECONDS)
        used = cpu_seconds(self.pid) - used
        self.core_milliseconds.append(used * 1000 / len(load.shots))
        self.loads.append(load)

    def without_the_first(self) -> "Side":
        """Leave out the slice in which everything was cold."""
        loads, core = self.loads[1:], self.core_milliseconds[1:]
        return Side(self.name, self.port, self.pid, loads, core)

    @property
    def per_second(self) -> float:
        """Return the median of the slices."""
        return median([load.per_second for load in self.loads])

    @property
    def p99(self) -> float:
        """Return the median of the slices' 99th percentiles, in seconds."""
        return median([percentile(load.waits, 0.99) for load in self.loads])

    @property
    def effort(self) -> str:
        """Say what one webhook costs."""
        return f"{median(self.core_milliseconds):.2f} ms of a core"


def run(is_quick: bool) -> list[Row]:
    """Compare the bridge with the bare receiver, in turns, on one database."""
    slices, count = (3, 400) if is_quick else (9, 600)
    deliveries = play_builds(100, 30)
    now = datetime.now(UTC)
    with rig() as ground, ground.bridge() as bridge:
        bridge.command("init-db")
        sides = [_bridge_side(bridge), _bare_side(bridge, ground)]
        for turn in range(2 * slices + 2):
            side = sides[(turn + turn // 2) % 2]  # A B B A A B …
            side.measure(many_requests(deliveries, count, now, first=turn * count))
            say(f"{side.name}: {side.loads[-1].per_second:.0f} webhooks/s")
        return _rows(*(side.without_the_first() for side in sides))


def _bridge_side(bridge: Bridge) -> Side:
    process = bridge.start_server()
    return Side("the bridge", int(bridge.environ["PORT"]), process.popen.pid)


def _bare_side(bridge: Bridge, ground: Rig) -> Side:
    port = free_port()
    process: Process = spawn(
        [str(BIN / "gunicorn"), "--config", "server/gunicorn.conf.py", "bench.bare:app"],
        {**bridge.environ, "PORT": str(port)},
        ground.folder / "bare.log",
    )
    bridge.processes.append(process)
    eventually(lambda: answers(port) or process.popen.poll() is not None)
    return Side("bare", port, process.popen.pid)


def _rows(ours: Side, bare: Side) -> list[Row]:
    share = ours.per_second / bare.per_second
    factor = ours.p99 / bare.p99
    busy = max(load.busy for side in (ours, bare) for load in side.loads)
    cause = f"A webhook takes {ours.effort} here and {bare.effort} in the bare one."
    return [
        Row(
            "receive: webhooks/s against a bare view",
            f"{ours.per_second:.0f} of {bare.per_second:.0f}/s, {share:.2f} ×",
            f"≥ {THROUGHPUT_SHARE} ×",
            share >= THROUGHPUT_SHARE,
            f"{cause} The sender used {busy:.2f} of a core.",
            cause,
        ),
        Row(
            "receive: p99 of the answer",
            f"{ours.p99 * 1000:.1f} against {bare.p99 * 1000:.1f} ms, {factor:.2f} ×",
            f"≤ {P99_FACTOR} ×",
            factor <= P99_FACTOR,
            f"8 connections, {len(ours.loads)} slices each, in turns.",
            cause,
        ),
    ]
