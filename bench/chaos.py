"""Chaos: server, workers and database are killed under load; then every card must be right.

`PYTHONPATH=.:test python -m bench.chaos [--seconds 180] [--seed 1]`, or `make chaos`. A webhook
that was not answered 204 is sent again, signed anew, as Drone never would; so each is answered 204
in the end, and what was kept without an answer comes twice. Exits 1 if a message is missing, double
or wrong.
"""

import argparse
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from stack import Bridge, Database, Process, environ_of, eventually, titles, truth

from bench.machine import heading
from bench.rig import database_name, say
from bench.row import Row, percentile, table
from bench.webhooks import play_builds
from playground.discord.process import running
from playground.drone.delivery import Delivery

WEBHOOKS = 6  # of each build
PER_SECOND = 8.0
PAUSES = (2.0, 7.0)  # seconds between two kills
AWAY = (0.0, 3.0)  # seconds until what was killed is started again
REST_SECONDS = 180.0
ANSWER_SECONDS = 10.0
VICTIMS = ("server", "worker", "database")


@dataclass
class Stand:
    """What runs, and how to kill each part of it and start it again."""

    bridge: Bridge
    database: Database
    server: Process
    workers: list[Process]
    kills: Counter[str] = field(default_factory=Counter)

    def kill(self, victim: str, chance: random.Random) -> None:
        """Kill a part by SIGKILL and start it again a little later."""
        self.kills[victim] += 1
        away = chance.uniform(*AWAY)
        if victim == "database":
            self.database.end(signal.SIGKILL)
            time.sleep(away)
            self.database.start()
        elif victim == "server":
            self.server.end(signal.SIGKILL)
            time.sleep(away)
            self.server = self.bridge.start_server(is_new=False)
        else:
            number = chance.randrange(len(self.workers))
            self.workers[number].end(signal.SIGKILL)
            time.sleep(away)
            self.workers[number] = self.bridge.start_worker()


@dataclass
class Sender:
    """Sends webhooks one after the other, each until it is answered 204."""

    bridge: Bridge
    deliveries: Sequence[Delivery]
    again: int = 0
    waits: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Send everything, evenly spaced while all is well."""
        began = time.monotonic()
        for number, delivery in enumerate(self.deliveries):
            time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
            while not self._is_taken(delivery):
                self.again += 1
                time.sleep(0.1)

    def _is_taken(self, delivery: Delivery) -> bool:
        sent_at = time.monotonic()
        try:
            status = self.bridge.post(delivery)
        except requests.RequestException:
            return False
        self.waits.append(time.monotonic() - sent_at)
        return bool(status == 204)


def run(seconds: float, seed: int) -> tuple[list[Row], list[str]]:
    """Kill for some seconds, wait until all is at rest, and return figures and what is wrong."""
    deliveries = play_builds(int(seconds * PER_SECOND / WEBHOOKS), WEBHOOKS, 1.0)
    chance = random.Random(seed)  # noqa: S311 – a plan that repeats, no secret
    with TemporaryDirectory(prefix="chaos-") as name, running() as discord:
        folder = Path(name)
        discord.set_limits(messages="5/0.5")
        database = Database(folder)
        database.start()
        bridge = Bridge(environ_of(database.uri, discord, folder), folder, discord)
        try:
            server = bridge.start_server()
            stand = Stand(bridge, database, server, [bridge.start_worker() for _ in range(2)])
            sender = Sender(bridge, deliveries)
            thread = threading.Thread(target=sender.run, daemon=True)
            thread.start()
            _kill_until(time.monotonic() + seconds, stand, chance)
            stopped_at = time.monotonic()
            thread.join(REST_SECONDS)
            eventually(lambda: not thread.is_alive() and _is_calm(bridge), REST_SECONDS, every=0.5)
            calm = time.monotonic() - stopped_at
            wrong = _wrong(titles(discord), truth(deliveries))
            return [_row(stand, sender, calm, wrong)], wrong
        finally:
            bridge.stop()
            database.end()


def _kill_until(end: float, stand: Stand, chance: random.Random) -> None:
    while (pause := chance.uniform(*PAUSES)) < end - time.monotonic():
        time.sleep(pause)
        stand.kill(chance.choice(VICTIMS), chance)
    say(f"killed: {dict(stand.kills)}")


def _is_calm(bridge: Bridge) -> bool:
    return bool(bridge.health()["counts"].get("spooled") == 0 and bridge.is_at_rest())


def _wrong(shown: Sequence[str], right: Sequence[str]) -> list[str]:
    """Say what is shown and should not be, and the other way round."""
    more, less = Counter(shown) - Counter(right), Counter(right) - Counter(shown)
    return [f"too much: {one}" for one in more.elements()] + [
        f"missing: {one}" for one in less.elements()
    ]


def _row(stand: Stand, sender: Sender, calm: float, wrong: Sequence[str]) -> Row:
    kills = ", ".join(f"{name} {stand.kills[name]}" for name in VICTIMS)
    builds = len(truth(sender.deliveries))
    return Row(
        f"chaos: {sum(stand.kills.values())} kills under {len(sender.deliveries)} webhooks",
        f"{len(wrong)} of {builds} cards wrong",
        "0",
        not wrong,
        f"SIGKILL: {kills}. {sender.again} webhooks had to be sent again because no server was "
        f"there; answered after {percentile(sender.waits, 0.5) * 1000:.0f} ms, p99 "
        f"{percentile(sender.waits, 0.99) * 1000:.0f} ms. All at rest {calm:.0f} s after the end.",
    )


def main(words: Sequence[str]) -> int:
    """Run, print the figures, and return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(f"{heading(database_name())}\n\n")
    rows, wrong = run(chosen.seconds, chosen.seed)
    sys.stdout.write(f"\n{table(rows)}")
    for one in wrong:
        sys.stdout.write(f"{one}\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
