"""Request: choose what a card needs, render it, and make the request."""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from server.core.cards.attempt import Attempt
from server.core.cards.card import Card, is_due, nonce
from server.core.cards.lifecycle import begun, next_move, plan
from server.core.cards.move import MoveKind, Trial
from server.core.cards.recovery import NONCE_TRUST, marked
from server.core.cards.send_queue import QueueEntry, kind_of
from server.core.discord.rate_limits import Route
from server.core.model.pushed import Pushed, Put
from server.core.render.message import Message
from server.services.ports import Cards, MessageTexts
from server.services.worker.display import DisplayConfig, Rendered, render_card
from server.services.worker.message_search import Search, search_for

log = logging.getLogger(__name__)

CREATES = (MoveKind.CREATE, MoveKind.REPLY)

# Only a create can ask for it: https://docs.discord.com/developers/resources/message#message-object-message-flags
SUPPRESS_NOTIFICATIONS = 1 << 12

KEPT_CHARACTERS = 8000  # of a trace or of a refused body, for a developer to read


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is about to go out."""

    card_id: str
    route: Route
    attempt: Attempt
    message_id: str
    body: Mapping[str, Any]
    valid_until: float  # monotonic seconds; later another worker may be acting
    rendered: Rendered  # what the body was made from
    file: bytes = b""  # goes along as the first attachment
    search: Search | None = None  # look for the message first


def prepare(
    entry: QueueEntry,
    cards: Cards,
    texts: MessageTexts,
    display: DisplayConfig,
    now: datetime,
    valid_until: float,
) -> tuple[Card | None, Request | None]:
    """Read the card of *entry* and make its request; (card, None) if nothing is to be sent now.

    That a create or a reply begins is noted on the card first: the note says that a message may
    exist. Raise StoreUnavailable.
    """
    card = cards.find([entry.card_id]).get(entry.card_id)
    if card is None:
        return None, None
    try:
        rendered = render_card(card, display)
    except Exception as error:  # a card that cannot be rendered must not stop what waits beside it
        return cards.save(unrenderable(card, error), now) or card, None
    kind = _choose(card, rendered, display, now)
    if kind is MoveKind.NOTHING:
        resting = replace(card, due_at=None)
        planned = plan(resting, rendered.fingerprint, now, display.edit_interval)
        return cards.save(planned, now) or card, None
    file = _file(card, kind, rendered.message, texts)
    if file is None:
        log.error("The whole text of a message has expired.", extra={"card": card.id})
        lost = replace(card, dropped="text_expired", due_at=None)
        return cards.save(lost, now) or card, None
    attempt = _attempt(card, kind, rendered, file)
    noted, search = _begin(card, kind, cards, display, now)
    if noted is None:  # it changed in between; the next pass reads it afresh
        return card, None
    route = Route(noted.channel_id, kind_of(kind, noted.message_at, now))
    body = _body(noted, kind, rendered.message)
    return noted, Request(
        noted.id, route, attempt, noted.message_id, body, valid_until, rendered, file, search
    )


def _choose(card: Card, rendered: Rendered, display: DisplayConfig, now: datetime) -> MoveKind:
    """Return what is to be sent now."""
    move = next_move(card, rendered.fingerprint, now, display.edit_interval)
    return move.kind if is_due(move.earliest, now) else MoveKind.NOTHING


def _file(card: Card, kind: MoveKind, message: Message, texts: MessageTexts) -> bytes | None:
    """Return what goes along as a file: the whole text of a message; None if it has expired."""
    if kind is MoveKind.DELETE or not message.get("attachments"):
        return b""
    put = _put_of(card)
    if put is None:
        return None
    text = texts.whole_text(put.whole) if put.whole else put.text
    return text.encode() or None


def _attempt(card: Card, kind: MoveKind, rendered: Rendered, file: bytes) -> Attempt:
    return Attempt(
        kind,
        rendered.fingerprint,
        card.content.status_word,
        repeats=card.unsure_since is not None,
        confirms=card.shown == rendered.fingerprint,
        trial=Trial(card.trial),
        has_file=bool(file),
        is_plain=_is_plain(kind, rendered.message),
    )


def _begin(
    card: Card, kind: MoveKind, cards: Cards, display: DisplayConfig, now: datetime
) -> tuple[Card | None, Search | None]:
    """Note on the card that a create or a reply begins; None if the card changed in between.

    One that began long ago, with an unknown outcome, is searched for first.
    """
    if kind not in CREATES:
        return card, None
    if card.unsure_since is None:
        return cards.save(begun(card, now), now), None
    if now - card.unsure_since <= NONCE_TRUST:
        return card, None
    return card, search_for(card, card.unsure_since, cards, display)


def _put_of(card: Card) -> Put | None:
    """Return what a pushed message says; builds have none."""
    return card.content.put if isinstance(card.content, Pushed) else None


def _body(card: Card, kind: MoveKind, message: Message) -> dict[str, Any]:
    if kind is MoveKind.DELETE:
        return {}
    if kind is MoveKind.EDIT:
        return {**message}
    name = nonce(card, kind)
    body: dict[str, Any] = {**marked(message, name), "nonce": name, "enforce_nonce": True}
    if (put := _put_of(card)) is not None and put.silent:
        body["flags"] = SUPPRESS_NOTIFICATIONS
    if kind is MoveKind.REPLY:
        reference = {"message_id": card.message_id, "fail_if_not_exists": False}
        return {**body, "message_reference": reference}
    return body


def _is_plain(kind: MoveKind, message: Message) -> bool:
    """Tell whether a request needs no more than leave to see the channel and to write to it."""
    if kind is MoveKind.DELETE:
        return True
    return kind is not MoveKind.REPLY and not message["embeds"] and not message.get("attachments")


def unrenderable(card: Card, error: Exception) -> Card:
    """Drop a card that cannot be rendered any more."""
    log.error("A card cannot be rendered; it is dropped.", extra={"card": card.id}, exc_info=error)
    trace = "".join(traceback.format_exception(error))[-KEPT_CHARACTERS:]
    return replace(card, dropped=f"render_{type(error).__name__}", last_error=trace, due_at=None)
