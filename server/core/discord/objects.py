"""Discord's objects, read from answers to a GET; `answers` reads what came of a send.

Each reader returns None for anything but the object: `failure_of` then says what came instead.
"""

from dataclasses import dataclass

from server.core.discord.answers import error_code
from server.core.http_answer import Answer
from server.core.json_reader import Json, flag, integer, rows, table, text

# Text, announcement, and the three kinds of thread: what a bot can simply write into.
# https://docs.discord.com/developers/resources/channel#channel-object-channel-types
THREADS = frozenset({10, 11, 12})
WRITABLE_TYPES = frozenset({0, 5}) | THREADS
UNKNOWN_TYPE = -1


@dataclass(frozen=True, slots=True)
class User:
    """A user; a bot is one."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Application:
    """The application that a bot's token belongs to."""

    id: str
    verify_key: str  # the public key that interactions are signed for
    interactions_url: str  # "" is none


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel or a thread of a server."""

    name: str
    type: int
    guild_id: str
    parent_id: str
    is_locked: bool

    @property
    def is_thread(self) -> bool:
        """Tell whether it is a thread, which has the permissions of its parent.

        https://docs.discord.com/developers/topics/permissions#permissions-for-threads
        """
        return self.type in THREADS


def read_user(answer: Answer) -> User | None:
    """Read a user."""
    if answer.status != 200:
        return None
    return User(text(answer.body, "id"), text(answer.body, "username"))


def read_application(answer: Answer) -> Application | None:
    """Read an application."""
    if answer.status != 200:
        return None
    body = answer.body
    url = text(body, "interactions_endpoint_url")
    return Application(text(body, "id"), text(body, "verify_key"), url)


def read_channel(answer: Answer) -> Channel | None:
    """Read a channel."""
    if answer.status != 200:
        return None
    body = answer.body
    return Channel(
        name=text(body, "name"),
        type=integer(body, "type") if isinstance(body.get("type"), int) else UNKNOWN_TYPE,
        guild_id=text(body, "guild_id"),
        parent_id=text(body, "parent_id"),
        is_locked=flag(table(body, "thread_metadata") or {}, "locked"),
    )


def read_role_ids(guild: Answer) -> frozenset[str] | None:
    """Read the ids of a server's roles, also of the one that everyone has."""
    if guild.status != 200 or not isinstance(guild.body.get("roles"), list):
        return None
    return frozenset(text(role, "id") for role in rows(guild.body, "roles"))


def read_list(answer: Answer) -> list[Json] | None:
    """Read a list of objects: messages or commands."""
    return rows(answer.body, "items") if answer.status == 200 else None


def read_retry_after(answer: Answer) -> float | None:
    """Read the seconds to wait before the next try."""
    seconds = answer.body.get("retry_after")
    return float(seconds) if isinstance(seconds, int | float) else None


def read_form_errors(answer: Answer) -> Json:
    """Read what Discord refuses in a body, field by field.

    https://docs.discord.com/developers/reference#error-messages
    """
    return table(answer.body, "errors") or {}


def failure_of(answer: Answer) -> str:
    """Say what came instead of an object, with Discord's own code."""
    return answer.error or f"HTTP {answer.status}, code {error_code(answer)}"
