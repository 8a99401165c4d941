"""Carry out what a card needs: prepare the request, send it, note what came of it."""

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from server.core.cards.attempt import Attempt, record
from server.core.cards.card import (
    LAST_DEGRADATION,
    Card,
    MoveKind,
    Trial,
    begun,
    is_due,
    next_move,
    nonce,
    plan,
    shown_word,
)
from server.core.cards.recovery import NONCE_TRUST, marked
from server.core.cards.send_queue import QueueEntry, kind_of
from server.core.discord.answers import (
    STALE,
    THREAD_ARCHIVED,
    Barred,
    BodyRefused,
    Outcome,
    Scope,
    TryAgain,
    error_code,
)
from server.core.discord.rate_limits import Route
from server.core.http_answer import Answer
from server.core.messages.envelope import whole_text
from server.core.model.pushed import Pushed
from server.core.render.message import Message, fingerprint
from server.errors import StoreUnavailable
from server.services.ports import Cards, Discord, Inbox
from server.services.worker.merge import TRIES, DisplayConfig, body_of, wanted
from server.services.worker.message_search import Search, look, search_for

log = logging.getLogger(__name__)

# Only a create can ask for it: https://docs.discord.com/developers/resources/message#message-object-message-flags
SUPPRESS_NOTIFICATIONS = 1 << 12

CHANGES = (MoveKind.EDIT, MoveKind.DELETE)

