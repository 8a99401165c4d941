"""The servers that many tests share; each process of the test runner has its own."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws import Aws, Endpoint, moto
from front import SETTINGS
from hypothesis import settings
from push import TOKENS, Push
from small_disk import mounted
from stack import Bridge, Database, environ_of, eventually, spawn

from playground.discord.process import StandIn, running
from playground.drone.rest import process as drone_process
from playground.supervisor import BIN, answers, free_port

# An example takes as long as the machine is busy; nothing here is a timed test.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

TEST = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its ring, and begin with the files that run processes: they take longest,
    and no core idles at the end."""
    for item in items:
        item.add_marker(item.path.relative_to(TEST).parts[0])
    items.sort(key=lambda item: item.get_closest_marker("unit") is not None)


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
    # How fast the bridge answers people is for the benchmarks; a busy machine must not fail a test.
    with running("--answer-within", "30") as discord:
        yield discord


@pytest.fixture
def discord(stand_in: StandIn) -> Iterator[StandIn]:
    """Give a clean stand-in, and fail the test if it had to refuse anything."""
    stand_in.reset()
    yield stand_in
    assert stand_in.refusals() == []
    counts = stand_in.counts()
    assert sum(counts["too_many_requests"].values()) == counts["injected_too_many_requests"]


@pytest.fixture(scope="session")
def drone_stand_in() -> Iterator[drone_process.DroneStandIn]:
    """Give Drone's stand-in; whoever uses it resets it first."""
    with drone_process.running() as drone:
        yield drone


@pytest.fixture
def drone(drone_stand_in: drone_process.DroneStandIn) -> drone_process.DroneStandIn:
    """Give Drone's stand-in as it is at the start."""
    drone_stand_in.reset()
    return drone_stand_in


@pytest.fixture
def bridge(mongo_uri: str, discord: StandIn, tmp_path: Path) -> Iterator[Bridge]:
    """Give a bridge whose server runs; the worker is for the test to start."""
    bridge = Bridge(environ_of(mongo_uri, discord, tmp_path), tmp_path, discord)
    bridge.start_server()
    yield bridge
    bridge.stop()


@pytest.fixture(scope="module")
def running_bridge(
    mongo_uri: str, stand_in: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bridge]:
    """Give a bridge whose server and worker the tests of one file share, for `shared_bridge`."""
    folder = tmp_path_factory.mktemp("bridge")
    bridge = Bridge(environ_of(mongo_uri, stand_in, folder), folder, stand_in)
    bridge.start_server()
    bridge.start_worker()
    yield bridge
    bridge.stop()


@pytest.fixture
def shared_bridge(running_bridge: Bridge, discord: StandIn) -> Iterator[Bridge]:
    """Give the file's bridge, which knows nothing; the test neither ends nor changes it."""
    yield running_bridge
    # An ending is confirmed some seconds later: what is known now must not reach another test.
    running_bridge.forget_everything()


@pytest.fixture(scope="module")
def front(
    mongo_uri: str, stand_in: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bridge]:
    """Give a bridge whose server the tests of one file share; it has no worker."""
    folder = tmp_path_factory.mktemp("front")
    bridge = Bridge({**environ_of(mongo_uri, stand_in, folder), **SETTINGS}, folder, stand_in)
    bridge.start_server()
    yield bridge
    bridge.stop()


@pytest.fixture
def push(mongo_uri: str, discord: StandIn, tmp_path: Path) -> Iterator[Push]:
    """Give a caller before a bridge whose server runs; the worker is for the test to start."""
    environ = {**environ_of(mongo_uri, discord, tmp_path), "MESSAGES_TOKENS": TOKENS}
    bridge = Bridge(environ, tmp_path, discord)
    bridge.start_server()
    yield Push(bridge)
    bridge.stop()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a database that the test may kill."""
    database = Database(tmp_path)
    database.start()
    yield database
    database.end()


@pytest.fixture
def bridge_with_own_database(bridge: Bridge, database: Database) -> Bridge:
    """Give a bridge whose database the test may kill."""
    bridge.environ["MONGO_URI"] = database.uri
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.start_server()
    return bridge


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of a few megabytes, where root may mount one."""
    with mounted(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Give AWS Secrets Manager as moto plays it; each test has secrets of its own names."""
    with moto(tmp_path_factory.mktemp("aws")) as found:
        yield found


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Give what stands in AWS's place and answers as it is told."""
    endpoint = Endpoint()
    yield endpoint
    endpoint.end()
