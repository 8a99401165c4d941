"""The settings of each program, read once from a mapping into frozen records.

All problems are collected and raised together. Ids stay strings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from server.config.interactions import InteractionSettings, read_interactions
from server.config.messages import MessageSettings, read_messages
from server.config.mongo import MongoSettings, read_mongo_settings
from server.config.pasted import unquoted
from server.config.proxy import proxy_problems
from server.config.reader import DEFAULTS, Reader, is_snowflake
from server.secret import Secret

# Where people find what is missing.
_BOT_TOKEN = "copy it from your application's page Bot at discord.com/developers."  # noqa: S105 – no token
_APPLICATION_ID = "copy it from your application's page General Information."
# A comma separates webhook secrets, one after a backslash belongs to a secret.
_COMMA = re.compile(r"(?<!\\),")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How to log: *level* is one of Python's names, *as_json* one JSON object a line."""

    level: str
    as_json: bool


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the server needs."""

    port: int
    webhook_secrets: tuple[Secret, ...]
    webhook_max_age: timedelta
    spool_path: Path
    mongo: MongoSettings
    log: LogSettings
    messages: MessageSettings = field(default_factory=MessageSettings)
    interactions: InteractionSettings = field(default_factory=InteractionSettings)
    drone: "DroneSettings | None" = None
    drone_public_url: str = ""
    log_tail_private: bool = False  # whether private repositories' logs are shown
    discord_api_base_url: str = DEFAULTS["DISCORD_API_BASE_URL"] or ""
    stop_delay: timedelta = timedelta(0)  # between SIGTERM and closing the port


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What the worker needs."""

    discord_token: Secret
    discord_channel_id: str
    discord_api_base_url: str
    drone_public_url: str
    edit_interval: timedelta  # between two edits of one card that show progress
    lease: timedelta  # silence of the active worker after which the standby takes over
    log_tail_lines: int  # of a failed step's log; 0 shows none
    log_tail_private: bool  # whether private repositories' logs are shown too
    mongo: MongoSettings
    log: LogSettings
    heartbeat_path: Path | None = None  # touched while the rounds go on
    drone: "DroneSettings | None" = None
    has_controls: bool = False  # cards get buttons to act on their builds


@dataclass(frozen=True, slots=True)
class RegistrationSettings:
    """What `register-commands` needs."""

    discord_token: Secret
    discord_api_base_url: str
    application_id: str
    guild_id: str  # "" is not known


@dataclass(frozen=True, slots=True)
class DroneSettings:
    """How to reach Drone's API; None in its place means that it is not configured."""

    server: str
    token: Secret


def read_server(values: Mapping[str, str]) -> ServerSettings:
    """Read what the server needs; raise SettingsError with every problem."""
    reader = Reader(values, proxy_problems(values))
    secrets = _webhook_secrets(reader)
    settings = ServerSettings(
        port=reader.number("PORT", 1, 65535),
        webhook_secrets=secrets,
        webhook_max_age=timedelta(seconds=reader.number("DRONE_WEBHOOK_MAX_AGE", 0, 86_400)),
        spool_path=Path(reader.text("SPOOL_PATH")),
        messages=_messages(reader),
        interactions=_interactions(reader),
        drone=_drone(reader),
        drone_public_url=reader.url("DRONE_PUBLIC_URL"),
        log_tail_private=reader.flag("LOG_TAIL_PRIVATE"),
        discord_api_base_url=reader.url("DISCORD_API_BASE_URL"),
        stop_delay=timedelta(seconds=reader.number("STOP_DELAY", 0, 60)),
        mongo=read_mongo_settings(reader),
        log=_log(reader),
    )
    reader.finish()
    return settings


