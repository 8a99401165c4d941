"""The settings of the presence client, read once from a mapping into a frozen record."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from presence_client.proxy import Proxies, read_proxies
from runtime.log import LogSettings, read_log
from runtime.proxy import proxy_problems
from runtime.reader import Reader
from runtime.secret import Secret

HEARTBEAT_NAME = "drone-discord-presence.heartbeat"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the presence client needs."""

    discord_token: Secret
    discord_api_base_url: str
    discord_gateway_url: str  # "" takes discord.py's own
    healthcheck_url: str
    healthcheck_interval_seconds: float
    heartbeat_path: Path  # touched while the gateway is alive, for the container's health check
    log: LogSettings
    proxies: Proxies = field(default_factory=Proxies)


def read(values: Mapping[str, str]) -> Settings:
    """Read the settings; raise SettingsError with every problem."""
    reader = Reader(values)
    settings = Settings(
        discord_token=Secret(reader.required("DISCORD_TOKEN")),
        discord_api_base_url=reader.url("DISCORD_API_BASE_URL"),
        discord_gateway_url=reader.url("DISCORD_GATEWAY_URL"),
        healthcheck_url=reader.url("HEALTHCHECK_URL"),
        healthcheck_interval_seconds=reader.seconds("HEALTHCHECK_INTERVAL"),
        heartbeat_path=heartbeat_path(reader),
        log=read_log(reader),
        proxies=read_proxies(values),
    )
    reader.problems += proxy_problems(values)
    reader.finish()
    return settings


def heartbeat_path(reader: Reader) -> Path:
    """Read where the heartbeat file is; the container's health check needs nothing else."""
    chosen = reader.text("HEARTBEAT_PATH")
    # The one place that can be written to when a container's root file system cannot.
    return Path(chosen) if chosen else Path(tempfile.gettempdir()) / HEARTBEAT_NAME
