"""Which of a channel's messages is the one whose create nobody noted."""

from typing import Any

import pytest

from server.core.adoption import find_own

ME = {"id": "1"}
PAGE = "https://drone.example.com/octocat/hello-world/7"
TITLE = "octocat/hello-world #7 · 🔄 running"
NONCE = "c0ffee"

LINKED: dict[str, Any] = {"nonce": NONCE, "embeds": [{"title": TITLE, "url": PAGE}]}
UNLINKED: dict[str, Any] = {"nonce": NONCE, "embeds": [{"title": TITLE}]}
PLAIN: dict[str, Any] = {"nonce": NONCE, "content": f"**{TITLE}**", "embeds": []}


def message(*embeds: Any, name: str = "146", author: Any = ME, **fields: Any) -> dict[str, Any]:
    """Return a message of ours, as the channel lists it."""
    return {"id": name, "author": author, "embeds": list(embeds), **fields}


OTHER_PAGE = {"title": TITLE, "url": PAGE + "0"}
QUEUED = {"title": "octocat/hello-world #7 · 🕒 queued"}
FOUND: dict[str, tuple[dict[str, Any], list[Any], str]] = {
    "nothing": (LINKED, [], ""),
    "its nonce": (LINKED, [message(nonce=NONCE)], "146"),
    "its nonce, of plain text": (PLAIN, [message(nonce=NONCE)], "146"),
    "its nonce, of another bot": (LINKED, [message(author={"id": "2"}, nonce=NONCE)], ""),
    "another nonce": (LINKED, [message(nonce="another")], ""),
    "its page in an older state": (LINKED, [message({**QUEUED, "url": PAGE})], "146"),
    "its page, of another bot": (
        LINKED,
        [message({"title": TITLE, "url": PAGE}, author={"id": "2"})],
        "",
    ),
    "its title at another page": (LINKED, [message(OTHER_PAGE)], ""),
    "its title without the page": (LINKED, [message({"title": TITLE})], ""),
    "its subject, where it has no page": (UNLINKED, [message(QUEUED)], "146"),
    "another subject, where it has no page": (
        UNLINKED,
        [message({"title": "octocat/hello-world #70 · 🕒 queued"})],
        "",
    ),
    "an embed, where it has none": (PLAIN, [message({"title": TITLE, "url": PAGE})], ""),
    "no embed, where it has one": (LINKED, [message()], ""),
    "no embeds at all": (LINKED, [{"id": "146", "author": ME}], ""),
    "embeds that are no list": (LINKED, [message() | {"embeds": None}], ""),
    "what is no message": (LINKED, ["146", None], ""),
    "nobody's": (LINKED, [message(nonce=NONCE, author=None)], ""),
    "an author without an id": (LINKED, [message(nonce=NONCE, author={})], ""),
    "several, of which the newest counts": (
        LINKED,
        [message(nonce=NONCE, name=name) for name in ("99", "146", "100")],
        "146",
    ),
}


@pytest.mark.parametrize(("body", "messages", "found"), FOUND.values(), ids=FOUND)
def test_found_among_the_messages(body: dict[str, Any], messages: list[Any], found: str) -> None:
    assert find_own(messages, "1", body) == found
