"""The bridge as processes, for the tests that need it whole.

Nothing here sleeps for a fixed time: whatever has to come is awaited, with a limit.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import requests

from playground.discord.options import CHANNEL_ID as CHANNEL
from playground.discord.options import TOKEN
from playground.discord.process import StandIn
from playground.drone.delivery import Delivery
from playground.drone.signing import headers_of, sign
from playground.supervisor import BIN, answers, free_port

ROOT = Path(__file__).parent.parent.parent
SECRET = "secret-of-the-tests"

# Far above what is promised in seconds, which the benchmarks measure, for a machine that is busy;
# below the 30 s that a database's driver waits by default.
BUSY_SECONDS = 25.0

# What the server and the worker write to.
COLLECTIONS = {"deliveries", "cards", "leases", "claims", "repos", "actions", "webhooks"}

Found = TypeVar("Found")


def eventually(look: Callable[[], Found], seconds: float = 60.0, every: float = 0.05) -> Found:
    """Return what *look* returns as soon as it is true; fail after *seconds*."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {look.__name__}, last {found!r}")
        pause.wait(every)


@dataclass
class Process:
    """A process of the bridge, with what it printed."""

    popen: subprocess.Popen[bytes]
    log: Path

    def output(self) -> str:
        """Return everything it printed so far."""
        return self.log.read_text(encoding="utf-8")

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and, for SIGKILL, to its children."""
        if number is signal.SIGKILL:
            os.killpg(self.popen.pid, number)
        else:
            self.popen.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 60.0) -> int:
        """End the process and return its status; fail if it takes longer than *seconds*."""
        if self.popen.poll() is None:
            self.send(number)
        status = self.popen.wait(seconds)
        # Children hold the port a moment longer than their parent.
        eventually(lambda: not _group_lives(self.popen.pid))
        return status


def _group_lives(pid: int) -> bool:
    """Tell whether a process of a group still runs: the dead are no matter, even if the parent that
    they were left to has not waited for them yet."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return any(_runs_in(pid, stat) for stat in Path("/proc").glob("[0-9]*/stat"))


def _runs_in(group: int, stat: Path) -> bool:
    # state, parent and group follow the name: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    try:
        state, _, found = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
    except OSError:  # it has just ended
        return False
    return int(found) == group and state not in "ZX"


def spawn(command: list[str], environ: Mapping[str, str], log: Path) -> Process:
    """Start a process from the checkout, in a group of its own."""
    with log.open("ab") as output:
        popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environ},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process(popen, log)


