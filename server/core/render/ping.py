"""The message that pings people about a build: a reply to its card, as edits ping nobody."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from server.core.discord.markdown import escape_name
from server.core.render.transition import first_line
from server.core.routing.facts import BuildFacts
from server.core.routing.rules import PingOn, login_key
from server.core.routing.transition import Transition

NAME = 80
# https://docs.discord.com/developers/resources/message#message-object-message-flags
SUPPRESS_NOTIFICATIONS = 1 << 12

HAPPENED = {
    PingOn.APPROVAL: "needs approval",
    PingOn.FIXED: "is fixed",
    PingOn.NEW_STEP: "has another broken step",
    PingOn.BROKEN: "broke",
    PingOn.BAD: "failed",
}


class ExactMentions(TypedDict):
    """Exactly those who are pinged, and nobody by what stands in the text."""

    parse: list[str]
    users: list[str]
    roles: list[str]
    replied_user: bool


class Reference(TypedDict):
    """The message that is replied to; without it the ping still goes out."""

    message_id: str
    fail_if_not_exists: bool


class PingMessage(TypedDict):
    """The body of a message that pings."""

    content: str
    allowed_mentions: ExactMentions
    message_reference: Reference
    flags: NotRequired[int]


def ping_message(
    on: PingOn,
    who: tuple[str, ...],
    facts: BuildFacts,
    transition: Transition,
    people: Mapping[str, str],
    card_message_id: str,
    is_silent: bool = False,
) -> PingMessage:
    """Ping *who* of a route; the author through *people*, or else by a name that pings nobody."""
    line = f"{escape_name(facts.repo, NAME, 'unknown repository')} #{facts.number} {HAPPENED[on]}"
    why = first_line(transition, facts) if on is not PingOn.APPROVAL else ""
    return _reply(who, facts.author, people, [line, why], card_message_id, is_silent)


def reminder_message(
    who: tuple[str, ...],
    author: str,
    text: str,
    people: Mapping[str, str],
    card_message_id: str,
    is_silent: bool = False,
) -> PingMessage:
    """Remind of a branch that is still red by *text*, which is our own wording."""
    return _reply(who, author, people, [text], card_message_id, is_silent)


def _reply(
    who: tuple[str, ...],
    author: str,
    people: Mapping[str, str],
    lines: list[str],
    card_message_id: str,
    is_silent: bool,
) -> PingMessage:
    users, roles, named = _mentioned(who, author, people)
    called = [*(f"<@{id_}>" for id_ in users), *(f"<@&{id_}>" for id_ in roles), *named]
    first, *rest = lines
    body = PingMessage(
        content="\n".join([" ".join([*called, first]), *filter(None, rest)]),
        allowed_mentions={"parse": [], "users": users, "roles": roles, "replied_user": False},
        message_reference={"message_id": card_message_id, "fail_if_not_exists": False},
    )
    if is_silent:
        body["flags"] = SUPPRESS_NOTIFICATIONS
    return body


def _mentioned(
    who: tuple[str, ...], author: str, people: Mapping[str, str]
) -> tuple[list[str], list[str], list[str]]:
    """Return the users and roles to ping, each once, and who can only be named."""
    users: dict[str, None] = {}
    roles: dict[str, None] = {}
    named = []
    for one in who:
        kind, _, id_ = one.partition(":")
        if kind == "role":
            roles[id_] = None
        elif kind == "user":
            users[id_] = None
        elif user := people.get(login_key(author), ""):
            users[user] = None
        elif name := escape_name(author, NAME):
            named.append(name)
    return list(users), list(roles), named
