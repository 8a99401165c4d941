"""The shape of cards in the store: what goes in comes out, and old documents are read."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions
from build_states import ACCOUNTS, STATES
from fakes import CHANNEL, START, account, card, state
from hypothesis import given, settings

from server.core.cards.card import Card
from server.core.cards.move import MoveKind, Urgency
from server.core.documents import card_document, read_card, storable
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState
from server.core.model.log_tail import LogTail

EXAMPLES = settings(max_examples=150)


def through_bson(document: Mapping[str, Any]) -> dict[str, Any]:
    return bson.decode(bson.encode(document), CodecOptions(tz_aware=True, tzinfo=UTC))


@EXAMPLES
@given(STATES)
def test_a_state_survives_the_store(content: BuildState) -> None:
    kept = card(content)

    assert read_card(through_bson(card_document(kept))) == kept


@EXAMPLES
@given(STATES)
def test_a_document_needs_no_database_to_be_read(content: BuildState) -> None:
    kept = card(content)

    assert read_card(card_document(kept)) == kept


def test_a_build_that_nobody_acted_on_is_kept_as_before_there_were_acts() -> None:
    assert "acts" not in card_document(card(state()))["content"]


@EXAMPLES
@given(ACCOUNTS)
def test_an_account_event_survives_the_store(content: AccountEvent) -> None:
    kept = card(content)

    assert read_card(through_bson(card_document(kept))) == kept


FULL = card(
    state("failure"),
    revision=9,
    message_id="146",
    message_at=START,
    shown="f" * 64,
    shown_status="running",
    shown_at=START,
    confirm_at=START,
    unsure_since=START,
    deletions=1,
    cleared="1-a",
    old_refusals=3,
    reply_id="147",
    degradation=2,
    without_file=True,
    trial=1,
    refused_since=START,
    attempts=4,
    last_error="http_503",
    retry_at=START,
    dropped="http_405",
    refused="{}",
    due_at=START,
    urgency=Urgency.ENDING,
    move=MoveKind.REPLY,
)


def test_every_field_survives_the_store() -> None:
    assert read_card(through_bson(card_document(FULL))) == FULL


LOG = {"stage": 1, "step": 2, "lines": ["one", "two"]}


def test_a_card_without_a_log_is_kept_as_by_the_version_that_knew_none() -> None:
    kept = card_document(card(state("failure")))

    assert "log" not in kept["content"]


def test_a_log_is_kept_as_a_list_of_lines() -> None:
    content = replace(state("failure"), log=LogTail(1, 2, ("one", "two")))

    assert card_document(card(content))["content"]["log"] == LOG


def test_every_field_is_kept_that_differs_from_its_default() -> None:
    kept = {field.name for field in fields(Card)} - {"id"}

    assert set(card_document(FULL)) == kept | {"family", "_id", "is_due"}


def test_a_card_at_rest_looks_like_this() -> None:
    kept = card(account(), message_id="146", message_at=START, shown="f" * 64, shown_at=START)

    assert card_document(kept) == {
        "_id": f"repo-enabled/drone.example.com/1/1/{CHANNEL}",
        "family": "repo-enabled/drone.example.com/1/1",
        "channel_id": CHANNEL,
        "created_at": START,
        "message_id": "146",
        "message_at": START,
        "shown": "f" * 64,
        "shown_at": START,
        "urgency": 2,
        "move": "nothing",
        "content": {
            "event": "repo:enabled",
            "system": {
                "host": "drone.example.com",
                "link": "https://drone.example.com",
                "version": "",
            },
            "subject_id": 1,
            "version": 1,
            "name": "octocat/hello-world",
            "actor": "octocat",
            "link": "https://github.example.com/octocat/hello-world",
            "avatar": "",
            "is_admin": False,
            "is_machine": False,
        },
    }


MARKS: dict[str, tuple[Card, set[str]]] = {
    "an open card that waits": (card(due_at=START), {"is_open", "is_due"}),
    "an open card at rest": (card(), {"is_open"}),
    "an open card that was dropped": (card(dropped="http_405"), {"is_open", "dropped"}),
    "an ended card that waits": (card(state("success"), due_at=START), {"is_due"}),
    "an ended card at rest": (card(state("declined")), set()),
    "an account's card that waits": (card(account(), due_at=START), {"is_due"}),
}


@pytest.mark.parametrize(("kept", "marks"), MARKS.values(), ids=MARKS)
def test_the_marks_of_the_small_sets_are_on(kept: Card, marks: set[str]) -> None:
    document = card_document(kept)

    assert {name for name in ("is_open", "is_due", "dropped") if name in document} == marks


def test_a_document_of_an_older_version_reads_as_if_nothing_had_happened() -> None:
    document = {
        "_id": "build/drone/7/1",
        "channel_id": "1",
        "created_at": START,
        "urgency": 1,
        "content": {"build": {"id": 7, "status": "success"}, "of a later version": [1]},
        "of a later version": True,
    }

    read = read_card(document)

    assert (read.revision, read.message_id, read.urgency) == (0, "", Urgency.NEW)
    assert (read.move, read.unsure_since) == (MoveKind.NOTHING, None)
    assert isinstance(read.content, BuildState)
    assert (read.content.build.id, read.content.build.status) == (7, "success")


def test_instants_are_kept_in_whole_milliseconds() -> None:
    instant = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)
    names = (
        "created_at",
        "message_at",
        "shown_at",
        "confirm_at",
        "unsure_since",
        "retry_at",
        "due_at",
    )
    kept = card(**dict.fromkeys(names, instant))

    assert storable(kept) == card(**dict.fromkeys(names, instant - timedelta(microseconds=999)))


def test_what_is_storable_comes_back_equal() -> None:
    instant = START + timedelta(microseconds=1_234_567)
    kept = storable(card(created_at=instant, due_at=instant))

    assert read_card(through_bson(card_document(kept))) == kept
