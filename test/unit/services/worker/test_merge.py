"""Merging what arrived into its cards: all of it, once, and poison aside."""

from dataclasses import replace
from typing import Any

import pytest
from fakes import (
    CHANNEL,
    HOST,
    START,
    Faults,
    MemoryCards,
    MemoryStore,
    account,
    card,
    delivery,
    payload,
    seconds,
    state,
)

from server.core.cards.card import Card
from server.core.cards.move import MoveKind, Urgency
from server.core.delivery import Delivery
from server.core.messages.envelope import PUT, Address, MessageFields, put_body
from server.core.render.message import degraded
from server.errors import StoreUnavailable
from server.services.worker.display import TRIES, DisplayConfig, render_card
from server.services.worker.merge import content_of, merge_batch

NOW = START + seconds(60)
DISPLAY = DisplayConfig(CHANNEL, "", seconds(2))

CREATED = delivery("created", payload("pending", version=1))
RUNNING = delivery("running", payload("running", version=2))
ENDED = delivery("ended", payload("success", version=3))


def inbox_of(*deliveries: Delivery, store: MemoryStore | None = None) -> MemoryStore:
    """Return a store in whose inbox *deliveries* wait."""
    store = store or MemoryStore()
    for one in deliveries:
        store.inbox.add(one)
    return store


def merge(store: MemoryStore, display: DisplayConfig = DISPLAY) -> list[Card]:
    """Merge everything that waits."""
    cards: list[Card] = []
    for batch in store.inbox.pending(100):
        merged = merge_batch(batch, store, display, NOW)
        store.inbox.settle(merged.done, merged.failures, NOW)
        cards += merged.cards
    return cards


def pending(store: MemoryStore) -> list[str]:
    return [one.id for batch in store.inbox.pending(100) for one in batch]


def test_the_first_delivery_of_a_build_makes_its_card() -> None:
    store = inbox_of(CREATED)

    cards = merge(store)

    assert cards == [
        Card(
            id=f"build/{HOST}/7/{CHANNEL}",
            channel_id=CHANNEL,
            content=state("pending", version=1),
            created_at=START,
            revision=1,
            due_at=NOW,
            urgency=Urgency.NEW,
            move=MoveKind.CREATE,
        )
    ]
    assert store.cards.all() == cards
    assert store.inbox.merged == ["created"]


@pytest.mark.parametrize(
    "order",
    [(CREATED, RUNNING, ENDED), (ENDED, RUNNING, CREATED), (RUNNING, ENDED, CREATED)],
    ids=lambda order: " ".join(one.id for one in order),
)
def test_a_build_has_one_card_whatever_the_order(order: tuple[Delivery, ...]) -> None:
    at_once, one_by_one = MemoryStore(), MemoryStore()
    inbox_of(*order, store=at_once)
    merge(at_once)
    for one in order:
        merge(inbox_of(one, store=one_by_one))

    for store in (at_once, one_by_one):
        (found,) = store.cards.all()
        assert found.content == state("success", version=3)
        assert found.urgency is Urgency.ENDING


def test_a_batch_writes_each_card_once() -> None:
    store = inbox_of(CREATED, RUNNING, ENDED)

    (found,) = merge(store)

    assert found.revision == 1


PROMOTED = payload("success", build_id=8, number=42, event="promote", parent=41, deploy_to="qa")
RESTARTED = payload("success", build_id=9, number=43, event="promote", parent=42, deploy_to="qa")


def test_a_restarted_promotion_is_a_restart_of_that_promotion() -> None:
    store = inbox_of(delivery("promoted", PROMOTED), delivery("restarted", RESTARTED))

    promoted, restarted = merge(store)

    assert "Promotion of #41 to **qa**" in text_of(promoted)
    assert "Restart of #42 · Promotion to **qa**" in text_of(restarted)


def test_a_build_learns_of_its_parent_with_any_later_report() -> None:
    store = inbox_of(delivery("restarted", RESTARTED))
    merge(store)
    inbox_of(delivery("promoted", PROMOTED), delivery("again", RESTARTED), store=store)

    _, restarted = merge(store)

    assert "Restart of #42 · Promotion to **qa**" in text_of(restarted)


