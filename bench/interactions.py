"""Interactions: how long Discord waits for the first answer, while people press and type a lot."""

import json
import sched
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import cycle, islice
from typing import Any

from discord_signing import (
    APPLICATION,
    GUILD,
    MANAGE_GUILD,
    acting,
    command,
    member,
    signed,
)
from stack import Bridge

from bench.rig import await_rest, lead, rig
from bench.row import Row, median, percentile
from bench.webhooks import play_builds
from playground.discord.options import CHANNEL_ID as CHANNEL
from playground.drone.rest.process import DroneStandIn
from playground.drone.rest.process import running as drone_running

P99_SECONDS = 0.100
PER_SECOND = 50
SENDERS = 16
KNOWN_BUILDS = 100
SLUG = "octocat/hello-world"
PRESS, COMMAND, TYPING = 3, 2, 4
FIRST_ID = 1_200_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Wait:
    """One interaction that was answered: the kind of answer, and the seconds that it took."""

    kind: str
    seconds: float


def run(is_quick: bool) -> list[Row]:
    """Send presses, commands and keystrokes, 50 in a second, and see when they are answered."""
    with (
        rig("--no-limits") as ground,
        drone_running() as drone,
        ground.bridge(**acting(drone)) as bridge,
    ):
        bridge.start_server()
        lead(bridge)
        _prepare(bridge, drone)
        measure(bridge, PER_SECOND * 2, first=0)  # everything is warm after these
        waits = measure(bridge, PER_SECOND * (10 if is_quick else 40), first=10_000)
        return _rows(waits)


def measure(bridge: Bridge, count: int, first: int) -> list[Wait]:
    """Send *count* interactions at an even pace, whatever becomes of those before."""
    local = threading.local()
    waits: list[Wait] = []
    clock = sched.scheduler(time.monotonic, time.sleep)
    start = time.monotonic() + 0.1
    with ThreadPoolExecutor(SENDERS) as threads:
        for number, body in enumerate(_bodies(count, first)):
            send = (_send, local, int(bridge.environ["PORT"]), body, waits)
            clock.enterabs(start + number / PER_SECOND, 1, threads.submit, send)
        clock.run()
    if len(waits) < count:
        raise RuntimeError(f"{count - len(waits)} of {count} interactions were not answered well")
    return waits


def _prepare(bridge: Bridge, drone: DroneStandIn) -> None:
    """Have builds to look at and one to act on; Discord takes whatever we finish."""
    for delivery in play_builds(KNOWN_BUILDS, 4):
        bridge.post(delivery)
    await_rest(bridge, 60)
    drone.add_build(slug=SLUG)
    drone.leap()
    bridge.discord.add_fault("answer", method="PATCH", route=_ORIGINAL, times=0, status=200)


_ORIGINAL = "/webhooks/{application_id}/{interaction_token}/messages/{message_id}"


def _bodies(count: int, first: int) -> Iterator[bytes]:
    """Make interactions: of four, one acts, one looks at a build, one lists, one types."""
    kinds: Sequence[tuple[int, Mapping[str, Any]]] = (
        (COMMAND, command("cancel", repo=SLUG, number=1)),
        (COMMAND, command("build", repo=SLUG, number=7)),
        (COMMAND, command("builds", repo=SLUG)),
        (TYPING, command("build", "number", repo=SLUG, number="1")),
    )
    for number, (kind, data) in enumerate(islice(cycle(kinds), count), start=first):
        made = {
            "type": kind,
            "id": str(FIRST_ID + number),
            "token": f"token-of-{number}",
            "application_id": APPLICATION,
            "guild_id": GUILD,
            "channel_id": CHANNEL,
            "member": member(MANAGE_GUILD),
            "data": data,
        }
        yield json.dumps(made).encode()


def _send(local: threading.local, port: int, body: bytes, waits: list[Wait]) -> None:
    connection: HTTPConnection | None = getattr(local, "connection", None)
    if connection is None:
        connection = local.connection = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = signed(body, datetime.now(UTC))
    began = time.monotonic()
    connection.request("POST", "/interactions", body, headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    seconds = time.monotonic() - began
    if response.status != 200:
        raise RuntimeError(f"not answered 200: {answer}")
    kind = {4: "known", 5: "promised", 8: "suggested"}[answer["type"]]
    waits.append(Wait(kind, seconds))


def _rows(waits: Sequence[Wait]) -> list[Row]:
    every = [wait.seconds for wait in waits]
    p99 = percentile(every, 0.99)
    kinds = sorted({wait.kind for wait in waits})
    parts = [
        f"{kind} {median([one.seconds for one in waits if one.kind == kind]) * 1000:.0f} ms"
        for kind in kinds
    ]
    longest = f"the longest {max(every) * 1000:.0f} ms"
    remark = f"{len(every)} of them; medians: {', '.join(parts)}; {longest}."
    return [
        Row(
            f"interactions: first answer at {PER_SECOND}/s, p99",
            f"{p99 * 1000:.0f} ms",
            f"≤ {P99_SECONDS * 1000:.0f} ms",
            p99 <= P99_SECONDS,
            remark,
            remark,
        )
    ]
