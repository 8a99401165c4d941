"""Cold start: from starting a process until Discord's first PING is answered."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hosts import Call, Event, Host, function_url
from nacl.signing import SigningKey
from stack import SECRET

from bench.row import Row, median
from playground.discord.options import CHANNEL_ID, GUILD_ID, TOKEN

SECONDS = 1.0
RATIO = 12.0
KEY = SigningKey.generate()
PING = b'{"type":1,"id":"1","token":"none","version":1}'
BARE = "bench/bare_pong.py"
BRIDGE = "test/support/host_process.py"


def run(is_quick: bool) -> list[Row]:
    """Start both handlers in turns, each time anew."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for script in (BRIDGE, BARE):
            _first_answer(script, folder)  # the machine has read the files after these
        spans: dict[str, list[float]] = {BRIDGE: [], BARE: []}
        for _ in range(5 if is_quick else 25):
            for script, found in spans.items():
                found.append(_first_answer(script, folder))
    return _rows(spans[BRIDGE], spans[BARE])


def _first_answer(script: str, folder: Path) -> float:
    started = time.monotonic()
    host = Host("aws_lambda", _environ(folder), folder / "host.log", script)
    try:
        host.line()
        answer = host.call(_ping())
        seconds = time.monotonic() - started
    finally:
        host.end()
    if answer["statusCode"] != 200:
        raise RuntimeError(f"no PONG but {answer}")
    return seconds


def _ping() -> Event:
    timestamp = str(int(datetime.now(UTC).timestamp()))
    headers = {
        "X-Signature-Timestamp": timestamp,
        "X-Signature-Ed25519": KEY.sign(timestamp.encode() + PING).signature.hex(),
    }
    return function_url(Call("POST", "/interactions", headers, PING))


def _environ(folder: Path) -> Mapping[str, str]:
    """Return the settings; the database is asked by nothing that a PING needs."""
    return {
        "DRONE_WEBHOOK_SECRET": SECRET,
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_CHANNEL_ID": CHANNEL_ID,
        "DISCORD_PUBLIC_KEY": KEY.verify_key.encode().hex(),
        "DISCORD_APPLICATION_ID": "1100000000000000001",
        "DISCORD_GUILD_ID": GUILD_ID,
        "DOTENV_PATH": str(folder / "no.env"),
    }


def _rows(bridge: list[float], bare: list[float]) -> list[Row]:
    ours, least = median(bridge), median(bare)
    return [
        Row(
            "cold start: from the process's start to the first PONG, median",
            f"{ours * 1000:.0f} ms",
            f"≤ {SECONDS:g} s",
            ours <= SECONDS,
            f"{len(bridge)} starts at AWS Lambda; the longest {max(bridge) * 1000:.0f} ms.",
        ),
        Row(
            "cold start: against the smallest handler with PyNaCl",
            f"{ours / least:.1f} ×",
            f"≤ {RATIO:g} ×",
            ours / least <= RATIO,
            f"It takes {least * 1000:.0f} ms; both start in turns, Python's own start included.",
        ),
    ]
