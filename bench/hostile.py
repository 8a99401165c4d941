"""Hostile: signed webhooks while a thousand clients open connections and then take their time."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from slow_clients import SlowClients, slow_clients

from bench.load import on_time
from bench.machine import family, resident_mb
from bench.rig import rig, say
from bench.row import Row, median, percentile
from bench.webhooks import Timed, many_requests, play_builds

CLIENTS = 1000
P99_SECONDS = 0.500
BODY_SECONDS = 30.0
STOP_SECONDS = 10.0
MEMORY_MB = 150
SECONDS_BETWEEN = 0.05


def run(is_quick: bool) -> list[Row]:
    """Send webhooks at an even pace, then stop the server while the clients are still there."""
    with rig() as ground, ground.bridge(**_settings()) as bridge:
        server = bridge.start_server()
        port = int(bridge.environ["PORT"])
        _send(port, 40, first=0)  # everything is warm after these
        with slow_clients(port, CLIENTS) as clients:
            _await_all(clients)
            waits = _send(port, 200 if is_quick else 1200, first=1000)
            say(f"{clients.held} clients are there, {clients.opened} connections were opened")
            memory = max(resident_mb(pid) for pid in family(server.popen.pid))
            began = time.monotonic()
            server.end(seconds=60)
            stopped = time.monotonic() - began
        return _rows(waits, clients, memory, stopped, is_quick)


def _settings() -> dict[str, str]:
    # What makes the server read the bodies of forged interactions, and ask for tokens.
    return {
        "DISCORD_PUBLIC_KEY": "ab" * 32,
        "DISCORD_APPLICATION_ID": "1100000000000000001",
        "DISCORD_GUILD_ID": "1100000000000000100",
        "MESSAGES_TOKENS": "ops:token-of-the-bench-0001",
    }


def _await_all(clients: SlowClients) -> None:
    while clients.opened < CLIENTS:
        time.sleep(0.05)


def _send(port: int, count: int, first: int) -> Sequence[float]:
    requests = many_requests(play_builds(20, 30), count, datetime.now(UTC), first)
    timed = [Timed(SECONDS_BETWEEN * number, one) for number, one in enumerate(requests)]
    return on_time(port, timed, seconds=SECONDS_BETWEEN * count + 60, lines=2).waits


def _rows(
    waits: Sequence[float], clients: SlowClients, memory: float, stopped: float, is_quick: bool
) -> list[Row]:
    p99 = percentile(waits, 0.99)
    longest = clients.longest_seconds
    remark = (
        f"{len(waits)} webhooks, p50 {median(waits) * 1000:.0f} ms, the longest "
        f"{max(waits) * 1000:.0f} ms; {clients.opened} connections opened."
    )
    rows = [
        Row(
            f"hostile: a signed webhook among {CLIENTS} slow connections, p99",
            f"{p99 * 1000:.0f} ms",
            f"≤ {P99_SECONDS * 1000:.0f} ms",
            p99 <= P99_SECONDS,
            remark,
        ),
        Row(
            "hostile: memory of a process among them",
            f"{memory:.0f} MB",
            f"≤ {MEMORY_MB} MB",
            memory <= MEMORY_MB,
        ),
        Row(
            "hostile: from SIGTERM to the end among them",
            f"{stopped:.1f} s",
            f"≤ {STOP_SECONDS:.0f} s",
            stopped <= STOP_SECONDS,
        ),
    ]
    if not is_quick:  # it takes no less than half a minute to see
        limit = BODY_SECONDS + 1.0
        rows.append(
            Row(
                "hostile: the longest that a slow body was waited for",
                f"{longest:.1f} s",
                f"≤ {limit:.0f} s",
                longest <= limit,
            )
        )
    return rows