def text_of(card: Card) -> str:
    """Return the text of a card, without the addresses of its links."""
    return degraded(render_card(card, DISPLAY).message, 1)["embeds"][0]["description"]


def test_builds_have_cards_of_their_own() -> None:
    restart = delivery("restart", payload("pending", build_id=8, parent=7))

    cards = merge(inbox_of(CREATED, restart))

    assert [one.id for one in cards] == [f"build/{HOST}/{number}/{CHANNEL}" for number in (7, 8)]


def test_a_delivery_that_comes_again_writes_nothing() -> None:
    store = inbox_of(CREATED)
    (before,) = merge(store)
    again = replace(CREATED, id="again")

    (after,) = merge(inbox_of(again, store=store))

    assert after == before
    assert store.inbox.merged == ["created", "again"]


def test_what_is_shown_already_is_not_due() -> None:
    store = MemoryStore()
    shown = card(state("pending", version=1), message_id="146")
    store.cards.save(replace(shown, shown=render_card(shown, DISPLAY).fingerprint), START)

    (found,) = merge(inbox_of(delivery("more", payload("pending", version=2)), store=store))

    assert (found.content, found.due_at) == (state("pending", version=2), None)


def test_links_point_at_the_public_address() -> None:
    public = replace(DISPLAY, public_url="https://public.example.com")

    assert render_card(card(), public).fingerprint != render_card(card(), DISPLAY).fingerprint


# -- Poison -----------------------------------------------------------------------------------

POISON: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "not_json"),
    "no UTF-8": (b"\xff", "not_utf8"),
    "too deep": (b"[" * 100_000, "too_deep"),
    "no build": (b'{"event":"build","action":"updated"}', "no_build"),
    "nothing to show": (b'{"event":"repo","action":"updated"}', "not_shown"),
}


@pytest.mark.parametrize(("body", "reason"), POISON.values(), ids=POISON)
def test_poison_is_put_aside_with_its_reason(body: bytes, reason: str) -> None:
    store = inbox_of(delivery("poison", body))

    assert merge(store) == []

    assert store.inbox.failures["poison"].reason == reason
    assert "Malformed" in store.inbox.failures["poison"].trace
    assert pending(store) == []


def test_poison_does_not_stop_what_is_behind_it() -> None:
    store = inbox_of(delivery("poison", b"{", START - seconds(1)), CREATED)

    cards = merge(store)

    assert len(cards) == 1
    assert (store.inbox.merged, list(store.inbox.failures)) == (["created"], ["poison"])


def damaged(content: Any) -> Card:
    """Return a card that cannot be rendered, as a document that was changed by hand."""
    return replace(card(content), degradation="none")  # type: ignore[arg-type]


def test_a_card_that_cannot_be_rendered_puts_its_deliveries_aside() -> None:
    store = inbox_of(RUNNING, ENDED, delivery("other", payload(build_id=8)))
    before = store.cards.save(damaged(state("pending")), START)
    assert before is not None

    cards = merge(store)

    assert [one.id for one in cards] == [f"build/{HOST}/8/{CHANNEL}"]
    assert store.cards.find([before.id]) == {before.id: before}
    failures = store.inbox.failures
    assert {name: failure.reason for name, failure in failures.items()} == {
        "running": "TypeError",
        "ended": "TypeError",
    }
    assert "in degraded" in failures["ended"].trace


def test_poison_is_logged_by_its_reason_and_not_by_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    merge(inbox_of(delivery("f" * 64, b'{"secret')))

    (record,) = caplog.records
    found = vars(record)
    assert (record.message, found["delivery"], found["event"], found["reason"]) == (
        "A delivery cannot be merged; it is kept with its reason.",
        "f" * 12,
        "build:updated",
        "not_json",
    )
    assert "secret" not in str(found)


# -- A store that fails -----------------------------------------------------------------------


def test_a_crash_between_the_card_and_the_inbox_changes_nothing() -> None:
    store = inbox_of(CREATED, RUNNING)
    store.faults.refused.add("inbox.settle")
    with pytest.raises(StoreUnavailable):
        merge(store)
    (before,) = store.cards.all()
    store.faults.refused.clear()

    (after,) = merge(store)

    assert after == before
    assert (store.inbox.merged, pending(store)) == (["created", "running"], [])


