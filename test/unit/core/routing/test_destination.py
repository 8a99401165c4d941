"""In which channel a content is shown, given the cards that it has already."""

from dataclasses import replace
from typing import Any

import pytest
from fakes import CHANNEL, START, account, card, seconds, state

from server.core.cards.card import Card
from server.core.cards.content import Content
from server.core.model.pushed import Pushed
from server.core.routing.destination import Destination, destinations_of

NAMED = Pushed("abc", "ops", "nas", "alerts", "alerts-id")
UNNAMED = replace(NAMED, channel="default", channel_id="")


@pytest.mark.parametrize(
    ("content", "channel_id"),
    [(state(), CHANNEL), (account(), CHANNEL), (NAMED, "alerts-id"), (UNNAMED, CHANNEL)],
    ids=["a build", "an account event", "a message to a channel", "a message to none"],
)
def test_what_has_no_card_yet_goes_to(content: Content, channel_id: str) -> None:
    assert destinations_of(content, [], CHANNEL) == (Destination(channel_id),)


def begun(channel_id: str, **fields: Any) -> Card:
    return card(state(), channel_id=channel_id, message_id="146", **fields)


OLD, OLDER = begun("old"), begun("older", created_at=START - seconds(1))
LOST = begun("lost", created_at=START + seconds(1), dropped="http_404_10003")
CARDS: dict[str, tuple[list[Card], str]] = {
    "in the default channel": ([begun(CHANNEL)], CHANNEL),
    "in the default channel, given up": ([begun(CHANNEL, dropped="http_403")], CHANNEL),
    "in the default channel and another": ([OLD, begun(CHANNEL)], CHANNEL),
    "in another channel": ([OLD], "old"),
    "in another channel, without a message": ([card(state(), channel_id="old")], "old"),
    "in two other channels": ([OLDER, OLD], "old"),
    "in another channel, and given up in a third": ([OLD, LOST], "old"),
    "in another channel, given up": ([LOST], CHANNEL),
}


@pytest.mark.parametrize(("known", "channel_id"), CARDS.values(), ids=CARDS)
def test_a_build_stays_where_it_was_begun(known: list[Card], channel_id: str) -> None:
    assert destinations_of(state(), known, CHANNEL) == (Destination(channel_id),)


@pytest.mark.parametrize(
    ("fields", "channel_id"),
    [({"message_id": "146"}, "old"), ({"unsure_since": START}, "old"), ({}, "alerts-id")],
    ids=["has a message", "may have one", "has none"],
)
def test_a_pushed_message_stays_in_its_channel_while_it(
    fields: dict[str, Any], channel_id: str
) -> None:
    known = [card(NAMED, channel_id="old", **fields)]

    assert destinations_of(NAMED, known, CHANNEL) == (Destination(channel_id),)
