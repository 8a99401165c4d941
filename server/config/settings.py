"""The settings of each program, read once from a mapping into frozen records.

All problems are collected and raised together. Ids stay strings.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from runtime.log import LogSettings, read_log
from runtime.pasted import unquoted
from runtime.proxy import proxy_problems
from runtime.reader import Reader
from runtime.secret import Secret
from runtime.settings import SETTINGS
from server.config.mongo import MongoSettings, read_mongo_settings
from server.core.discord.snowflake import is_snowflake
from server.core.messages.tokens import DEFAULT_CHANNEL, Token, read_channels, read_tokens

# A comma separates webhook secrets, one after a backslash belongs to a secret.
_COMMA = re.compile(r"(?<!\\),")
_PUBLIC_KEY = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """Who may push messages and where to; without tokens nobody may."""

    tokens: tuple[Token, ...] = ()
    # ids by name
    channels: Mapping[str, str] = field(default_factory=lambda: {DEFAULT_CHANNEL: ""})
    per_minute: int = 60  # for each token
    guild_id: str = ""  # for links; "" is not known


@dataclass(frozen=True, slots=True)
class InteractionSettings:
    """Whose interactions are answered, and where; without a public key nobody's."""

    public_key: str = ""  # hexadecimal
    application_id: str = ""
    guild_id: str = ""  # "" is not known
    channel_id: str = ""  # where cards go; it stands for the server while that is not known
    operator_role_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DroneSettings:
    """How to reach Drone's API; None in its place means that it is not configured."""

    server: str
    token: Secret


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
    drone: DroneSettings | None = None
    drone_public_url: str = ""
    log_tail_private: bool = False  # whether private repositories' logs are shown
    discord_api_base_url: str = SETTINGS["DISCORD_API_BASE_URL"].default or ""
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
    drone: DroneSettings | None = None
    has_controls: bool = False  # cards get buttons to act on their builds


@dataclass(frozen=True, slots=True)
class RegistrationSettings:
    """What `register-commands` needs."""

    discord_token: Secret
    discord_api_base_url: str
    application_id: str
    guild_id: str  # "" is not known


def read_server(values: Mapping[str, str]) -> ServerSettings:
    """Read what the server needs; raise SettingsError with every problem."""
    reader = Reader(values, proxy_problems(values))
    secrets = _webhook_secrets(reader)
    settings = ServerSettings(
        port=reader.number("PORT"),
        webhook_secrets=secrets,
        webhook_max_age=timedelta(seconds=reader.number("DRONE_WEBHOOK_MAX_AGE")),
        spool_path=Path(reader.text("SPOOL_PATH")),
        messages=_messages(reader),
        interactions=_interactions(reader),
        drone=_drone(reader),
        drone_public_url=reader.url("DRONE_PUBLIC_URL"),
        log_tail_private=reader.flag("LOG_TAIL_PRIVATE"),
        discord_api_base_url=reader.url("DISCORD_API_BASE_URL"),
        stop_delay=timedelta(seconds=reader.number("STOP_DELAY")),
        mongo=read_mongo_settings(reader),
        log=read_log(reader),
    )
    reader.finish()
    return settings


