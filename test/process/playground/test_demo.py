"""`make demo` as people start it, stop it and kill it; in a copy of the checkout."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from stack import ROOT, Process, eventually, title_of

from playground.demo import PAGE_PORT, SERVER_PORT
from playground.discord.process import StandIn

pytestmark = pytest.mark.xdist_group("demo")

PARTS = ("runtime", "server", "presence_client", "playground")
READY_SECONDS = 60.0
STOP_SECONDS = 60.0


class Demo:
    """A demo in a checkout of its own, which can be started several times."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        for part in PARTS:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, self.checkout / part, ignore=ignored)
        self.files = self.present_files()
        self.process: Process | None = None
        self._log = folder / "demo.log"

    def start(self) -> Process:
        """Start it as `make demo` does, and do not wait."""
        self._log.write_bytes(b"")
        with self._log.open("ab") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", "playground.demo"],
                cwd=self.checkout,
                env={"PATH": os.environ["PATH"], "TMPDIR": str(self.temporary)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.process = Process(popen, self._log)
        return self.process

    def said(self, what: str, seconds: float = READY_SECONDS) -> str:
        """Wait for the line that begins with *what*, and return its rest."""

        def line() -> re.Match[str] | None:
            assert process.popen.poll() is None, process.output()
            return re.search(rf"^ *{re.escape(what)}: (\S+)$", process.output(), re.MULTILINE)

        process = self.process
        assert process is not None
        found = eventually(line, seconds)
        assert found is not None
        return found[1]

    def processes(self) -> list[str]:
        """Name the processes that have their environment from this demo."""
        return [
            (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            for process in Path("/proc").glob("[0-9]*")
            if str(self.checkout).encode() in environ_of(process)
        ]

    def present_files(self) -> set[Path]:
        """Name the files there are now, but for Python's caches."""
        return {
            path.relative_to(self.checkout)
            for path in self.checkout.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    def new_files(self) -> set[str]:
        """Name the folders in which there are files that were not there before."""
        return {path.parts[0] for path in self.present_files() - self.files}

    def end(self) -> None:
        """End it if it still runs, and show what it said to whoever reads of a failure."""
        if self.process is not None:
            self.process.end(signal.SIGTERM, STOP_SECONDS)
            sys.stdout.write(self.process.output())
        eventually(lambda: not self.processes())


def environ_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return b""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Give a demo that has never run."""
    demo = Demo(tmp_path)
    yield demo
    demo.end()


@contextmanager
def taken(*ports: int) -> Iterator[None]:
    """Take ports, or leave them with whoever has them already."""
    with ExitStack() as stack:
        for port in ports:
            taker = stack.enter_context(socket.socket())
            taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taker.bind(("127.0.0.1", port))
            except OSError:
                continue
            taker.listen()
        yield


def port_of(address: str) -> int:
    return int(address.split(":")[2].partition("/")[0])


def test_it_shows_builds_and_a_healthy_bot(demo: Demo) -> None:
    demo.start()
    page = demo.said("Demo ready")
    health = demo.said("health")
    discord = StandIn(page)

    assert requests.get(page, timeout=60).status_code == 200
    for has_come in (
        lambda: requests.get(health, timeout=60).json()["status"] == "ok",
        lambda: len(discord.messages()) >= 6,
        lambda: discord.gateway_state()["presence"]["status"] == "online",
    ):
        eventually(has_come, READY_SECONDS)

    assert {title_of(one).split(" #")[0] for one in discord.messages()} == {
        "octocat/hello-world",
        "acme/shop",
    }
    assert discord.refusals() == []


def test_ports_that_are_taken_are_replaced(demo: Demo) -> None:
    with taken(PAGE_PORT, SERVER_PORT):
        demo.start()
        page = demo.said("Demo ready")
        health = demo.said("health")

        assert port_of(page) != PAGE_PORT
        assert port_of(health) != SERVER_PORT
        assert requests.get(page, timeout=60).status_code == 200
        assert requests.get(health, timeout=60).status_code in (200, 503)


def test_ctrl_c_leaves_no_process_nor_a_file_outside_data(demo: Demo) -> None:
    process = demo.start()
    demo.said("Demo ready")
    eventually(lambda: len(demo.processes()) >= 6)

    status = process.end(signal.SIGINT, STOP_SECONDS)

    assert status == 0
    assert demo.processes() == []
    assert demo.new_files() <= {"data"}
    assert list(demo.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "started"), [(signal.SIGINT, 1), (signal.SIGTERM, 2), (signal.SIGHUP, 4)]
)
def test_an_end_during_the_start_leaves_no_process(
    demo: Demo, number: signal.Signals, started: int
) -> None:
    process = demo.start()
    eventually(lambda: len(demo.processes()) >= started, every=0.005)

    status = process.end(number, STOP_SECONDS)

    assert status == 0, process.output()
    assert demo.processes() == []


@pytest.mark.parametrize("moment", ["while it starts", "while it runs"])
def test_it_runs_again_after_it_was_killed(demo: Demo, moment: str) -> None:
    process = demo.start()
    if moment == "while it runs":
        demo.said("Demo ready")
    eventually(demo.processes)

    process.end(signal.SIGKILL)
    eventually(lambda: not demo.processes())
    demo.start()

    page = demo.said("Demo ready")
    eventually(lambda: StandIn(page).messages(), READY_SECONDS)
