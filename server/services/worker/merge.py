"""Merge what arrived into its cards."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from server.core.cards.card import Card, has_begun
from server.core.cards.content import Content, card_id, family_of
from server.core.cards.lifecycle import merge_content, plan, take
from server.core.delivery import Delivery, Failure
from server.core.drone import synthetic
from server.core.drone.payload import decode, read
from server.core.messages.envelope import EVENTS, read_push
from server.core.model.build import BuildState
from server.core.model.parent import wants_parent_event
from server.core.routing.destination import Destination, destinations_of
from server.errors import BridgeError, Malformed, StoreUnavailable
from server.services.ports import Cards, Store
from server.services.worker.display import TRIES, DisplayConfig, render_card

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a batch: the cards as they were saved, and what is to leave the inbox."""

    cards: list[Card]
    done: list[str]  # ids of deliveries
    failures: list[Failure]


# A delivery, with what it says.
Part = tuple[Delivery, Content]


def merge_batch(
    deliveries: Sequence[Delivery], store: Store, display: DisplayConfig, now: datetime
) -> Merged:
    """Merge *deliveries* into their cards; the caller takes them out of the inbox afterwards.

    Stopped in between, the same deliveries are merged once more, which changes nothing. What cannot
    be merged is put aside with its reason. Raise StoreUnavailable.
    """
    failures: list[Failure] = []
    parts: dict[str, list[Part]] = {}
    for delivery in deliveries:
        try:
            content = content_of(delivery)
        except Exception as error:  # poison must not stop what is behind it
            failures.append(_failure(delivery, error))
        else:
            parts.setdefault(content.identity, []).append((delivery, content))
    known = _known(parts, store.cards, display.channel_id)
    cards: list[Card] = []
    for identity, some in parts.items():
        try:
            cards += _merge_content(some, known.get(identity, []), store, display, now)
        except StoreUnavailable:
            raise
        except Exception as error:  # as above, for one content
            failures += [_failure(delivery, error) for delivery, _ in some]
    failed = {failure.id for failure in failures}
    done = [delivery.id for delivery in deliveries if delivery.id not in failed]
    return Merged(cards, done, failures)


def _known(
    parts: Mapping[str, Sequence[Part]], cards: Cards, default_channel_id: str
) -> dict[str, list[Card]]:
    """Read the cards in the default channel, or else those in other channels, by identity."""
    ids = {card_id(some[0][1], default_channel_id): identity for identity, some in parts.items()}
    known = {ids[key]: [card] for key, card in cards.find(list(ids)).items()}
    elsewhere = [
        family
        for key, identity in ids.items()
        if identity not in known and (family := family_of(key))
    ]
    for card in cards.find_families(elsewhere) if elsewhere else []:
        known.setdefault(family_of(card.id), []).append(card)
    return known


def _merge_content(
    parts: Sequence[Part],
    known: Sequence[Card],
    store: Store,
    display: DisplayConfig,
    now: datetime,
) -> list[Card]:
    """Merge all that is known of one thing, once, and save it on its card in each destination."""
    contents = [card.content for card in known] + [content for _, content in parts]
    content = _with_parent(reduce(merge_content, contents), store)
    begun_at = [card.created_at for card in known] or [min(one.received_at for one, _ in parts)]
    by_id = {card.id: card for card in known}
    cards = []
    for destination in destinations_of(content, known, display.channel_id):
        key = card_id(content, destination.channel_id)
        card = by_id.get(key) or Card(key, destination.channel_id, content, max(begun_at))
        cards.append(_save_content(card, content, destination, store, display, now))
    return cards


def _save_content(
    card: Card,
    content: Content,
    destination: Destination,
    store: Store,
    display: DisplayConfig,
    now: datetime,
) -> Card:
    """Save *content* on a card; if another process wrote it meanwhile, together with its news."""
    found: Card | None = card
    for _ in range(TRIES):
        if card.revision and content == card.content:
            return card
        merged = take(card, content)
        if not has_begun(merged):
            merged = replace(merged, channel_id=destination.channel_id)
        shown = render_card(merged, display).fingerprint
        saved = store.cards.save(plan(merged, shown, now, display.edit_interval), now)
        if saved is not None:
            return saved
        found = store.cards.find([card.id]).get(card.id)
        if found is not None:
            card, content = found, merge_content(found.content, content)
        else:  # it expired
            card = Card(card.id, destination.channel_id, content, card.created_at)
    if found is None:
        raise BridgeError(f"card {card.id} is there and cannot be read")
    raise StoreUnavailable(f"card {card.id} changed {TRIES} times while it was merged")


def _with_parent(content: Content, store: Store) -> Content:
    """Add what the parent of a build was made by, where that is to be shown."""
    if not (isinstance(content, BuildState) and wants_parent_event(content)):
        return content
    parent = (content.system.host, content.repo.slug, content.build.parent)
    return replace(content, parent_event=store.cards.event_of(*parent))


def content_of(delivery: Delivery) -> Content:
    """Return what a delivery says, from any sender; raise Malformed if it cannot be read."""
    if delivery.event in EVENTS:
        return read_push(delivery)
    if delivery.event in synthetic.EVENTS:
        return synthetic.read_synthetic(delivery.body)
    return read(decode(delivery.body))


def _failure(delivery: Delivery, error: Exception) -> Failure:
    reason = error.reason if isinstance(error, Malformed) else type(error).__name__
    log.error(
        "A delivery cannot be merged; it is kept with its reason.",
        extra={"delivery": delivery.id[:12], "event": delivery.event, "reason": reason},
    )
    trace = "".join(traceback.format_exception(error))
    return Failure(delivery.id, reason, trace[-8000:])
