"""Hold what the stand-in starts with; read from the command line and the environment only."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from playground.discord.options import loopback
from playground.drone.arguments import DEFAULT_SECRET, first_secret

LINK = "https://drone.example.com"


@dataclass(frozen=True, slots=True)
class Options:
    """Hold everything that can be chosen at the start; a reset comes back to it."""

    host: str = "127.0.0.1"
    port: int = 0  # 0 takes a free one
    speed: float = 0.0
    seed: int = 1
    first_id: int = 1000
    link: str = LINK
    webhook_endpoint: str = ""
    webhook_secret: str = field(default=DEFAULT_SECRET, repr=False)


def parse_options(arguments: Sequence[str]) -> Options:
    """Read the command line; a wrong one ends the program with a sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m playground.drone.rest",
        description="A Drone server with invented builds, on loopback only.",
        epilog="DRONE_WEBHOOK_SECRET signs the webhooks.",
    )
    defaults, add = Options(), parser.add_argument
    add("--host", default=defaults.host, type=loopback)
    add("--port", default=defaults.port, type=int, help="0 takes a free one")
    add(
        "--speed",
        default=defaults.speed,
        type=_speed,
        help="simulated seconds a second; 0, the default: time passes by order only",
    )
    add("--seed", default=defaults.seed, type=int, help="decides all chance")
    add("--first-id", default=defaults.first_id, type=int)
    add("--link", default=defaults.link, help="where Drone says it lives (default: %(default)s)")
    add("--webhook-endpoint", default="", help="the bridge; without it webhooks are lost")
    chosen = parser.parse_args(arguments)
    secrets = os.environ.get("DRONE_WEBHOOK_SECRET") or DEFAULT_SECRET
    return Options(**vars(chosen), webhook_secret=first_secret(secrets))


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed <= 100_000:
        raise argparse.ArgumentTypeError(f"{text} is no speed")
    return speed
