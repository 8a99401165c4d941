"""Merge what arrived into its cards."""

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.core.build import BuildState
from server.core.build_origin import wants_parent_event
from server.core.card import Card, Content, card_id, join, plan
from server.core.delivery import Delivery, Failure
from server.core.event import decode, read
from server.core.log_report import EVENT as LOG_TOLD
from server.core.log_report import read_log
from server.core.message import Message, degraded, fingerprint, render
from server.core.push_envelope import EVENTS, read_push
from server.core.pushed import Pushed
from server.core.watch import EVENT as TOLD
from server.core.watch import read_told
from server.errors import BridgeError, Malformed, StoreUnavailable
from server.services.ports import Store

log = logging.getLogger(__name__)

# How often a card is read again when somebody else wrote it in between.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Showing:
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


def body_of(card: Card, showing: Showing) -> Message:
    """Return the body that the card should show."""
    return degraded(
        render(card.content, showing.public_url, showing.has_controls), card.degradation
    )


def wanted(card: Card, showing: Showing) -> str:
    """Return the fingerprint of the body that the card should show."""
    return fingerprint(body_of(card, showing))


def merge_batch(
    deliveries: Sequence[Delivery], store: Store, showing: Showing, now: datetime
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
    showing: Showing,
    now: datetime,
) -> tuple[list[Card], list[Failure]]:
    known = store.cards.find(list(contents))
    cards: list[Card] = []
    failures: list[Failure] = []
    for key, parts in contents.items():
        try:
            card = _merge_card(
                key, [part for _, part in parts], known.get(key), store, showing, now
            )
        except StoreUnavailable:
            raise
        except Exception as error:  # as above, for one card
            failures += [_failure(delivery, error) for delivery, _ in parts]
        else:
            cards.append(card)
    return cards, failures


def _merge_card(
    key: str,
    parts: Sequence[Content],
    card: Card | None,
    store: Store,
    showing: Showing,
    now: datetime,
) -> Card:
    for _ in range(TRIES):
        merged = card or Card(key, _channel(parts[0], showing), parts[0], created_at=now)
        for part in parts:
            merged = join(merged, part)
        merged = replace(merged, content=_with_parent(merged.content, store))
        if card is not None and merged.content == card.content:
            return card
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


def content_of(delivery: Delivery) -> Content:
    """Return what a delivery says, whoever sent it; raise Malformed if it cannot be read."""
    if delivery.event in EVENTS:
        return read_push(delivery)
    if delivery.event == LOG_TOLD:
        return read_log(delivery.body)
    if delivery.event == TOLD:
        return read_told(delivery.body)
    return read(decode(delivery.body))


def _channel(content: Content, showing: Showing) -> str:
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
