"""The settings of the presence client, read once from a mapping into a frozen record.

All problems are raised together. Where the mapping comes from: `presence_client.environment`.
"""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from presence_client.errors import SettingsError
from presence_client.pasted import QUOTES, invisible, trimmed, unquoted, visible
from presence_client.proxy import Proxies, read_proxies

Values = Mapping[str, str]

# What applies when a setting is absent; None: it is required, or found out where it is used.
DEFAULTS: Mapping[str, str | None] = {
    "DISCORD_TOKEN": None,
    "DISCORD_API_BASE_URL": "https://discord.com/api/v10",
    "DISCORD_GATEWAY_URL": None,
    "HEALTHCHECK_URL": "http://localhost:5000/health",
    "HEALTHCHECK_INTERVAL": "10",
    "HEARTBEAT_PATH": None,
    "HTTP_PROXY": None,
    "HTTPS_PROXY": None,
    "ALL_PROXY": None,
    "NO_PROXY": None,
    "AWS_SECRET_ID": None,
    "LOG_LEVEL": "info",
    "LOG_FORMAT": "text",
}
HEARTBEAT_NAME = "drone-discord-presence.heartbeat"
_LEVELS = ("info", "debug", "warning", "error", "critical")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the presence client needs."""

    discord_token: str = field(repr=False)
    discord_api_base_url: str
    discord_gateway_url: str  # "" takes discord.py's own
    healthcheck_url: str
    healthcheck_interval_seconds: float
    heartbeat_path: Path  # touched while the gateway is alive, for the container's health check
    log_level: str  # one of Python's names
    log_as_json: bool
    proxies: Proxies = field(default_factory=Proxies)


def read(values: Values) -> Settings:
    """Read the settings; raise SettingsError with every problem."""
    problems: list[str] = []
    settings = Settings(
        discord_token=_token(values, problems),
        discord_api_base_url=_url(values, "DISCORD_API_BASE_URL", ("http", "https"), problems),
        discord_gateway_url=_url(values, "DISCORD_GATEWAY_URL", ("ws", "wss"), problems),
        healthcheck_url=_url(values, "HEALTHCHECK_URL", ("http", "https"), problems),
        healthcheck_interval_seconds=_interval(values, problems),
        heartbeat_path=heartbeat_path(values, problems),
        log_level=_choice(values, "LOG_LEVEL", _LEVELS, problems).upper(),
        log_as_json=_choice(values, "LOG_FORMAT", ("text", "json"), problems) == "json",
        proxies=read_proxies(values, problems),
    )
    if problems:
        raise SettingsError(problems)
    return settings


def heartbeat_path(values: Values, problems: list[str]) -> Path:
    """Read where the sign of life is; the container's health check needs nothing else."""
    chosen = _text(values, "HEARTBEAT_PATH", problems)
    # The one place that can be written to when a container's root file system cannot.
    return Path(chosen) if chosen else Path(tempfile.gettempdir()) / HEARTBEAT_NAME


def _text(values: Values, name: str, problems: list[str]) -> str:
    value = trimmed(values.get(name, ""))
    if kind := invisible(value):
        problems.append(f"{name} holds an invisible character, {kind}: write it anew.")
        value = visible(value)
    if (inner := unquoted(value)) is not None:
        problems.append(f"{name} stands in quotes that would be part of it: remove them.")
        value = trimmed(inner)
    return value or DEFAULTS[name] or ""


def _token(values: Values, problems: list[str]) -> str:
    token = _text(values, "DISCORD_TOKEN", problems)
    if not token:
        problems.append(
            "DISCORD_TOKEN is missing: copy it from your application's page Bot at "
            "discord.com/developers."
        )
    elif not _is_word(token) or token != token.strip(QUOTES):
        problems.append("DISCORD_TOKEN must be the bare token: one word, nothing before or after.")
    return token


def _url(values: Values, name: str, schemes: tuple[str, str], problems: list[str]) -> str:
    value = _text(values, name, problems).rstrip("/")
    try:
        parts = urlsplit(value)
        is_url = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if value and not (is_url and _is_word(value)):
        problems.append(f"{name} must be an address such as {schemes[1]}://host.example.")
    return value


def _interval(values: Values, problems: list[str]) -> float:
    text = _text(values, "HEALTHCHECK_INTERVAL", problems)
    if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) and 0.1 <= float(text) <= 3600:
        return float(text)
    problems.append("HEALTHCHECK_INTERVAL must be a number of seconds from 0.1 to 3600.")
    return 0.0


def _choice(values: Values, name: str, choices: tuple[str, ...], problems: list[str]) -> str:
    value = _text(values, name, problems).lower()
    if value not in choices:
        problems.append(f"{name} must be one of {', '.join(choices)}.")
    return value


def _is_word(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value