def read_worker(values: Mapping[str, str]) -> WorkerSettings:
    """Read what the worker needs; raise SettingsError with every problem."""
    reader = Reader(values, proxy_problems(values))
    channel_id = _id(reader, "DISCORD_CHANNEL_ID", reader.required)
    heartbeat = reader.text("HEARTBEAT_PATH")
    settings = WorkerSettings(
        discord_token=Secret(reader.required("DISCORD_TOKEN")),
        discord_channel_id=channel_id,
        discord_api_base_url=reader.url("DISCORD_API_BASE_URL"),
        drone_public_url=reader.url("DRONE_PUBLIC_URL"),
        edit_interval=timedelta(seconds=reader.number("EDIT_INTERVAL")),
        lease=timedelta(seconds=reader.number("LEASE_SECONDS")),
        # Without Drone's API a button could do nothing.
        has_controls=bool(reader.text("DISCORD_PUBLIC_KEY") and reader.text("DRONE_SERVER")),
        log_tail_lines=reader.number("LOG_TAIL_LINES"),
        log_tail_private=reader.flag("LOG_TAIL_PRIVATE"),
        drone=_drone(reader),
        heartbeat_path=Path(heartbeat) if heartbeat else None,
        mongo=read_mongo_settings(reader),
        log=read_log(reader),
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
    application_id = _id(reader, "DISCORD_APPLICATION_ID", reader.required)
    settings = RegistrationSettings(
        discord_token=Secret(reader.required("DISCORD_TOKEN")),
        discord_api_base_url=reader.url("DISCORD_API_BASE_URL"),
        application_id=application_id,
        guild_id=reader.text("DISCORD_GUILD_ID"),
    )
    reader.finish()
    return settings


def _drone(reader: Reader) -> DroneSettings | None:
    server = reader.url("DRONE_SERVER")
    token = reader.secret("DRONE_TOKEN")
    if bool(server) != bool(token.reveal()):
        reader.problems.append("DRONE_SERVER and DRONE_TOKEN go together: set both or neither.")
    return DroneSettings(server=server, token=token) if server else None


def _interactions(reader: Reader) -> InteractionSettings:
    roles = [part.strip() for part in reader.text("DISCORD_OPERATOR_ROLE_IDS").split(",")]
    settings = InteractionSettings(
        public_key=reader.text("DISCORD_PUBLIC_KEY"),
        application_id=_id(reader, "DISCORD_APPLICATION_ID", reader.text),
        guild_id=reader.text("DISCORD_GUILD_ID"),
        channel_id=reader.text("DISCORD_CHANNEL_ID"),
        operator_role_ids=frozenset(role for role in roles if role),
    )
    if not all(is_snowflake(role) for role in settings.operator_role_ids):
        reader.problems.append(
            "DISCORD_OPERATOR_ROLE_IDS must be ids of 17 to 20 digits with commas between them."
        )
    if settings.public_key:
        reader.problems += _key_problems(settings)
    return settings


def _key_problems(settings: InteractionSettings) -> Iterator[str]:
    """Find what is wrong with the public key, and what it needs."""
    if not _PUBLIC_KEY.fullmatch(settings.public_key):
        yield (
            "DISCORD_PUBLIC_KEY must be the 64 hexadecimal digits on your application's page "
            "General Information at discord.com/developers."
        )
    if not settings.application_id:
        yield "DISCORD_PUBLIC_KEY needs DISCORD_APPLICATION_ID, which stands on the same page."
    if not (settings.guild_id or settings.channel_id):
        yield (
            "DISCORD_PUBLIC_KEY needs DISCORD_GUILD_ID or DISCORD_CHANNEL_ID: without either, "
            "whoever invites the bot to another server could act on your builds."
        )


def _id(reader: Reader, name: str, read: Callable[[str], str]) -> str:
    """Read one of Discord's ids, by `text` or by `required`."""
    value = read(name)
    if value and not is_snowflake(value):
        reader.problems.append(f"{name} must be an id of 17 to 20 digits.")
    return value


def _webhook_secrets(reader: Reader) -> tuple[Secret, ...]:
    listed = reader.required("DRONE_WEBHOOK_SECRET")
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
    channels, problems = read_channels(reader.text("MESSAGES_CHANNELS"))
    tokens, others = read_tokens(reader.text("MESSAGES_TOKENS"), channels)
    reader.problems += [*problems, *others]
    return MessageSettings(
        tokens=tokens,
        channels=channels,
        per_minute=reader.number("MESSAGES_PER_MINUTE"),
        guild_id=_id(reader, "DISCORD_GUILD_ID", reader.text),
    )
