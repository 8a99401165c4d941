"""What anybody in the channel may ask for costs little, whatever a build has printed."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from discord_person import Answered, Person
from discord_signing import acting, command
from stack import SECRET, Bridge, environ_of, eventually, shown

from playground.discord.process import StandIn
from playground.drone.rest.process import DroneStandIn
from server.services.interactions.query_limit import BUSY, STILL_AT_IT

SLUG = "octocat/hello-world"
FAILING = [{"name": "ci", "steps": [{"name": "test", "exit_code": 1, "log": "x\n"}]}]
MOST_MEGABYTES = 150
AT_ONCE = 8


@pytest.fixture
def bridge(
    mongo_uri: str, discord: StandIn, drone: DroneStandIn, tmp_path: Path
) -> Iterator[Bridge]:
    """Give a server that answers interactions."""
    environ = {**environ_of(mongo_uri, discord, tmp_path), **acting(drone), "WEB_CONCURRENCY": "2"}
    bridge = Bridge(environ, tmp_path, discord)
    bridge.start_server()
    yield bridge
    bridge.stop()


def peak_megabytes(bridge: Bridge) -> int:
    """Return the most memory that a process of the server has ever had resident."""
    (server,) = bridge.processes
    pid = server.popen.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return max(_peak_kilobytes(one) for one in children) // 1024


def _peak_kilobytes(pid: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError("the kernel does not tell the peak")


def ask_at_once(person: Person, number: int, people: int) -> list[Any]:
    """Let so many people ask for a log eight times at once; return what they were told."""

    def ask(place: int) -> Answered:
        data = command("log", repo=SLUG, number=number)
        made = person.discord.order("POST", "interactions", person.order(type=2, data=data))
        made["member"]["user"]["id"] = str(300000000000000001 + place % people)
        return person.deliver(made)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(ask, range(AT_ONCE)))
    return [answer.message() for answer in answers]


def told(messages: list[Any]) -> list[str]:
    """Return what each was told, of the end of a log its last line."""
    return [one["content"] or one["embeds"][0]["description"].splitlines()[-2] for one in messages]


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux's /proc")
def test_logs_that_people_ask_for_at_once_take_little_memory(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn
) -> None:
    number = drone.add_build(slug=SLUG, stages=FAILING)["number"]
    drone.leap()
    rows = [{"pos": pos, "out": "x" * 115 + "\n", "time": 0} for pos in range(80_000)]
    drone.set_log(SLUG, number, 1, 1, [*rows, {"pos": 80_000, "out": "the end\n", "time": 1}])
    person = Person(discord, bridge.url, permissions=0)

    by_one = told(ask_at_once(person, number, people=1))
    by_many = told(ask_at_once(person, number, people=AT_ONCE))

    assert set(by_one) <= {"the end", STILL_AT_IT, BUSY}
    assert set(by_many) <= {"the end", BUSY}
    assert "the end" in by_one
    assert "the end" in by_many
    assert peak_megabytes(bridge) < MOST_MEGABYTES


# The end of it takes long to find for whoever looks at all of it.
SLOW_LOG = ("\u200b" * 99 + "\n") * 12_000 + "x" * 8_000_000 + "\nthe end\n"


def test_a_log_that_takes_long_to_read_is_shown_to_people_and_on_its_card(
    bridge: Bridge, discord: StandIn, drone: DroneStandIn
) -> None:
    drone.send_to(bridge.url, SECRET)
    worker = bridge.start_worker(LOG_TAIL_LINES="3", LEASE_SECONDS="10")
    steps = [{"name": "test", "exit_code": 1, "log": SLOW_LOG}]
    number = drone.add_build(slug=SLUG, stages=[{"name": "ci", "steps": steps}])["number"]
    drone.leap()
    person = Person(discord, bridge.url, permissions=0)

    assert told([person.command("log", repo=SLUG, number=number).message()]) == ["the end"]
    eventually(lambda: "the end" in str(shown(discord)[0]["versions"][-1]["embeds"]))
    assert "Another worker holds" not in worker.output()
    drone.lose_webhooks()
