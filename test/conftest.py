"""The servers that many tests share; each process of the test runner has its own."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from stack import eventually, spawn

from playground.discord.process import StandIn, running
from playground.supervisor import BIN, answers, free_port

# An example takes as long as the machine is busy; nothing here is a timed test.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a MongoDB-protocol server; TEST_MONGO_URI names another one."""
    if chosen := os.environ.get("TEST_MONGO_URI"):
        yield chosen
        return
    port = free_port()
    log = tmp_path_factory.mktemp("mongo") / "database.log"
    command = [
        str(BIN / "secantusd-py"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "WARNING"),
        *("--storage-path", ":memory:"),
    ]
    process = spawn(command, {}, Path(log))
    try:
        eventually(lambda: answers(port) or process.popen.poll() is not None)
        assert process.popen.poll() is None, process.output()
        options = "directConnection=true&w=majority&journal=true&retryWrites=false"
        yield f"mongodb://127.0.0.1:{port}/?{options}"
    finally:
        process.end(signal.SIGTERM)


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """Give Discord's stand-in; whoever uses it resets it first."""
    with running() as discord:
        yield discord
