"""The cards of people and repositories that come to Drone or leave it."""

from typing import NamedTuple

from server.core.discord import limits
from server.core.discord.markdown import escape_title, plain, strong
from server.core.discord.types import ActionRow, Author, Embed, link_rows
from server.core.discord.urls import Pages, acceptable, picture, short
from server.core.model.account import AccountEvent
from server.core.render.appearance import GREEN, GREY

HOST = 100


class Change(NamedTuple):
    """How one of Drone's pairs shows; *has_page* tells whether Drone still has a page for it."""

    mark: str
    word: str
    sentence: str
    color: int
    has_page: bool


CHANGES = {
    "user:created": Change("👋", "account created", "A new account on {host}", GREEN, False),
    "user:deleted": Change("👤", "account deleted", "The account on {host} is gone", GREY, False),
    "repo:enabled": Change("🔌", "enabled", "{host} builds it from now on", GREEN, True),
    "repo:disabled": Change("💤", "disabled", "{host} does not build it any more", GREY, True),
    "repo:deleted": Change("🗑️", "deleted", "{host} forgot it and its builds", GREY, False),
}
OTHER = Change("❔", "changed", "Something changed on {host}", GREY, False)


def embed(event: AccountEvent, pages: Pages) -> Embed:
    """Show what became of an account or a repository."""
    change = CHANGES.get(event.event, OTHER)
    rest = f" · {change.mark} {change.word}"
    shown = Embed(
        title=escape_title(event.name, limits.EMBED_TITLE - len(rest), "unknown") + rest,
        description=_description(event, change),
        color=change.color,
    )
    if actor := plain(event.actor, limits.AUTHOR_NAME):
        shown["author"] = Author(name=actor)
    if avatar := picture(event.avatar):
        shown["thumbnail"] = {"url": avatar}
    if change.has_page and (page := pages.repository()):
        shown["url"] = page
    return shown


def buttons(event: AccountEvent, pages: Pages) -> list[ActionRow]:
    """Link a repository in Drone, while it has a page there, and its source."""
    has_page = CHANGES.get(event.event, OTHER).has_page
    builds = pages.repository() if has_page else ""
    return link_rows(
        ("Builds", short(builds)),
        ("Source", acceptable(event.link, limits.BUTTON_URL)),
    )


def _description(event: AccountEvent, change: Change) -> str:
    kinds = ("Administrator", event.is_admin), ("Machine account", event.is_machine)
    sentence = change.sentence.format(host=strong(event.system.host, HOST, "Drone"))
    return " · ".join([sentence, *(kind for kind, applies in kinds if applies)])
