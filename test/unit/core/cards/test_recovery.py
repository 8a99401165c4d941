"""Which of a channel's messages is the one whose create was not noted."""

from typing import Any

import pytest

from server.core.cards.recovery import candidates, mark, marked, newest_own
from server.core.discord.types import Message, link_rows

ME = {"id": "1"}
PAGE = "https://drone.example.com/octocat/hello-world/7"
TITLE = "octocat/hello-world #7 · 🔄 running"
NONCE, OTHER = "c0ffee", "decade"

LINKED: dict[str, Any] = {"nonce": NONCE, "embeds": [{"title": TITLE, "url": PAGE}]}
UNLINKED: dict[str, Any] = {"nonce": NONCE, "embeds": [{"title": TITLE}]}
ACCOUNT: dict[str, Any] = {"nonce": NONCE, "embeds": [{"title": "octocat/x · 🔌 enabled"}]}
PLAIN: dict[str, Any] = {"nonce": NONCE, "content": "disk full on nas1", "embeds": []}
TITLED: dict[str, Any] = {
    "nonce": NONCE,
    "content": "",
    "embeds": [{"title": "Disk", "description": "full", "color": 1}],
}
REPLY = {**LINKED, "message_reference": {"message_id": "99"}}


def with_mark(nonce: str, body: dict[str, Any] = LINKED) -> dict[str, Any]:
    """Return a body or a message that carries the mark of a nonce."""
    rows = link_rows(("Build", PAGE))
    message = Message(embeds=[], components=rows, allowed_mentions={"parse": []})
    return {**body, "components": marked(message, nonce)["components"]}


def message(name: str = "146", author: Any = ME, **fields: Any) -> dict[str, Any]:
    """Return a message of ours, as the channel lists it."""
    return {"id": name, "type": 0, "author": author, "content": "", "embeds": [], **fields}


def shows(title: str, url: str = "", **fields: Any) -> dict[str, Any]:
    """Return a message with an embed."""
    return message(embeds=[{"title": title, **({"url": url} if url else {})}], **fields)


NUMBERED = [{"type": 1, "id": 1, "components": []}]  # as Discord counts them itself
QUEUED = "octocat/hello-world #7 · 🕒 queued"
FOUND: dict[str, tuple[dict[str, Any], list[Any], list[str]]] = {
    "nothing": (LINKED, [], []),
    "its nonce": (LINKED, [message(nonce=NONCE)], ["146"]),
    "its nonce, of another bot": (LINKED, [message(author={"id": "2"}, nonce=NONCE)], []),
    "another nonce": (LINKED, [message(nonce=OTHER)], []),
    "its mark, at another address": (
        with_mark(NONCE),
        [with_mark(NONCE, shows(QUEUED, "https://elsewhere.example.com"))],
        ["146"],
    ),
    "another mark, at the same page": (
        with_mark(NONCE),
        [with_mark(OTHER, shows(TITLE, PAGE))],
        [],
    ),
    "no mark, at the same page": (
        with_mark(NONCE),
        [shows(TITLE, PAGE, components=NUMBERED)],
        ["146"],
    ),
    "its page in an older state": (LINKED, [shows(QUEUED, PAGE)], ["146"]),
    "its page, of another bot": (LINKED, [shows(TITLE, PAGE, author={"id": "2"})], []),
    "its page, as an answer to a command shows it": (LINKED, [shows(TITLE, PAGE, type=20)], []),
    "its page, as an interaction shows it": (LINKED, [shows(TITLE, PAGE, webhook_id="1")], []),
    "its page, as a reply shows it": (LINKED, [shows(TITLE, PAGE, type=19)], []),
    "its reply": (
        REPLY,
        [shows(TITLE, PAGE, type=19, message_reference={"message_id": "99"})],
        ["146"],
    ),
    "a reply to another message": (
        REPLY,
        [shows(TITLE, PAGE, type=19, message_reference={"message_id": "98"})],
        [],
    ),
    "what a reply refers to": (REPLY, [shows(TITLE, PAGE)], []),
    "its title at another page": (LINKED, [shows(TITLE, PAGE + "0")], []),
    "its title without the page": (LINKED, [shows(TITLE)], []),
    "its subject, where it has no page": (UNLINKED, [shows(QUEUED)], ["146"]),
    "another subject, where it has no page": (
        UNLINKED,
        [shows("octocat/hello-world #70 · 🕒 queued")],
        [],
    ),
    "another event of the same repository": (ACCOUNT, [shows("octocat/x · 🗑 removed")], []),
    "its text": (PLAIN, [message(content="disk full on nas1")], ["146"]),
    "another text": (PLAIN, [message(content="disk full on nas2")], []),
    "its text in an embed": (
        TITLED,
        [message(embeds=[{"title": "Disk", "description": "full"}])],
        ["146"],
    ),
    "its title with another text": (
        TITLED,
        [message(embeds=[{"title": "Disk", "description": "well"}])],
        [],
    ),
    "no embed, where it has one": (LINKED, [message()], []),
    "embeds that are no list": (LINKED, [message(embeds=None)], []),
    "what is no message": (LINKED, ["146", None], []),
    "nobody's": (LINKED, [message(nonce=NONCE, author=None)], []),
    "an author without an id": (LINKED, [message(nonce=NONCE, author={})], []),
}


@pytest.mark.parametrize(("body", "messages", "found"), FOUND.values(), ids=FOUND)
def test_found_among_the_messages(
    body: dict[str, Any], messages: list[Any], found: list[str]
) -> None:
    assert candidates(messages, "1", body) == found


RIVALS: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "the same text, that another card may have sent": (PLAIN, {**PLAIN, "nonce": OTHER}, []),
    "the text, that no other card may have sent": (
        PLAIN,
        {**PLAIN, "content": "disk full on nas2"},
        ["146"],
    ),
}


@pytest.mark.parametrize(("body", "rival", "found"), RIVALS.values(), ids=RIVALS)
def test_found_is(body: dict[str, Any], rival: dict[str, Any], found: list[str]) -> None:
    assert candidates([message(content="disk full on nas1")], "1", body, [rival]) == found


def test_a_mark_is_certain_whatever_other_cards_may_have_sent() -> None:
    ours = with_mark(NONCE)

    assert candidates([with_mark(NONCE, shows(TITLE, PAGE))], "1", ours, [with_mark(OTHER)]) == [
        "146"
    ]


def test_a_mark_fits_what_discord_takes() -> None:
    assert 1 << 20 <= mark("f" * 25) < 1 << 31


def test_what_has_no_components_has_no_mark() -> None:
    bare = Message(embeds=[], components=[], allowed_mentions={"parse": []})

    assert marked(bare, NONCE) is bare


def test_of_several_the_newest_counts_that_belongs_to_no_card() -> None:
    assert newest_own(["99", "146", "100"], {"146"}) == "100"


def test_where_every_message_belongs_to_a_card_none_is_found() -> None:
    assert newest_own(["99"], {"99"}) == ""