def read_worker(values: Mapping[str, str]) -> WorkerSettings:
    """Read what the worker needs; raise SettingsError with every problem."""
    reader = Reader(values, proxy_problems(values))
    channel_id = reader.required(
        "DISCORD_CHANNEL_ID",
        "in Discord, switch on Developer Mode, then right-click the channel and copy its id.",
    )
    if channel_id and not is_snowflake(channel_id):
        reader.problems.append("DISCORD_CHANNEL_ID must be an id of 17 to 20 digits.")
    token = reader.required("DISCORD_TOKEN", _BOT_TOKEN)
    heartbeat = reader.text("HEARTBEAT_PATH")
    settings = WorkerSettings(
        discord_token=reader.token("DISCORD_TOKEN", token),
        discord_channel_id=channel_id,
        discord_api_base_url=reader.url("DISCORD_API_BASE_URL"),
        drone_public_url=reader.url("DRONE_PUBLIC_URL"),
        edit_interval=timedelta(seconds=reader.number("EDIT_INTERVAL", 0, 60)),
        lease=timedelta(seconds=reader.number("LEASE_SECONDS", 1, 60)),
        # Without Drone's API a button could do nothing.
        has_controls=bool(reader.text("DISCORD_PUBLIC_KEY") and reader.text("DRONE_SERVER")),
        log_tail_lines=reader.number("LOG_TAIL_LINES", 0, 40),
        log_tail_private=reader.flag("LOG_TAIL_PRIVATE"),
        drone=_drone(reader),
        heartbeat_path=Path(heartbeat) if heartbeat else None,
        mongo=read_mongo_settings(reader),
        log=_log(reader),
    )
    reader.finish()
    return settings


def read_mongo(values: Mapping[str, str]) -> MongoSettings:
    """Read how to reach MongoDB; raise SettingsError with every problem."""
    reader = Reader(values)
    settings = read_mongo_settings(reader)
    reader.finish()
    return settings


def read_drone(values: Mapping[str, str]) -> DroneSettings | None:
    """Read how to reach Drone's API; None if neither name is set."""
    reader = Reader(values)
    settings = _drone(reader)
    reader.finish()
    return settings


def read_registration(values: Mapping[str, str]) -> RegistrationSettings:
    """Read what registering commands needs; raise SettingsError with every problem."""
    reader = Reader(values, proxy_problems(values))
    application_id = reader.required("DISCORD_APPLICATION_ID", _APPLICATION_ID)
    if application_id and not is_snowflake(application_id):
        reader.problems.append("DISCORD_APPLICATION_ID must be an id of 17 to 20 digits.")
    token = reader.required("DISCORD_TOKEN", _BOT_TOKEN)
    settings = RegistrationSettings(
        discord_token=reader.token("DISCORD_TOKEN", token),
        discord_api_base_url=reader.url("DISCORD_API_BASE_URL"),
        application_id=application_id,
        guild_id=reader.text("DISCORD_GUILD_ID"),
    )
    reader.finish()
    return settings


def _drone(reader: Reader) -> DroneSettings | None:
    server = reader.url("DRONE_SERVER")
    token = reader.token("DRONE_TOKEN", reader.text("DRONE_TOKEN"))
    if bool(server) != bool(token.reveal()):
        reader.problems.append("DRONE_SERVER and DRONE_TOKEN go together: set both or neither.")
    return DroneSettings(server=server, token=token) if server else None


def _interactions(reader: Reader) -> InteractionSettings:
    settings, problems = read_interactions(reader.text)
    reader.problems += problems
    return settings


def _webhook_secrets(reader: Reader) -> tuple[Secret, ...]:
    listed = reader.required(
        "DRONE_WEBHOOK_SECRET", "make one with `openssl rand -hex 32` and give Drone the same."
    )
    parts = [part.replace(r"\,", ",").strip() for part in _COMMA.split(listed)]
    secrets = tuple(Secret(part) for part in parts if part)
    if listed and not secrets:
        reader.problems.append(
            "DRONE_WEBHOOK_SECRET holds only commas, which separate secrets: put a secret between "
            r"them, and write a comma that belongs to one as \, (with a backslash)."
        )
    if len(parts) > 1 and any(unquoted(part) is not None for part in parts):
        reader.problems.append(
            "DRONE_WEBHOOK_SECRET has quotes around one of its secrets: remove them."
        )
    return secrets


def _messages(reader: Reader) -> MessageSettings:
    settings, problems = read_messages(reader.text, reader.number("MESSAGES_PER_MINUTE", 1, 10_000))
    reader.problems += problems
    return settings


def _log(reader: Reader) -> LogSettings:
    level = reader.choice("LOG_LEVEL", ("info", "debug", "warning", "error", "critical"))
    return LogSettings(
        level=level.upper(), as_json=reader.choice("LOG_FORMAT", ("text", "json")) == "json"
    )
