"""Hold what the stand-in starts with: ids, token and limits; read from the command line only."""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field

from playground.discord.core.bucket import Rate, parse_rate
from playground.discord.core.limit import DEFAULT_RATES

TOKEN = "playground-token"  # everybody may know it
APPLICATION_ID = "1100000000000000001"
GUILD_ID = "1100000000000000100"
CHANNEL_ID = "1100000000000000010"
SECOND_CHANNEL_ID = "1100000000000000011"
CHANNELS = {CHANNEL_ID: "builds", SECOND_CHANNEL_ID: "deploys"}


@dataclass(frozen=True, slots=True)
class Options:
    """Hold everything that can be chosen at the start; a reset comes back to it."""

    host: str = "127.0.0.1"
    port: int = 0  # 0 takes a free one
    token: str = field(default=TOKEN, repr=False)
    application_id: str = APPLICATION_ID
    guild_id: str = GUILD_ID
    channels: dict[str, str] = field(default_factory=lambda: dict(CHANNELS))
    rates: dict[str, Rate | None] = field(default_factory=lambda: dict(DEFAULT_RATES))
    nonce_window_seconds: float = 300.0
    presence_linger_seconds: float = 110.0
    heartbeat_interval_seconds: float = 41.25
    answer_within_seconds: float = 3.0  # the first answer to an interaction
    keep_messages: int = 20_000
    keep_requests: int = 10_000


def parse_options(arguments: Sequence[str]) -> Options:
    """Read the command line; a wrong one ends the program with a sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m playground.discord", description="Discord's stand-in, on loopback only."
    )
    defaults = Options()
    parser.add_argument("--host", default=defaults.host, type=loopback)
    parser.add_argument("--port", default=defaults.port, type=int, help="0 takes a free one")
    parser.add_argument("--token", default=defaults.token, help="the bot's token")
    parser.add_argument("--application-id", default=defaults.application_id)
    parser.add_argument("--guild-id", default=defaults.guild_id)
    parser.add_argument(
        "--channel", action="append", type=_channel, metavar="ID[:NAME]", help="one more channel"
    )
    for name, rate in DEFAULT_RATES.items():
        flag = f"--{name.replace('_', '-')}-limit" if name != "global" else "--global-limit"
        parser.add_argument(
            flag, type=parse_rate, default=rate, metavar="LIMIT/SECONDS", help=f"{rate}, or off"
        )
    parser.add_argument("--no-limits", action="store_true", help="switch every limit off")
    parser.add_argument("--nonce-window", type=float, default=defaults.nonce_window_seconds)
    parser.add_argument("--presence-linger", type=float, default=defaults.presence_linger_seconds)
    interval = defaults.heartbeat_interval_seconds
    parser.add_argument("--heartbeat-interval", type=float, default=interval)
    parser.add_argument("--answer-within", type=float, default=defaults.answer_within_seconds)
    parser.add_argument("--keep-messages", type=int, default=defaults.keep_messages)
    parser.add_argument("--keep-requests", type=int, default=defaults.keep_requests)
    return _options(parser.parse_args(arguments))


def _options(chosen: argparse.Namespace) -> Options:
    rates = {name: getattr(chosen, f"{name}_limit") for name in DEFAULT_RATES}
    return Options(
        host=chosen.host,
        port=chosen.port,
        token=chosen.token,
        application_id=chosen.application_id,
        guild_id=chosen.guild_id,
        channels=CHANNELS | dict(chosen.channel or ()),
        rates=dict.fromkeys(rates) if chosen.no_limits else rates,
        nonce_window_seconds=chosen.nonce_window,
        presence_linger_seconds=chosen.presence_linger,
        heartbeat_interval_seconds=chosen.heartbeat_interval,
        answer_within_seconds=chosen.answer_within,
        keep_messages=chosen.keep_messages,
        keep_requests=chosen.keep_requests,
    )


def loopback(host: str) -> str:
    """Check that *host* is one that nobody outside can reach."""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise argparse.ArgumentTypeError(f"{host} is not a loopback address")
    return host


def _channel(text: str) -> tuple[str, str]:
    identity, _, name = text.partition(":")
    if not (identity.isascii() and identity.isdigit()):
        raise argparse.ArgumentTypeError(f"{identity!r} is no snowflake")
    return identity, name or f"channel-{identity[-4:]}"