class Database:
    """A MongoDB-protocol server of one test's own, which may die and come back with its data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: Process | None = None

    @property
    def uri(self) -> str:
        """Return its address."""
        return self.at(self.port)

    @staticmethod
    def at(port: int) -> str:
        """Return the address of a database behind *port*."""
        options = "directConnection=true&w=majority&journal=true&retryWrites=false"
        return f"mongodb://127.0.0.1:{port}/?{options}"

    def start(self) -> None:
        """Start it over what it kept and wait until it answers."""
        data = self._folder / "database"
        data.mkdir(exist_ok=True)
        command = [
            str(BIN / "secantusd-py"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--log-level", "WARNING"),
            *("--storage-path", str(data), "--sync-on-commit"),
        ]
        process = spawn(command, {}, self._folder / "database.log")
        self._process = process
        eventually(lambda: answers(self.port) or process.popen.poll() is not None)
        assert process.popen.poll() is None, process.output()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; stopped, it hangs."""
        assert self._process is not None
        self._process.popen.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it; SIGKILL is a crash."""
        if self._process is not None:
            self._process.end(number)


def shown(discord: StandIn, channel_id: str = CHANNEL) -> list[dict[str, Any]]:
    """Return the messages that a channel shows, oldest first."""
    return [message for message in discord.messages(channel_id) if message["deleted_at"] is None]


def titles(discord: StandIn, channel_id: str = CHANNEL) -> list[str]:
    """Return the titles that a channel shows, in alphabetical order."""
    return sorted(title_of(message) for message in shown(discord, channel_id))


def title_of(message: Mapping[str, Any]) -> str:
    """Return the title of a message as it is shown now."""
    embeds = message["versions"][-1]["embeds"]
    return str(embeds[0]["title"]) if embeds else ""


# How the title of a card ends, by Drone's status.
WORDS = {
    "success": "✅ passed",
    "failure": "❌ failed",
    "killed": "🛑 cancelled",
    "error": "💥 could not run",
}


def truth(deliveries: Sequence[Delivery]) -> list[str]:
    """Return the titles that a channel must show once all of *deliveries* have arrived."""
    endings = {delivery.subject: delivery.status for delivery in deliveries}
    return sorted(f"{subject} · {WORDS[status]}" for subject, status in endings.items())


@dataclass
class Bridge:
    """Server and worker, as processes, before a database and the stand-in."""

    environ: dict[str, str]
    folder: Path
    discord: StandIn
    processes: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.environ['PORT']}"

    def start_server(self, is_new: bool = True) -> Process:
        """Start gunicorn and wait until it answers; unless *is_new* its collections are there."""
        if is_new:
            self.make_collections()
        port = int(self.environ["PORT"])
        # The threads of a server that was killed may hold the port when its process has gone.
        eventually(lambda: not answers(port))
        process = self.start(
            [str(BIN / "gunicorn"), "--config", "server/gunicorn.conf.py", "server.wsgi:app"],
            "server.log",
        )
        eventually(lambda: answers(port) or process.popen.poll() is not None)
        assert process.popen.poll() is None, process.output()
        return process

    def make_collections(self) -> None:
        """Make what is written to: the embedded database may hang for good when a collection comes
        into being by an index and by a first document at the same moment."""
        if "MONGO_URI" not in self.environ:
            return  # the test keeps the address where only the processes look
        with self._database() as database:
            missing = COLLECTIONS - set(database.list_collection_names())
            for name in missing:
                database.create_collection(name)

    def start_worker(self, **environ: str) -> Process:
        """Start a worker; it holds the lease some time later."""
        number = len(self.processes)
        return self.start([sys.executable, "-m", "server.worker"], f"worker-{number}.log", environ)

    def start(
        self, command: list[str], log: str, environ: Mapping[str, str] | None = None
    ) -> Process:
        """Start a process of the bridge, with its settings."""
        process = spawn(command, {**self.environ, **(environ or {})}, self.folder / log)
        self.processes.append(process)
        return process

    def command(self, *words: str) -> str:
        """Run a command of the Flask CLI and return what it printed."""
        return subprocess.run(
            [str(BIN / "flask"), "--app", "server.wsgi", *words],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **self.environ},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

    def post(self, delivery: Delivery) -> int:
        """Send what Drone would send now; return the status."""
        return self.post_body(delivery.body, headers_of(delivery, SECRET, datetime.now(UTC)))

    def post_body(self, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        """Send a body, signed now unless headers say otherwise; return the status."""
        signed = headers if headers is not None else sign(body, SECRET, datetime.now(UTC))
        return requests.post(self.url, data=body, headers=dict(signed), timeout=60).status_code

    def health(self) -> dict[str, Any]:
        """Return what the server says of the bridge's health."""
        report: dict[str, Any] = requests.get(f"{self.url}/health", timeout=60).json()
        return report

    def is_at_rest(self) -> bool:
        """Tell whether nothing that arrived waits to be merged or shown.

        An ending that is only to be confirmed is shown already.
        """
        with self._database() as database:
            pending = database.deliveries.find_one({"pending": True}, {"_id": 1})
            due = {"due_at": {"$exists": True}, "confirm_at": {"$exists": False}}
            return not pending and not database.cards.find_one(due, {"_id": 1})

    def _works_for_people(self) -> bool:
        with self._database() as database:
            return database.actions.find_one({"result": ""}, {"_id": 1}) is not None

    def forget_everything(self) -> None:
        """Empty every collection but the leases, as soon as nothing is in hand."""
        eventually(lambda: self.is_at_rest() and not self._works_for_people())
        with self._database() as database:
            for name in set(database.list_collection_names()) - {"leases"}:
                database[name].delete_many({})

    def deliveries(self) -> list[dict[str, Any]]:
        """Return the documents of all deliveries."""
        with self._database() as database:
            return list(database.deliveries.find().sort("received_at"))

    def delivery_where(self, where: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return some fields of a delivery, nothing if there is none."""
        with self._database() as database:
            return database.deliveries.find_one(where, fields) or {}

    def card(self) -> dict[str, Any]:
        """Return the document of the only card."""
        (card,) = self.cards()
        return card

    def change_card(self, changes: Mapping[str, Any]) -> None:
        """Overwrite fields of the only card, as if time had passed."""
        with self._database() as database:
            database.cards.update_one({}, {"$set": dict(changes)})

    def change_cards(self, where: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        """Overwrite fields of some cards, as if time had passed."""
        with self._database() as database:
            database.cards.update_many(dict(where), {"$set": dict(changes)})

    def add_delivery(self, document: Mapping[str, Any]) -> None:
        """Put a delivery into the inbox past the server."""
        with self._database() as database:
            database.deliveries.insert_one(dict(document))

    def give_lease(self, holder: str) -> None:
        """Let somebody hold the lease who is never heard of again."""
        lease = {"holder": holder, "beat": 1, "renewed_at": datetime.now(UTC), "report": {}}
        with self._database() as database:
            database.leases.update_one({"_id": "worker"}, {"$set": lease}, upsert=True)

    def cards(self) -> list[dict[str, Any]]:
        """Return the documents of all cards."""
        with self._database() as database:
            return list(database.cards.find().sort("_id"))

    @contextmanager
    def _database(self) -> Iterator[Any]:
        yield _client(self.environ["MONGO_URI"])[self.environ["MONGO_DATABASE"]]

    def stop(self) -> None:
        """End every process that still runs."""
        for process in self.processes:
            if process.popen.poll() is None:
                process.send(signal.SIGKILL)
        for process in self.processes:
            process.end(signal.SIGKILL)


@cache
def _client(uri: str) -> Any:
    """Return the client of a database. None is closed: with a dead database that takes 30 s."""
    import pymongo

    return pymongo.MongoClient(uri, tz_aware=True)


MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"


def tell(bridge: Bridge, discord: StandIn, *deliveries: Delivery) -> None:
    """Send deliveries and wait until everything is shown."""
    for delivery in deliveries:
        assert bridge.post(delivery) == 204
    eventually(bridge.is_at_rest)


def environ_of(mongo_uri: str, discord: StandIn, folder: Path) -> dict[str, str]:
    """Return the settings of one test's bridge: a port, a database and a spool of its own."""
    return {
        "DRONE_WEBHOOK_SECRET": SECRET,
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_CHANNEL_ID": CHANNEL,
        "DISCORD_API_BASE_URL": discord.api,
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": f"test-{free_port()}-{time.monotonic_ns()}",
        "SPOOL_PATH": str(folder / "spool.sqlite3"),
        "DOTENV_PATH": str(folder / "no.env"),
        # An index with a TTL makes the embedded database slow for a while once a minute.
        "DELIVERY_TTL_DAYS": "0",
        "CARD_TTL_DAYS": "0",
        "LEASE_SECONDS": "2",
        "PORT": str(free_port()),
        "WEB_CONCURRENCY": "1",  # 2 where it matters that two do something at once,
    }
