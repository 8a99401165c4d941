"""Read typed settings from a mapping and collect what is wrong with them.

A test compares the names and defaults here with the README and `.env.example`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from server.config.pasted import QUOTES, invisible, trimmed, unquoted, visible
from server.errors import SettingsError
from server.secret import Secret

# What applies when a setting is absent; None: it is required, or stands for a feature that is off.
DEFAULTS: Mapping[str, str | None] = {
    "DRONE_WEBHOOK_SECRET": None,
    "DRONE_WEBHOOK_MAX_AGE": "300",
    "DISCORD_TOKEN": None,
    "DISCORD_CHANNEL_ID": None,
    "DISCORD_API_BASE_URL": "https://discord.com/api/v10",
    "MONGO_URI": None,
    "MONGO_HOST": "localhost",
    "MONGO_PORT": "27017",
    "MONGO_INITDB_ROOT_USERNAME": None,
    "MONGO_INITDB_ROOT_PASSWORD": None,
    "MONGO_DATABASE": "drone-discord",
    "DELIVERY_TTL_DAYS": "14",
    "CARD_TTL_DAYS": "90",
    "SPOOL_PATH": "data/spool.sqlite3",
    "DRONE_SERVER": None,
    "DRONE_TOKEN": None,
    "DRONE_PUBLIC_URL": None,
    "DISCORD_PUBLIC_KEY": None,
    "DISCORD_APPLICATION_ID": None,
    "DISCORD_GUILD_ID": None,
    "DISCORD_OPERATOR_ROLE_IDS": None,
    "MESSAGES_TOKENS": None,
    "MESSAGES_CHANNELS": None,
    "MESSAGES_PER_MINUTE": "60",
    "EDIT_INTERVAL": "2",
    "LEASE_SECONDS": "6",
    "LOG_TAIL_LINES": "10",
    "LOG_TAIL_PRIVATE": "no",
    "HEARTBEAT_PATH": None,
    "PORT": "5000",
    "STOP_DELAY": "0",
    "HTTP_PROXY": None,
    "HTTPS_PROXY": None,
    "ALL_PROXY": None,
    "NO_PROXY": None,
    "AWS_SECRET_ID": None,
    "LOG_LEVEL": "info",
    "LOG_FORMAT": "text",
}


@dataclass
class Reader:
    """Read typed values from a mapping and collect what is wrong with them."""

    values: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Read a setting without what was pasted along with it, or its default, or ""."""
        value = trimmed(self.values.get(name, ""))
        if kind := invisible(value):
            self.problems.append(f"{name} holds an invisible character, {kind}: write it anew.")
            value = visible(value)
        if (inner := unquoted(value)) is not None:
            self.problems.append(f"{name} stands in quotes that would be part of it: remove them.")
            value = trimmed(inner)
        return value or DEFAULTS[name] or ""

    def is_set(self, name: str) -> bool:
        """Tell whether somebody chose a value."""
        return trimmed(self.values.get(name, "")) != ""

    def required(self, name: str, hint: str) -> str:
        """Read a setting that has no default; *hint* tells where people get it."""
        value = self.text(name)
        if not value:
            self.problems.append(f"{name} is missing: {hint}")
        return value

    def number(self, name: str, low: int, high: int) -> int:
        """Read a whole number within bounds."""
        value = self.text(name)
        is_number = value.isascii() and value.isdigit() and len(value) <= 12
        if not (is_number and low <= int(value) <= high):
            self.problems.append(f"{name} must be a whole number from {low} to {high}.")
            return low
        return int(value)

    def url(self, name: str) -> str:
        """Read the address of a server, without a slash at its end."""
        value = self.text(name).rstrip("/")
        try:
            parts = urlsplit(value)
            host = (parts.hostname or "").encode("idna")
            is_url = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
        except ValueError:
            is_url = False
        is_url = is_url and _is_word(value)
        if value and not is_url:
            self.problems.append(f"{name} must be an address such as https://host.example.")
        return value

    def token(self, name: str, value: str) -> Secret:
        """Check a token that goes into a header; the library there would quote it in an error."""
        if not _is_word(value) or value != value.strip(QUOTES):
            self.problems.append(
                f"{name} must be the bare token: one word, with nothing before or after it."
            )
        return Secret(value)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Read one of a few words, in any case."""
        value = self.text(name).lower()
        if value not in choices:
            self.problems.append(f"{name} must be one of {', '.join(choices)}.")
            return choices[0]
        return value

    def flag(self, name: str) -> bool:
        """Read `yes` or `no`."""
        return self.choice(name, ("no", "yes")) == "yes"

    def finish(self) -> None:
        """Raise SettingsError if anything was wrong."""
        if self.problems:
            raise SettingsError(list(dict.fromkeys(self.problems)))


def _is_word(value: str) -> bool:
    """Tell whether *value* can stand in a header or an address; nothing at all can."""
    return value.isascii() and value.isprintable() and " " not in value


def is_snowflake(value: str) -> bool:
    """Tell whether *value* is an id of Discord's."""
    return value.isascii() and value.isdigit() and 17 <= len(value) <= 20
