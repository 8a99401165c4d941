"""What is known of a pushed message, whatever order it came in, and what its card needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.secret import Secret
from server.core.cards.attempt import Attempt, record
from server.core.cards.card import Card, nonce
from server.core.cards.fairness import SenderFairness
from server.core.cards.lifecycle import begun, join, next_move
from server.core.cards.move import Move, MoveKind, Urgency
from server.core.cards.send_queue import QueueEntry, SendQueue
from server.core.discord.answers import Delivered, Gone
from server.core.discord.rate_limits import RequestKind
from server.core.documents import card_document, read_card
from server.core.messages.status import message_status
from server.core.messages.tokens import Token, identify, read_channels, read_tokens
from server.core.model.pushed import Pushed, Put, merge_pushed, message_id, order_of
from server.core.render.pushed import render_pushed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GAP = timedelta(seconds=2)
BLANK = Pushed("abc", "ops", "nas", "default", "")


def put(order: int, text: str = "") -> Pushed:
    words = text or f"text {order}"
    return replace(BLANK, put=Put(f"{order:03}", words, length=len(words)))


def removal(order: int) -> Pushed:
    return replace(BLANK, cleared=f"{order:03}")


# What one server received has an order of its own, so equal orders are equal parts.
PARTS = st.integers(1, 99).map(lambda order: put(order) if order % 3 else removal(order))


@given(
    st.lists(PARTS, min_size=1).flatmap(
        lambda parts: st.permutations(parts).map(lambda mixed: (parts, mixed))
    )
)
def test_order_does_not_matter(both: tuple[list[Pushed], list[Pushed]]) -> None:
    parts, mixed = both
    assert reduce(merge_pushed, parts) == reduce(merge_pushed, mixed)


@given(PARTS, PARTS, PARTS)
def test_grouping_does_not_matter(one: Pushed, two: Pushed, three: Pushed) -> None:
    left = merge_pushed(merge_pushed(one, two), three)
    assert left == merge_pushed(one, merge_pushed(two, three))


@given(st.lists(PARTS, min_size=1))
def test_repetition_does_not_matter(parts: list[Pushed]) -> None:
    once = reduce(merge_pushed, parts)
    assert reduce(merge_pushed, parts, once) == once


@given(st.lists(PARTS, min_size=1))
def test_what_was_received_last_decides(parts: list[Pushed]) -> None:
    last = max(parts, key=lambda part: part.order)
    merged = reduce(merge_pushed, parts)
    assert merged.is_wanted == (last.put is not None)
    assert not merged.is_wanted or merged.put == last.put


@given(PARTS, PARTS)
def test_a_card_comes_back_from_the_store_as_it_was(one: Pushed, two: Pushed) -> None:
    card = Card("message/abc", "1", merge_pushed(one, two), NOW, cleared="001")
    assert read_card(card_document(card)) == card


def test_the_order_of_instants_is_that_of_their_text() -> None:
    instants = [NOW + timedelta(microseconds=10**power) for power in range(15)]
    assert sorted(order_of(instant, "x") for instant in instants) == [
        order_of(instant, "x") for instant in instants
    ]


def test_parts_that_join_alike_name_different_messages() -> None:
    assert message_id("ab", "c") != message_id("a", "bc")
    assert message_id("a\0" + "1:b") != message_id("a", "b")


SHOWN = replace(
    Card("message/abc", "1", put(2), NOW),
    message_id="9",
    message_at=NOW - timedelta(minutes=5),
    shown="old",
    shown_at=NOW - timedelta(minutes=5),
)
MOVES = {
    "the first": (Card("message/abc", "1", put(2), NOW), MoveKind.CREATE, "pushed"),
    "changed": (SHOWN, MoveKind.EDIT, "pushed again"),
    "shown": (replace(SHOWN, shown="new"), MoveKind.NOTHING, "shown already"),
    "removed before it was made": (
        Card("message/abc", "1", removal(1), NOW),
        MoveKind.NOTHING,
        "removed by its sender",
    ),
    "removed while a create is unsure": (
        replace(Card("message/abc", "1", merge_pushed(put(2), removal(3)), NOW), unsure_since=NOW),
        MoveKind.CREATE,
        "pushed",
    ),
    "removed": (
        replace(SHOWN, content=merge_pushed(put(2), removal(3))),
        MoveKind.DELETE,
        "removed by its sender",
    ),
    "put again after it was removed": (
        replace(SHOWN, content=reduce(merge_pushed, (put(2), removal(3), put(4)))),
        MoveKind.DELETE,
        "removed by its sender",
    ),
    "deleted once": (
        replace(SHOWN, message_id="", deletions=1),
        MoveKind.CREATE,
        "pushed",
    ),
    "deleted twice": (
        replace(SHOWN, message_id="", deletions=2),
        MoveKind.NOTHING,
        "deleted by a person, twice",
    ),
    "deleted twice, removed, put again": (
        replace(
            SHOWN,
            message_id="",
            deletions=2,
            content=reduce(merge_pushed, (put(2), removal(3), put(4))),
        ),
        MoveKind.CREATE,
        "pushed",
    ),
    "given up": (replace(SHOWN, dropped="http_400"), MoveKind.NOTHING, "dropped"),
}


@pytest.mark.parametrize(("card", "kind", "reason"), MOVES.values(), ids=MOVES)
def test_a_card_needs_what_makes_it_true(card: Card, kind: MoveKind, reason: str) -> None:
    move = next_move(card, "new", NOW, GAP)
    assert (move.kind, move.reason) == (kind, reason)
    assert move.urgency is Urgency.PUSHED or kind is MoveKind.NOTHING


def test_news_gives_a_dropped_message_another_chance() -> None:
    card = replace(SHOWN, dropped="http_400", degradation=3, attempts=7)
    joined = join(card, put(5))
    assert next_move(joined, "new", NOW, GAP) == Move(
        MoveKind.EDIT, "pushed again", Urgency.PUSHED, NOW - timedelta(minutes=5) + GAP
    )
    assert join(card, put(1)) == card


@pytest.mark.parametrize("outcome", [Delivered("9"), Gone("http_404_10008")], ids=["done", "gone"])
def test_a_removed_message_makes_room_for_another(outcome: Delivered | Gone) -> None:
    card = replace(SHOWN, content=reduce(merge_pushed, (put(2), removal(3), put(4))), deletions=1)

    removed = record(card, Attempt(MoveKind.DELETE, "new", ""), outcome, NOW, 0.5)

    assert next_move(removed, "new", NOW, GAP).kind is MoveKind.CREATE
    assert nonce(begun(removed, NOW), MoveKind.CREATE) != nonce(card, MoveKind.CREATE)
    assert (removed.message_id, removed.deletions, removed.attempts) == ("", 0, 0)


def test_a_create_that_was_overtaken_by_a_removal_keeps_its_nonce() -> None:
    card = begun(Card("message/abc", "1", put(2), NOW), NOW)
    overtaken = join(card, removal(3))
    assert nonce(overtaken, MoveKind.CREATE) == nonce(card, MoveKind.CREATE)


STATES = {
    "waiting": (replace(SHOWN, message_id="", due_at=NOW), False, {"status": "waiting"}),
    "news waits": (
        SHOWN,
        True,
        {"status": "waiting", "url": "https://discord.com/channels/@me/1/9"},
    ),
    "delivered": (
        SHOWN,
        False,
        {"status": "delivered", "url": "https://discord.com/channels/@me/1/9"},
    ),
    "dropped": (
        replace(SHOWN, message_id="", dropped="http_400_50035"),
        False,
        {"status": "dropped", "reason": "http_400_50035"},
    ),
    "removed": (
        replace(SHOWN, message_id="", content=removal(3)),
        False,
        {"status": "removed"},
    ),
    "deleted": (
        replace(SHOWN, message_id="", deletions=2),
        False,
        {"status": "dropped", "reason": "deleted_by_a_person"},
    ),
}


@pytest.mark.parametrize(("card", "waits", "told"), STATES.values(), ids=STATES)
def test_its_sender_is_told_the_state(card: Card, waits: bool, told: dict[str, str]) -> None:
    assert message_status(card, "ops", waits, "") == {"id": "abc", "channel": "default", **told}
    assert message_status(card, "app", waits, "") is None


# Rendering


def said(text: str, **more: object) -> dict[str, object]:
    made = Put("1", text[:4096], length=len(text), **more)  # type: ignore[arg-type]
    return dict(render_pushed(replace(BLANK, put=made)))


def test_a_bare_text_is_the_message() -> None:
    assert said("*hello* @everyone") == {
        "content": "*hello* @everyone",
        "embeds": [],
        "components": [],
        "allowed_mentions": {"parse": []},
        "attachments": [],
    }


def test_a_title_a_level_or_an_address_makes_an_embed() -> None:
    url = "https://nas.example.com"
    message = said("full <@12345678901234567>", title="Disk", level="error", url=url, mentions=True)
    assert message == {
        "content": "<@12345678901234567>",
        "embeds": [
            {
                "title": "Disk",
                "description": "full <@12345678901234567>",
                "color": 0xBB3030,
                "url": url,
            }
        ],
        "components": [
            {"type": 1, "components": [{"type": 2, "style": 5, "label": "Open", "url": url}]}
        ],
        "allowed_mentions": {"parse": ["users", "roles", "everyone"]},
        "attachments": [],
    }


@pytest.mark.parametrize("level", ["", "info"], ids=["bare", "embed"])
def test_without_its_file_a_text_is_cut_and_says_so(level: str) -> None:
    put = Put("1", "0123456789" * 409, level=level, length=9000)
    message = render_pushed(replace(BLANK, put=put), with_file=False)

    shown = message["embeds"][0]["description"] if level else message["content"]
    assert shown.startswith("0123456789")
    assert shown.endswith("\n… 9000 characters in all: Discord did not take the rest as a file")
    assert len(shown) <= (4096 if level else 2000)
    assert message["attachments"] == []


@pytest.mark.parametrize(("level", "most"), [("", 2000), ("info", 4096)], ids=["bare", "embed"])
@given(
    st.text("ab\n `👍🏽é", min_size=1).flatmap(lambda piece: st.just(piece * (9000 // len(piece))))
)
def test_the_beginning_fits_and_tells_of_the_file(level: str, most: int, text: str) -> None:
    message = said(text, level=level)
    beginning = message["embeds"][0]["description"] if level else message["content"]  # type: ignore[index]
    assert len(beginning) <= most
    assert beginning.endswith(f"\n… {len(text)} characters in all: see message.txt")
    assert beginning.count("```") % 2 == 0
    assert [one["filename"] for one in message["attachments"]] == ["message.txt"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("length", [2000, 4096], ids=str)
def test_what_fits_exactly_is_not_attached(length: int) -> None:
    message = said("x" * length, level="" if length == 2000 else "info")
    assert message["attachments"] == []


# Fairness


def test_senders_take_turns_however_much_one_of_them_sends() -> None:
    senders = ["ops"] * 5 + ["app"] * 2 + ["web"]
    queue = SendQueue(
        QueueEntry(
            f"{number}", "1", Urgency.PUSHED, NOW, MoveKind.CREATE, None, sender, f"{number}"
        )
        for number, sender in enumerate(senders)
    )
    fairness, served = SenderFairness(), []

    while entry := queue.next_in("1", NOW, set(RequestKind), fairness.rank):
        fairness.note_served(entry)
        queue.put(entry.card_id, None)
        served.append(entry.card_id)

    assert served == ["0", "5", "7", "1", "6", "2", "3", "4"]


@pytest.mark.parametrize("urgency", [Urgency.ENDING, Urgency.NEW, Urgency.PROGRESS])
def test_a_build_goes_before_every_message(urgency: Urgency) -> None:
    old = NOW - timedelta(hours=1)
    queue = SendQueue(
        [QueueEntry("m", "1", Urgency.PUSHED, old, MoveKind.CREATE, None, "ops", "1")]
    )
    queue.put("b", QueueEntry("b", "1", urgency, NOW, MoveKind.CREATE))
    found = queue.next_in("1", NOW, set(RequestKind), SenderFairness().rank)
    assert found is not None
    assert found.card_id == "b"


# Tokens


def test_tokens_are_read_with_their_channels_and_rights() -> None:
    channels, problems = read_channels("alerts:1100000000000000010, ops:1100000000000000011")
    text = "nas:0123456789abcdef, web:fedcba9876543210:alerts|ops!mentions"
    assert problems == []
    assert read_tokens(text, channels) == (
        (
            Token("nas", Secret("0123456789abcdef")),
            Token("web", Secret("fedcba9876543210"), ("alerts", "ops"), True),
        ),
        [],
    )


WRONG = {
    "no token": "nas",
    "a short one": "nas:short-s3cret",
    "a space": "nas:0123456789 abcdef",
    "no name": ":0123456789abcdef",
    "an unknown channel": "nas:0123456789abcdef:nowhere",
    "empty channels": "nas:0123456789abcdef:",
    "too many parts": "nas:0123456789abcdef:default:more",
    "a name twice": "nas:0123456789abcdef,nas:fedcba9876543210",
    "a token twice": "nas:0123456789abcdef,web:0123456789abcdef",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_wrong_list_of_tokens_is_a_problem_that_quotes_no_token(text: str) -> None:
    _, problems = read_tokens(text.replace("short-s3cret", "s3cret"), {"default": ""})
    assert len(problems) == 1
    assert not any(part in problems[0] for part in ("0123456789", "fedcba", "s3cret"))


@pytest.mark.parametrize(
    "text", ["alerts", "alerts:12", "default:1100000000000000010", "a:1100000000000000010," * 2]
)
def test_a_wrong_list_of_channels_is_a_problem(text: str) -> None:
    assert len(read_channels(text)[1]) == 1


HEXADECIMAL = "4f1d0123456789abcdef4f1d01234567"


@pytest.mark.parametrize(
    "text",
    [
        f"alerts:{HEXADECIMAL}",
        HEXADECIMAL,
        f"{HEXADECIMAL}:{HEXADECIMAL}",
        f"nas:{HEXADECIMAL}:alerts",
        f"{HEXADECIMAL}:1100000000000000010,{HEXADECIMAL}:1100000000000000011",
    ],
)
def test_a_token_in_the_list_of_channels_is_not_quoted(text: str) -> None:
    _, problems = read_channels(text)

    assert len(problems) == 1
    assert "entry" in problems[0]
    assert HEXADECIMAL not in problems[0]


def test_a_token_is_known_by_its_secret_alone() -> None:
    tokens = (Token("nas", Secret("0123456789abcdef")), Token("web", Secret("fedcba9876543210")))
    assert [identify(tokens, shown) for shown in ("fedcba9876543210", "nas", "", "ü")] == [
        tokens[1],
        None,
        None,
        None,
    ]
