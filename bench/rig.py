"""What a benchmark runs: a database, Discord's stand-in and the bridge, all ended afterwards."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pymongo
from stack import Bridge, Process, environ_of, eventually, spawn

from bench.machine import cpu_seconds, family, resident_mb
from playground.discord.process import StandIn, running
from playground.supervisor import BIN, answers, free_port

# What was signed in advance must still be young when it is sent; the check itself stays on.
MAX_AGE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Rig:
    """A database and a stand-in that a bridge can be put in front of."""

    folder: Path
    mongo_uri: str
    discord: StandIn
    database_pid: int | None = None  # of the embedded one

    @contextmanager
    def bridge(self, database: str = "bench", **settings: str) -> Iterator[Bridge]:
        """Give a bridge whose processes are for the caller to start."""
        environ = environ_of(self.mongo_uri, self.discord, self.folder)
        environ["MONGO_DATABASE"] = database
        environ["DRONE_WEBHOOK_MAX_AGE"] = str(MAX_AGE_SECONDS)
        bridge = Bridge({**environ, **settings}, self.folder, self.discord)
        try:
            yield bridge
        finally:
            bridge.stop()

    @contextmanager
    def database(self, name: str = "bench") -> Iterator[Any]:
        """Give a database as the bench itself reads and writes it."""
        client: Any = pymongo.MongoClient(self.mongo_uri, tz_aware=True)
        try:
            yield client[name]
        finally:
            client.close()


@contextmanager
def rig(*stand_in: str) -> Iterator[Rig]:
    """Start a database and a stand-in; TEST_MONGO_URI names another database."""
    with TemporaryDirectory(prefix="bench-") as name, running(*stand_in) as discord:
        folder = Path(name)
        if chosen := os.environ.get("TEST_MONGO_URI"):
            yield Rig(folder, chosen, discord)
            return
        with _embedded(folder) as (mongo_uri, pid):
            yield Rig(folder, mongo_uri, discord, pid)


@contextmanager
def _embedded(folder: Path) -> Iterator[tuple[str, int]]:
    """Start the embedded database; it does one thing at a time, so a disk would slow everything."""
    port = free_port()
    address = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "WARNING")
    command = [str(BIN / "secantusd-py"), *address, "--storage-path", ":memory:"]
    process = spawn(command, {}, folder / "database.log")
    try:
        eventually(lambda: answers(port) or process.popen.poll() is not None)
        options = "directConnection=true&w=majority&journal=true&retryWrites=false"
        yield f"mongodb://127.0.0.1:{port}/?{options}", process.popen.pid
    finally:
        process.end(signal.SIGTERM)


def database_name() -> str:
    """Name the database that is measured with."""
    if os.environ.get("TEST_MONGO_URI"):
        return "the one that TEST_MONGO_URI names"
    return f"embedded, SecantusDB {version('secantusdb')}, in memory"


def lead(bridge: Bridge) -> Process:
    """Start a worker and wait until it acts."""
    worker = bridge.start_worker()
    eventually(lambda: "holds the lease" in worker.output(), every=0.01)
    return worker


def await_rest(bridge: Bridge, seconds: float, every: float = 0.5) -> None:
    """Wait until all that arrived is shown; a look costs little, but not nothing."""
    eventually(bridge.is_at_rest, seconds, every)


def memory(bridge: Bridge) -> dict[str, float]:
    """Return the memory of every process of the bridge, in MB."""
    sizes: dict[str, float] = {}
    for process in bridge.processes:
        members = family(process.popen.pid)
        name = process.log.stem.split("-")[0]
        for number, pid in enumerate(members):
            part = f"{name} {number or 'master'}" if len(members) > 1 else name
            sizes[part] = resident_mb(pid)
    return sizes


def cores(bridge: Bridge) -> dict[str, float]:
    """Return the seconds for which server and worker have used a core."""
    return {
        process.log.stem.split("-")[0]: cpu_seconds(process.popen.pid)
        for process in bridge.processes
    }


def spooled(bridge: Bridge) -> int:
    """Return how many deliveries went to the spool, because the database took too long."""
    return sum(process.output().count('place="spool"') for process in bridge.processes)


def clock_difference(discord: StandIn) -> float:
    """Return how far the stand-in's clock is ahead of ours, in seconds."""
    best = (float("inf"), 0.0)
    for _ in range(10):
        before = time.time()
        there = float(discord.order("GET", "clock")["now"])
        after = time.time()
        best = min(best, (after - before, there - (before + after) / 2))
    return best[1]


def say(sentence: str) -> None:
    """Tell how far the run is."""
    sys.stdout.write(f"  {sentence}\n")
    sys.stdout.flush()
