"""Merge what arrived into its cards."""

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.core.cards.card import (
    LAST_DEGRADATION,
    PUSHED_PREFIX,
    Card,
    Content,
    Trial,
    card_id,
    family_of,
    has_begun,
    join,
    plan,
)
from server.core.delivery import Delivery, Failure
from server.core.drone import synthetic
from server.core.drone.payload import decode, read
from server.core.messages.envelope import EVENTS, read_push
from server.core.model.build import BuildState
from server.core.model.parent import wants_parent_event
from server.core.model.pushed import Pushed
from server.core.render.message import Message, degraded, fingerprint, render
from server.errors import BridgeError, Malformed, StoreUnavailable
from server.services.ports import Cards, Store

log = logging.getLogger(__name__)

# How often a card is read again when somebody else wrote it in between.
TRIES = 5


@dataclass(frozen=True, slots=True)
class DisplayConfig:
    """How and where things are shown."""

    channel_id: str
    public_url: str  # what links point at; "" leaves it to what Drone calls itself
    edit_interval: timedelta
    has_controls: bool = False  # whether cards have buttons to act on their builds


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a batch: the cards as they were saved, and what is to leave the inbox."""

    cards: list[Card]
    done: list[str]  # ids of deliveries
    failures: list[Failure]


def body_of(card: Card, showing: DisplayConfig) -> Message:
    """Return the body that the card should show."""
    with_file = not card.without_file and card.trial < Trial.WITHOUT_FILE
    level = LAST_DEGRADATION if card.trial >= Trial.PLAIN else card.degradation
    return degraded(
        render(card.content, showing.public_url, showing.has_controls, with_file), level
    )


def wanted(card: Card, showing: DisplayConfig) -> str:
    """Return the fingerprint of the body that the card should show."""
    return fingerprint(body_of(card, showing))


def merge_batch(
    deliveries: Sequence[Delivery], store: Store, showing: DisplayConfig, now: datetime
) -> Merged:
    """Merge *deliveries* into their cards; the caller takes them out of the inbox afterwards.

    Stopped in between, the same deliveries are merged once more, which changes nothing. What cannot
    be merged is put aside with its reason. Raise StoreUnavailable.
    """
    failures: list[Failure] = []
    contents: dict[str, list[tuple[Delivery, Content]]] = {}
    for delivery in deliveries:
        try:
            content = content_of(delivery)
        except Exception as error:  # poison must not stop what is behind it
            failures.append(_failure(delivery, error))
        else:
            key = card_id(content, _channel(content, showing))
            contents.setdefault(key, []).append((delivery, content))
    cards, poison = _merge_cards(contents, store, showing, now)
    failures += poison
    failed = {failure.id for failure in failures}
    done = [delivery.id for delivery in deliveries if delivery.id not in failed]
    return Merged(cards, done, failures)


def _merge_cards(
    contents: dict[str, list[tuple[Delivery, Content]]],
    store: Store,
    showing: DisplayConfig,
    now: datetime,
) -> tuple[list[Card], list[Failure]]:
    known = _known(list(contents), store, showing)
    cards: list[Card] = []
    failures: list[Failure] = []
    for key, parts in contents.items():
        try:
            card = _merge_card(key, parts, known.get(key), store, showing, now)
        except StoreUnavailable:
            raise
        except Exception as error:  # as above, for one card
            failures += [_failure(delivery, error) for delivery, _ in parts]
        else:
            cards.append(card)
    return cards, failures


def _merge_card(
    key: str,
    parts: Sequence[tuple[Delivery, Content]],
    card: Card | None,
    store: Store,
    showing: DisplayConfig,
    now: datetime,
) -> Card:
    key = card.id if card is not None else key
    for _ in range(TRIES):
        merged = card or _new_card(key, parts, showing)
        for _, part in parts:
            merged = join(merged, part)
        merged = replace(merged, content=_with_parent(merged.content, store))
        if card is not None and card.revision and merged.content == card.content:
            return card
        if isinstance(merged.content, Pushed) and not has_begun(merged):
            merged = replace(merged, channel_id=_channel(merged.content, showing))
        merged = plan(merged, wanted(merged, showing), now, showing.edit_interval)
        saved = store.cards.save(merged, now)
        if saved is not None:
            return saved
        card = store.cards.find([key]).get(key)
    if card is None:
        raise BridgeError(f"card {key} is there and cannot be read")
    raise StoreUnavailable(f"card {key} changed {TRIES} times while it was merged")


def _with_parent(content: Content, store: Store) -> Content:
    if not (isinstance(content, BuildState) and wants_parent_event(content)):
        return content
    place = (content.system.host, content.repo.slug, content.build.parent)
    return replace(content, parent_event=store.cards.event_of(*place))


def cards_of(keys: Sequence[str], cards: Cards) -> dict[str, Card]:
    """Read the cards of *keys*, or those that the same things have in another channel."""
    known = cards.find(keys)
    families = {
        family_of(key): key
        for key in keys
        if key not in known and not key.startswith(PUSHED_PREFIX)
    }
    found = cards.find_families(list(families)) if families else []
    # The youngest that was not given up.
    found.sort(key=lambda card: (not card.dropped, card.created_at))
    return known | {families[family_of(card.id)]: card for card in found}


def _known(keys: Sequence[str], store: Store, showing: DisplayConfig) -> dict[str, Card]:
    """Read the cards of deliveries: what was begun in another channel is finished there.

    What was given up there begins anew, with what is known of it.
    """
    known = cards_of(keys, store.cards)
    for key, card in known.items():
        if card.dropped and card.id != key:
            known[key] = Card(key, showing.channel_id, card.content, created_at=card.created_at)
    return known


def _new_card(key: str, parts: Sequence[tuple[Delivery, Content]], showing: DisplayConfig) -> Card:
    arrived_at = min(delivery.received_at for delivery, _ in parts)
    content = parts[0][1]
    return Card(key, _channel(content, showing), content, created_at=arrived_at)


def content_of(delivery: Delivery) -> Content:
    """Return what a delivery says, whoever sent it; raise Malformed if it cannot be read."""
    if delivery.event in EVENTS:
        return read_push(delivery)
    if delivery.event in synthetic.EVENTS:
        return synthetic.read_synthetic(delivery.body)
    return read(decode(delivery.body))


def _channel(content: Content, showing: DisplayConfig) -> str:
    named = content.channel_id if isinstance(content, Pushed) else ""
    return named or showing.channel_id


def _failure(delivery: Delivery, error: Exception) -> Failure:
    reason = error.reason if isinstance(error, Malformed) else type(error).__name__
    log.error(
        "A delivery cannot be merged; it is kept with its reason.",
        extra={"delivery": delivery.id[:12], "event": delivery.event, "reason": reason},
    )
    trace = "".join(traceback.format_exception(error))
    return Failure(delivery.id, reason, trace[-8000:])