KEPT_CHARACTERS = 8000  # of a refused body, for a developer to read


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is about to go out."""

    card_id: str
    route: Route
    attempt: Attempt
    message_id: str
    body: Mapping[str, Any]
    valid_until: float  # monotonic seconds; later another worker may be acting
    file: bytes = b""  # goes along as the first attachment
    search: Search | None = None  # look for the message first


def prepare(
    entry: QueueEntry,
    cards: Cards,
    showing: DisplayConfig,
    now: datetime,
    valid_until: float,
    read_file: Callable[[Card], bytes] = lambda card: b"",
) -> tuple[Card | None, Request | None]:
    """Read the card of *entry* and make its request; (card, None) if nothing is to be sent now.

    That a create or a reply begins is noted on the card first: whoever finds the note knows that a
    message may exist. Raise StoreUnavailable.
    """
    card = cards.find([entry.card_id]).get(entry.card_id)
    if card is None:
        return None, None
    try:
        message = body_of(card, showing)
        shown = fingerprint(message)
    except Exception as error:  # a card that cannot be shown must not stop what waits beside it
        return cards.save(_unshowable(card, error), now) or card, None
    move = next_move(card, shown, now, showing.edit_interval)
    if move.kind is MoveKind.NOTHING or not is_due(move.earliest, now):
        later = plan(replace(card, due_at=None), shown, now, showing.edit_interval)
        return cards.save(later, now) or card, None
    file = b""
    if message.get("attachments") and move.kind is not MoveKind.DELETE:
        file = read_file(card)
        if not file:
            log.error("The whole text of a message has expired.", extra={"card": card.id})
            lost = replace(card, dropped="text_expired", due_at=None)
            return cards.save(lost, now) or card, None
    attempt = Attempt(
        move.kind,
        shown,
        shown_word(card.content),
        repeats=card.unsure_since is not None,
        confirms=card.shown == shown,
        trial=Trial(card.trial),
        has_file=bool(file),
        is_plain=_is_plain(move.kind, message),
    )
    search = None
    if move.kind in (MoveKind.CREATE, MoveKind.REPLY):
        if card.unsure_since is None:
            noted = cards.save(begun(card, now), now)
            if noted is None:  # it changed in between; the next pass reads it afresh
                return card, None
            card = noted
        elif now - card.unsure_since > NONCE_TRUST:
            search = search_for(card, card.unsure_since, cards, showing)
    route = Route(card.channel_id, kind_of(move.kind, card.message_at, now))
    body = _body(card, move.kind, message)
    return card, Request(
        card.id,
        route,
        attempt,
        card.message_id,
        body,
        valid_until,
        file,
        search,
    )


def send(request: Request, discord: Discord, tick: Callable[[], float]) -> Answer:
    """Send a request; whatever happens comes back as an answer."""
    if tick() > request.valid_until:
        return Answer(0, {}, {}, STALE)
    channel_id = request.route.channel_id
    try:
        if request.search:
            found = look(request.card_id, channel_id, request.body, request.search, discord)
            if found is not None:
                return found
        answer = _call(request, discord)
        if error_code(answer) == THREAD_ARCHIVED and request.attempt.kind in CHANGES:
            opened = discord.open_thread(channel_id)
            log.info("The thread is archived; it is opened.", extra={"status": opened.status})
            if opened.status == 200:
                answer = _call(request, discord)
        return answer
    except Exception as error:  # the thread that sends must outlive whatever happens
        # Its name alone: the text may quote a header.
        reason = type(error).__name__
        log.error("A request failed.", extra={"card": request.card_id, "reason": reason})
        return Answer(0, {}, {}, reason)


def _call(request: Request, discord: Discord) -> Answer:
    channel_id = request.route.channel_id
    if request.attempt.kind is MoveKind.DELETE:
        return discord.delete_message(channel_id, request.message_id)
    files = (request.file,) if request.file else ()
    if request.attempt.kind is MoveKind.EDIT:
        return discord.edit_message(channel_id, request.message_id, request.body, *files)
    return discord.create_message(channel_id, request.body, *files)


def conclude(
    request: Request,
    answer: Answer,
    outcome: Outcome,
    cards: Cards,
    showing: DisplayConfig,
    now: datetime,
    jitter: float,
) -> Card | None:
    """Note on the card what came of *request* and plan what follows; None if the card is gone.

    Reports may have been merged meanwhile, so it is noted on the card as it is now. If another
    worker gave the card a message meanwhile, or took note that it is gone, nobody knows which of
    the two Discord heard last, and an edit has to tell. Raise StoreUnavailable.
    """
    for _ in range(TRIES):
        card = cards.find([request.card_id]).get(request.card_id)
        if card is None:
            return None
        if card.message_id == request.message_id:
            card = record(card, request.attempt, outcome, now, jitter)
            refused = isinstance(outcome, BodyRefused)
        else:
            card, refused = replace(card, shown="", shown_status=""), False
        saved = cards.save(_planned(card, request, answer, showing, now, refused), now)
        if saved is not None:
            _log(request, saved, answer, outcome)
            return saved
    raise StoreUnavailable(f"card {request.card_id} changed {TRIES} times while it was noted")


def _planned(
    card: Card,
    request: Request,
    answer: Answer,
    showing: DisplayConfig,
    now: datetime,
    refused: bool,
) -> Card:
    try:
        if refused:
            card = _simpler(card, request, answer, showing)
        return plan(card, wanted(card, showing), now, showing.edit_interval)
    except Exception as error:  # as above
        return _unshowable(card, error)


def file_of(card: Card, inbox: Inbox) -> bytes:
    """Return the whole text of a pushed message, empty if it has expired."""
    put = card.content.put if isinstance(card.content, Pushed) else None
    if put is None or not put.whole:
        return put.text.encode() if put else b""
    delivery = inbox.find(put.whole)
    return whole_text(delivery).encode() if delivery else b""


def _body(card: Card, kind: MoveKind, message: Message) -> dict[str, Any]:
    if kind is MoveKind.DELETE:
        return {}
    if kind is MoveKind.EDIT:
        return {**message}
    name = nonce(card, kind)
    body: dict[str, Any] = {**marked(message, name), "nonce": name, "enforce_nonce": True}
    if isinstance(card.content, Pushed) and card.content.put and card.content.put.silent:
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


def _simpler(card: Card, request: Request, answer: Answer, showing: DisplayConfig) -> Card:
    """Keep what was refused, and skip every simplification that would send the same once more."""
    kept = {"sent": request.body, "answer": answer.body}
    card = replace(card, refused=json.dumps(kept, ensure_ascii=False)[:KEPT_CHARACTERS])
    while wanted(card, showing) == request.attempt.fingerprint:
        if card.degradation >= LAST_DEGRADATION:
            return replace(card, dropped=card.last_error)
        card = replace(card, degradation=card.degradation + 1)
    return card


def _unshowable(card: Card, error: Exception) -> Card:
    """Drop a card that cannot be rendered any more."""
    log.error("A card cannot be rendered; it is dropped.", extra={"card": card.id}, exc_info=error)
    trace = "".join(traceback.format_exception(error))[-KEPT_CHARACTERS:]
    return replace(card, dropped=f"render_{type(error).__name__}", last_error=trace, due_at=None)


def _log(request: Request, card: Card, answer: Answer, outcome: Outcome) -> None:
    variables = {
        "card": card.id,
        "move": request.attempt.kind.value,
        "status": answer.status,
        "outcome": type(outcome).__name__,
        "attempts": card.attempts,
        "reason": card.last_error,
    }
    if card.dropped:
        log.error("Card dropped.", extra=variables)
    elif not card.last_error:
        log.info("Card shown.", extra=variables)
    elif isinstance(outcome, Barred) and outcome.is_proved:
        log.error("The channel does not take this kind of request; it waits.", extra=variables)
    elif isinstance(outcome, TryAgain) and outcome.scope is not Scope.CARD:
        log.info("Card waits.", extra=variables)
    else:
        log.warning("Card not shown yet.", extra=variables)
