"""The health checks of the containers of server and worker."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from stack import BUSY_SECONDS, Bridge, eventually, spawn

from playground.drone.builds import play
from server import healthcheck

NOW = 1_800_000_000.0


def report(of_all: str, **mongo: str) -> bytes:
    """Return what `/health` answers."""
    return json.dumps({"status": of_all, "checks": {"mongo": mongo}}).encode()


@pytest.mark.parametrize(
    ("answer", "is_well", "sentence"),
    [
        (report("ok", status="ok"), True, "The server answers: ok."),
        (
            report("degraded", status="degraded", detail="MongoDB does not answer."),
            True,
            "The server answers: degraded. MongoDB does not answer.",
        ),
        (report("failing", status="ok"), True, "The server answers: failing."),
        (
            report("failing", status="failing", detail="Nothing can be kept."),
            False,
            "The server answers: failing. Nothing can be kept.",
        ),
        (b"<html>", False, "What answers is not the server."),
        (b"[]", False, "What answers is not the server."),
        (b'{"status": "ok"}', False, "What answers is not the server."),
        (b'{"status": "ok", "checks": {"mongo": 1}}', False, "What answers is not the server."),
        (b"\xff", False, "What answers is not the server."),
    ],
    ids=[
        "all is well",
        "webhooks go to the spool",
        "Discord refuses the token",
        "nothing can be kept",
        "a page",
        "a list",
        "no checks",
        "no check",
        "no text",
    ],
)
def test_a_server_is_well_while_it_keeps_webhooks(
    answer: bytes, is_well: bool, sentence: str
) -> None:
    assert healthcheck.judge(answer) == (is_well, sentence)


@pytest.mark.parametrize(
    ("age", "is_alive"),
    [(0.0, True), (60.0, True), (61.0, False), (-30.0, True)],
    ids=["now", "just so", "too old", "a clock set back"],
)
def test_the_age_of_the_workers_file_decides(age: float, is_alive: bool, tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    path.touch()
    os.utime(path, (NOW - age, NOW - age))

    sentence = f"The worker's last heartbeat is {max(0.0, age):.0f} s old."
    assert healthcheck.verdict(path, NOW) == (is_alive, sentence)


def check(bridge: Bridge, *arguments: str, **environ: str) -> tuple[int, str]:
    """Run the health check as a container does; return its status and what it printed."""
    log = bridge.folder / f"healthcheck-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "server.healthcheck", *arguments]
    process = spawn(command, {**bridge.environ, **environ}, log)
    return process.popen.wait(60), process.output()


def test_a_server_that_runs_is_well(bridge: Bridge) -> None:
    status, output = check(bridge)

    assert status == 0
    assert output.startswith("The server answers: ")


def test_a_server_that_keeps_webhooks_on_disk_is_well(bridge: Bridge) -> None:
    bridge.processes.pop().end(signal.SIGKILL)
    del bridge.environ["MONGO_URI"]
    bridge.environ |= {"MONGO_HOST": "127.0.0.1", "MONGO_PORT": "1"}
    bridge.start_server()

    assert check(bridge) == (
        0,
        "The server answers: degraded. MongoDB does not answer; webhooks are kept in the spool.\n",
    )


def test_a_port_that_nobody_serves_is_not_well(bridge: Bridge) -> None:
    bridge.processes.pop().end(signal.SIGKILL)
    port = bridge.environ["PORT"]

    expected = f"The server does not answer on port {port}: ConnectionRefusedError.\n"
    assert check(bridge) == (1, expected)


def test_a_port_that_is_none_is_told_of(bridge: Bridge) -> None:
    status, output = check(bridge, PORT="x")

    assert (status, "PORT must be a whole number" in output) == (1, True)


def test_the_worker_is_well_while_it_goes_its_rounds(bridge: Bridge, tmp_path: Path) -> None:
    path = str(tmp_path / "heartbeat")
    before = check(bridge, "worker", HEARTBEAT_PATH=path)

    bridge.start_worker(HEARTBEAT_PATH=path)

    assert before == (1, "No heartbeat: the worker has not begun its rounds.\n")
    eventually(lambda: check(bridge, "worker", HEARTBEAT_PATH=path)[0] == 0)


def test_a_worker_without_a_path_is_told_of(bridge: Bridge) -> None:
    status, output = check(bridge, "worker")

    assert (status, "HEARTBEAT_PATH is missing" in output) == (1, True)


def test_a_server_told_to_stop_takes_webhooks_until_the_delay_is_over(bridge: Bridge) -> None:
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.environ["STOP_DELAY"] = "5"
    server = bridge.start_server()
    delivery = play("push")[0]

    server.send(signal.SIGTERM)
    told_at = time.monotonic()
    answers = [bridge.post(delivery) for _ in range(10)]

    assert set(answers) == {204}
    assert server.popen.wait(60) == 0
    assert time.monotonic() - told_at >= 5
    assert "Exception" not in server.output()


def test_a_second_sigterm_ends_a_server_that_waits(bridge: Bridge) -> None:
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.environ["STOP_DELAY"] = "30"
    server = bridge.start_server()

    server.send(signal.SIGTERM)
    eventually(lambda: len(os.listdir(f"/proc/{server.popen.pid}/task")) > 1)
    server.send(signal.SIGTERM)

    assert server.popen.wait(BUSY_SECONDS) == 0
