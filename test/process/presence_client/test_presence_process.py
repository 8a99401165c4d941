"""The presence client as a process, before a gateway that breaks and a health endpoint that lies.

Discord lets a presence change every 5 s only, so what takes several changes is told as a story,
whose chapters are subtests.
"""

import json
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from health_endpoint import HealthEndpoint
from stack import BUSY_SECONDS, Process, eventually, spawn

from playground.discord.options import TOKEN
from playground.discord.process import READY, StandIn, running
from playground.supervisor import free_port

INTERVAL = 0.1
ONLINE = {"status": "online", "text": "Watching 3 builds"}
IDLE = {"status": "idle", "text": "Discord is slow, 12 waiting"}
GONE = {"status": "offline", "text": ""}
RUNNING = {"running": 3, "waiting": 0}
CHANGES = "The presence changes."
SENT = "The presence is sent."


@dataclass
class Client:
    """A presence client that runs, and what it stands between."""

    discord: StandIn
    endpoint: HealthEndpoint
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    process: Process | None = None

    def start(self, command: tuple[str, ...] = ("-m", "presence_client"), **environ: str) -> None:
        """Start it."""
        self.environ = {
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_BASE_URL": self.discord.api,
            "DISCORD_GATEWAY_URL": self.discord.gateway,
            "HEALTHCHECK_URL": self.endpoint.url,
            "HEALTHCHECK_INTERVAL": str(INTERVAL),
            "HEARTBEAT_PATH": str(self.folder / "heartbeat"),
            "DOTENV_PATH": str(self.folder / "no.env"),
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "debug",
            **environ,
        }
        self.process = spawn([sys.executable, *command], self.environ, self.folder / "client.log")

    def output(self) -> str:
        """Return everything it printed."""
        assert self.process
        return self.process.output()

    def log(self, message: str = "") -> list[dict[str, Any]]:
        """Return its log, or the records of one sentence."""
        lines = self.output().splitlines(keepends=True)
        records = [json.loads(line) for line in lines if line.endswith("\n")]
        return [record for record in records if message in record["message"]]

    def decided(self, status: str) -> int:
        """Return how often it decided for a status."""
        return sum(record["status"] == status for record in self.log(CHANGES))

    def wait_for(self, look: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the gateway's state is as wanted, and return it."""

        def state() -> dict[str, Any] | None:
            found = self.discord.gateway_state()
            return found if look(found) else None

        return eventually(state, every=0.02) or {}

    def wait_until_shown(self, presence: dict[str, str]) -> dict[str, Any]:
        """Wait until people see a presence."""
        return self.wait_for(lambda state: shown(state) == presence)

    def check(self) -> int:
        """Run the container's health check and return its status."""
        log = self.folder / "healthcheck.log"
        command = [sys.executable, "-m", "presence_client.healthcheck"]
        return spawn(command, self.environ, log).popen.wait(60)

    def stop(self) -> tuple[int, float]:
        """Send SIGTERM; return the exit status and how many seconds it took."""
        assert self.process
        sent_at = time.monotonic()
        status = self.process.end(signal.SIGTERM)
        return status, time.monotonic() - sent_at


def shown(state: dict[str, Any]) -> dict[str, str]:
    """Return what people see of the bot."""
    return {name: state["presence"][name] for name in ("status", "text")}


@pytest.fixture
def client(stand_in: StandIn, tmp_path: Path) -> Iterator[Client]:
    """Give a client that is not started yet, before a gateway as new and a healthy bridge."""
    stand_in.reset()
    endpoint = HealthEndpoint()
    endpoint.say("ok", counts=RUNNING)
    client = Client(stand_in, endpoint, tmp_path)
    yield client
    endpoint.die()
    if client.process:
        client.process.end(signal.SIGKILL)


# -- The stories ------------------------------------------------------------------------------


def test_the_presence_follows_the_health(client: Client, subtests: pytest.Subtests) -> None:
    client.start()
    started = client.wait_until_shown(ONLINE)
    with subtests.test("the session asks for no intents"):
        assert [one["intents"] for one in started["sessions"]] == [0]

    flap(client, 10)
    flapped = client.wait_until_shown(ONLINE)
    with subtests.test("ten flaps cost neither a session nor a connection"):
        assert [flapped[name] for name in ("identifies", "connections", "resumes")] == [1, 1, 0]

    client.endpoint.die()
    died_at = datetime.now(UTC)
    eventually(lambda: client.decided("invisible") == 11)
    hid_at = datetime.fromisoformat(client.log(CHANGES)[-1]["time"])
    with subtests.test("the bot hides within two intervals of the server's death"):
        assert (hid_at - died_at).total_seconds() < 2 * INTERVAL + BUSY_SECONDS
    client.wait_until_shown(GONE)

    client.endpoint.live()
    returned = client.wait_until_shown(ONLINE)
    times = [datetime.fromisoformat(record["time"]) for record in client.log(SENT)]
    with subtests.test("updates are at least five seconds apart"):
        assert returned["presence_updates"] == len(times) >= 3
        assert min((b - a).total_seconds() for a, b in pairwise(times)) >= 4.99

    status, seconds = client.stop()
    ended = client.wait_for(lambda state: not state["connected"])
    with subtests.test("SIGTERM ends the client in time"):
        assert status == 0
        assert seconds < BUSY_SECONDS
    with subtests.test("SIGTERM hides the bot before the connection is closed"):
        assert shown(ended) == GONE
        assert ended["presence_updates"] == returned["presence_updates"] + 1
        # With 1000 Discord ends the session at once.
        assert ended["closes"] == [1000]
    with subtests.test("all of it was one session, and no update was dropped"):
        assert [ended[name] for name in ("identifies", "presence_dropped")] == [1, 0]


def flap(client: Client, times: int) -> None:
    """Let the bridge fail and recover, each time until the client has seen it."""
    for number in range(1, times + 1):
        client.endpoint.say("failing", 503)
        eventually(lambda number=number: client.decided("invisible") == number)
        client.endpoint.say("ok", counts=RUNNING)
        eventually(lambda number=number: client.decided("online") == number + 1)


def test_the_presence_survives_the_gateways_moods(
    client: Client, subtests: pytest.Subtests
) -> None:
    client.start()
    assert client.process
    with subtests.test("the health check fails before the gateway was heard"):
        assert client.check() == 1
    client.wait_until_shown(ONLINE)
    with subtests.test("the health check succeeds while the gateway is heard"):
        assert client.check() == 0

    slow = {"discord": {"status": "degraded", "detail": "Discord has not answered for 20 s."}}
    client.endpoint.say("degraded", checks=slow, counts={"running": 3, "waiting": 12})
    idle = client.wait_until_shown(IDLE)

    client.discord.break_gateway("invalidate")
    anew = client.wait_for(lambda state: state["identifies"] == 2)
    with subtests.test("an invalid session costs one new one, which begins with the presence"):
        assert anew["presence_updates"] == idle["presence_updates"]
        assert [anew[name] for name in ("identifies", "resumes")] == [2, 0]
        assert shown(anew) == IDLE
    repeated = one_more_update(client, anew)
    with subtests.test("the presence is sent again in a new session"):
        assert repeated["presence_updates"] == anew["presence_updates"] + 1
        assert shown(repeated) == IDLE

    client.discord.break_gateway("drop")
    resumed = client.wait_for(lambda state: state["resumes"] == 1)
    with subtests.test("a dropped socket is resumed"):
        assert [resumed[name] for name in ("identifies", "resumes")] == [2, 1]
        assert shown(resumed) == IDLE
    repeated = one_more_update(client, resumed)
    with subtests.test("the presence is sent again after a resume"):
        assert repeated["presence_updates"] == resumed["presence_updates"] + 1
        assert shown(repeated) == IDLE

    client.discord.break_gateway("close", code=4009)
    timed_out = client.wait_for(lambda state: state["identifies"] == 3)
    with subtests.test("a session that timed out is not resumed"):
        assert [timed_out[name] for name in ("connections", "resumes")] == [4, 1]
        assert shown(timed_out) == IDLE

    with subtests.test("the client is small"):
        assert resident_megabytes(client.process.popen.pid) < 80
    client.stop()
    with subtests.test("the health check fails after the end"):
        assert client.check() == 1
    with subtests.test("the log does not show the token"):
        assert TOKEN not in client.output()


def one_more_update(client: Client, state: dict[str, Any]) -> dict[str, Any]:
    """Wait for a presence update after *state*."""
    return client.wait_for(lambda now: now["presence_updates"] > state["presence_updates"])


def resident_megabytes(pid: int) -> float:
    """Return how much memory a process has in use."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


# -- Each alone -------------------------------------------------------------------------------


def attempts(client: Client, reason: str) -> list[dict[str, Any]]:
    """Return the records of the attempts that failed for a reason."""
    return [one for one in client.log("the next attempt follows.") if one["reason"] == reason]


def test_a_gateway_that_is_away_is_awaited_with_a_line_an_attempt(client: Client) -> None:
    client.start()
    client.wait_until_shown(ONLINE)

    client.discord.set_gateway(accepts=False)
    client.discord.break_gateway("drop")
    eventually(lambda: attempts(client, "HTTP 503"))
    client.discord.set_gateway(accepts=True)

    state = client.wait_for(lambda state: state["resumes"] == 1)
    assert (state["identifies"], shown(state)) == (1, ONLINE)
    lost, away = client.log("the next attempt follows.")
    assert (lost["attempt"], away["attempt"]) == (1, 2)
    assert "Traceback" not in client.output()


def test_the_client_may_start_before_discord_can_be_reached(client: Client, tmp_path: Path) -> None:
    port = free_port()
    address = f"127.0.0.1:{port}"
    client.start(
        DISCORD_API_BASE_URL=f"http://{address}/api/v10",
        DISCORD_GATEWAY_URL=f"ws://{address}/gateway",
    )
    eventually(lambda: len(client.log("Discord's API cannot be reached")) == 2)

    with running("--port", str(port)) as discord:
        client.discord = discord
        client.wait_until_shown(ONLINE)

        assert client.stop()[0] == 0
    assert "Traceback" not in client.output()


def test_an_api_that_is_somebody_elses_page_is_tried_again(client: Client) -> None:
    client.start(DISCORD_API_BASE_URL=client.endpoint.url)

    eventually(lambda: len(client.log("Discord's API cannot be reached")) == 2)

    assert client.stop()[0] == 0
    assert "Traceback" not in client.output()


def test_a_refused_token_is_told_of_once(client: Client) -> None:
    client.start(DISCORD_TOKEN="a-wrong-token")
    (record,) = eventually(lambda: client.log("refuses the bot's token"))

    assert (record["level"], record["reason"]) == ("critical", "token_refused")
    assert record["message"].endswith("put it into DISCORD_TOKEN.")
    assert "a-wrong-token" not in client.output()
    assert "Traceback" not in client.output()


def test_a_refused_token_is_not_tried_again_before_a_pause(client: Client) -> None:
    client.start(DISCORD_TOKEN="a-wrong-token")
    eventually(lambda: client.log("refuses the bot's token"))
    assert client.process
    assert client.process.popen.poll() is None

    status, seconds = client.stop()

    assert (status, len(client.discord.requests())) == (1, 1)
    assert seconds < BUSY_SECONDS


def test_the_pause_ends_by_itself(client: Client) -> None:
    code = (
        "import asyncio, os, sys; from presence_client import environment, settings, program;"
        "values = settings.read(environment.load(os.environ));"
        "sys.exit(asyncio.run(program.run(values, pause_seconds=0.1)))"
    )
    client.start(("-c", code), DISCORD_TOKEN="a-wrong-token")
    assert client.process

    assert client.process.popen.wait(60) == 1


@pytest.mark.parametrize("code", [4011, 4014])
def test_a_fatal_close_code_is_not_answered_with_another_attempt(client: Client, code: int) -> None:
    client.discord.set_gateway(identify_close=code)
    client.start()
    eventually(lambda: [one for one in client.log() if one.get("reason") == f"closed_{code}"])

    state = client.discord.gateway_state()
    assert state["connections"] == 1
    assert client.stop()[0] == 1
    assert "Traceback" not in client.output()


def test_a_token_revoked_later_is_told_of(client: Client) -> None:
    client.start()
    client.wait_until_shown(ONLINE)

    client.discord.revoke_token()

    (record,) = eventually(lambda: client.log("refuses the bot's token"))
    assert record["reason"] == "token_refused"
    assert client.stop()[0] == 1


def test_a_health_endpoint_that_hangs_does_not_hold_up_the_heartbeat(client: Client) -> None:
    # The gateway closes what is silent for two of these.
    client.discord.set_gateway(heartbeat_interval_seconds=0.25)
    client.endpoint.hang()
    client.start(HEALTHCHECK_INTERVAL="1.2")

    eventually(lambda: [one for one in client.log() if one.get("reason") == "timed_out"])
    eventually(lambda: client.endpoint.questions == 3)

    state = client.discord.gateway_state()
    assert (state["connections"], state["connected"], shown(state)) == (1, 1, GONE)


def test_sigterm_ends_a_client_that_waits_for_an_answer(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client.start(DISCORD_API_BASE_URL=f"http://127.0.0.1:{port}/api/v10")
        silent.settimeout(10)
        connection, _ = silent.accept()
        with connection:
            status, seconds = client.stop()

    assert status == 0
    assert seconds < BUSY_SECONDS
    assert [one for one in client.log() if one["level"] in ("error", "critical")] == []


def test_sigterm_ends_a_client_whose_gateway_is_frozen(client: Client, tmp_path: Path) -> None:
    log = tmp_path / "discord.log"
    frozen = spawn([sys.executable, "-m", "playground.discord"], {}, log)
    try:
        eventually(lambda: frozen.output().endswith("\n"))
        client.discord = StandIn(frozen.output().removeprefix(READY).strip())
        client.start()
        client.wait_until_shown(ONLINE)

        frozen.send(signal.SIGSTOP)
        status, seconds = client.stop()
    finally:
        frozen.end(signal.SIGKILL)

    assert status == 0
    assert seconds < BUSY_SECONDS
    assert [one for one in client.log() if one["level"] in ("error", "critical")] == []


def test_a_gateway_that_hangs_up_at_once_is_not_called_in_a_hurry(client: Client) -> None:
    client.start()
    client.wait_until_shown(ONLINE)

    for number in (1, 2):
        client.discord.break_gateway("close", code=4000)
        client.wait_for(lambda state, number=number: state["resumes"] == number)

    waits = [one["wait_seconds"] for one in attempts(client, "closed_4000")]
    assert len(waits) == 2
    assert 0.5 <= waits[0] <= 1.0 <= waits[1] <= 2.0