def test_a_card_whose_answer_was_lost_is_written_once() -> None:
    store = inbox_of(CREATED)
    store.faults.unanswered.add("cards.save")
    with pytest.raises(StoreUnavailable):
        merge(store)

    (found,) = merge(store)

    assert (found.revision, store.inbox.merged) == (1, ["created"])


@pytest.mark.parametrize("operation", ["cards.find", "cards.save"])
def test_a_store_that_is_away_is_no_poison(operation: str) -> None:
    store = inbox_of(CREATED)
    store.faults.refused.add(operation)

    with pytest.raises(StoreUnavailable):
        merge(store)

    assert (pending(store), store.inbox.failures) == (["created"], {})


class ContendedCards(MemoryCards):
    """Cards that another process changes each time just before they are written."""

    def __init__(self, faults: Faults, times: int) -> None:
        super().__init__(faults)
        self.times = times

    def save(self, card: Card, now: Any) -> Card | None:
        if self.times:
            self.times -= 1
            found = self.find([card.id]).get(card.id, replace(card, content=state("pending")))
            super().save(replace(found, attempts=found.attempts + 1), now)
        return super().save(card, now)


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_a_card_that_changed_meanwhile_is_merged_with_the_change(times: int) -> None:
    store = inbox_of(ENDED)
    store.cards = ContendedCards(store.faults, times)

    (found,) = merge(store)

    assert (found.attempts, found.revision) == (times, times + 1)
    assert found.content == state("success", version=3)


def test_a_card_that_never_stands_still_is_tried_again_later() -> None:
    store = inbox_of(ENDED)
    store.cards = ContendedCards(store.faults, TRIES)

    with pytest.raises(StoreUnavailable, match="changed 5 times"):
        merge(store)

    assert pending(store) == ["ended"]


# -- Another channel --------------------------------------------------------------------------


def begun_elsewhere(**fields: Any) -> MemoryStore:
    """Return a store with a card in another channel, and news of its build in the inbox."""
    store = inbox_of(ENDED)
    store.cards.save(card(state("running"), channel_id="old", message_id="146", **fields), START)
    return store


def test_news_of_a_build_goes_to_the_channel_in_which_it_was_begun() -> None:
    (merged,) = merge(begun_elsewhere())

    assert (merged.channel_id, merged.message_id, merged.revision) == ("old", "146", 2)


def test_news_of_a_build_that_was_given_up_elsewhere_begins_a_card_here() -> None:
    store = begun_elsewhere(dropped="http_404_10003")

    (merged,) = merge(store)

    assert (merged.channel_id, merged.message_id, merged.revision) == (CHANNEL, "", 1)
    assert len(store.cards.all()) == 2


def test_an_account_event_that_comes_again_makes_no_card_in_another_channel() -> None:
    shown = card(account(), channel_id="old", message_id="146")
    repo = {"id": 1, "version": 1, "slug": "octocat/hello-world"}
    body = {"event": "repo", "action": "enabled", "repo": repo, "system": {"host": HOST}}
    store = inbox_of(delivery("again", body))
    store.cards.save(shown, START)

    merge(store)

    assert [one.channel_id for one in store.cards.all()] == ["old"]


def pushed(order: str, text: str) -> Delivery:
    """Return a PUT of a message that goes where cards go."""
    address = Address("abc", "ops", "nas1", "default", "")
    body = put_body(address, MessageFields(text), order, mentions=False)
    return Delivery(f"message/abc/ops/{order}", PUT, body, START)


@pytest.mark.parametrize(
    ("known", "channel_id"),
    [({"message_id": "146"}, "old"), ({"unsure_since": START}, "old"), ({}, CHANNEL)],
    ids=["there", "there perhaps", "gone"],
)
def test_a_pushed_message_stays_in_its_channel_while_it_is(
    known: dict[str, Any], channel_id: str
) -> None:
    store = inbox_of(pushed("2", "full"))
    content = content_of(pushed("1", "nearly full"))
    store.cards.save(card(content, channel_id="old", **known), START)

    (merged,) = merge(store)

    assert merged.channel_id == channel_id
