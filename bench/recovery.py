"""Recovery: how soon everything is shown after an outage, and what one huge delivery costs."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from slow_link import slow_link
from stack import Bridge, Database, environ_of, eventually

from bench.machine import peak_mb
from bench.rig import lead
from bench.row import Row
from bench.webhooks import play_builds
from playground.discord.process import running
from playground.drone.builds import play
from playground.drone.delivery import Delivery

BUILDS = 20
WEBHOOKS = 6
STEPS = 50_000
LEASE_SECONDS = "6"  # the setting's default
LONGEST_SECONDS = 120.0
DRAIN_SECONDS = 15.0
MEMORY_MB = 384.0  # what the stack gives a worker


def run(is_quick: bool) -> list[Row]:
    """Let MongoDB be away, hang and be far away; then send one huge delivery."""
    deliveries = play_builds(BUILDS // (4 if is_quick else 1), WEBHOOKS, 1.0)
    return [
        _outage("MongoDB was killed", deliveries, _killed),
        _outage("MongoDB hung", deliveries, _hung),
        _far(deliveries),
        _huge(),
    ]


@contextmanager
def _bridge(**settings: str) -> Iterator[tuple[Bridge, Database]]:
    with TemporaryDirectory(prefix="bench-") as name, running("--no-limits") as discord:
        folder = Path(name)
        database = Database(folder)
        database.start()
        environ = {**environ_of(database.uri, discord, folder), "LEASE_SECONDS": LEASE_SECONDS}
        bridge = Bridge({**environ, **settings}, folder, discord)
        try:
            yield bridge, database
        finally:
            bridge.stop()
            database.end()


def _outage(name: str, deliveries: list[Delivery], act: Callable[[Database, bool], None]) -> Row:
    with _bridge() as (bridge, database):
        bridge.start_server()
        lead(bridge)
        act(database, True)
        _post(bridge, deliveries)
        act(database, False)
        return _row(name, len(deliveries), _seconds_to_rest(bridge, len(deliveries)))


def _killed(database: Database, begins: bool) -> None:
    if begins:
        database.end(signal.SIGKILL)
    else:
        database.start()


def _hung(database: Database, begins: bool) -> None:
    database.send(signal.SIGSTOP if begins else signal.SIGCONT)


def _far(deliveries: list[Delivery]) -> Row:
    """Let it be so far away that no request waits for it."""
    with _bridge() as (bridge, database):
        bridge.make_collections()
        near = bridge.environ["MONGO_URI"]
        with slow_link(database.port, 0.6) as port:
            bridge.environ["MONGO_URI"] = database.at(port)
            bridge.start_server(is_new=False)
            _post(bridge, deliveries)
            bridge.environ["MONGO_URI"] = near
            bridge.start_worker()
            seconds = _seconds_to_rest(bridge, len(deliveries))
            bridge.stop()
            return _row("MongoDB is 1.2 s away", len(deliveries), seconds)


def _post(bridge: Bridge, deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        if (status := bridge.post(delivery)) != 204:
            raise AssertionError(f"answered {status}")


def _seconds_to_rest(bridge: Bridge, count: int) -> float:
    began = time.monotonic()
    eventually(
        lambda: len(bridge.deliveries()) == count and bridge.is_at_rest(), LONGEST_SECONDS, 0.1
    )
    return time.monotonic() - began


def _row(name: str, count: int, seconds: float) -> Row:
    return Row(
        f"recovery: {count} webhooks spooled, {name}",
        f"{seconds:.1f} s until all is shown",
        f"≤ {DRAIN_SECONDS:.0f} s",
        seconds <= DRAIN_SECONDS,
    )


def _huge() -> Row:
    body = json.loads(play("push")[0].body)
    steps = [{"id": n, "number": n, "name": f"s {n}", "status": "success"} for n in range(STEPS)]
    body["build"]["stages"] = [{"id": 1, "number": 1, "name": "huge", "steps": steps}]
    raw = json.dumps(body).encode()
    with _bridge() as (bridge, _):
        bridge.start_server()
        worker = lead(bridge)
        began = time.monotonic()
        if bridge.post_body(raw) != 204:
            raise AssertionError("the huge delivery was not taken")
        eventually(bridge.is_at_rest, LONGEST_SECONDS)
        seconds = time.monotonic() - began
        peak = peak_mb(worker.popen.pid)
        losses = worker.output().count("Another worker holds the lease")
        return Row(
            f"recovery: one delivery with {STEPS} steps",
            f"{peak:.0f} MB at most, {seconds:.1f} s",
            f"≤ {MEMORY_MB:.0f} MB, the lease kept",
            peak <= MEMORY_MB and not losses,
            f"{len(raw) / 1e6:.1f} MB; peak of RSS; the lease lost {losses} times.",
        )
