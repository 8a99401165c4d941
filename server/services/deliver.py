"""Carry out what a card needs: prepare the request, send it, note what came of it."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from server.core.agenda import Entry, kind_of
from server.core.answer import Answer, Outcome, Scope, TryAgain, read_answer
from server.core.attempt import Attempt, record
from server.core.card import Card, MoveKind, next_move, nonce, plan
from server.core.message import fingerprint
from server.core.traffic import Route
from server.errors import StoreUnavailable
from server.services.merge import TRIES, Showing, body_of, wanted
from server.services.ports import Cards, Discord

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is about to go out."""

    card_id: str
    route: Route
    attempt: Attempt
    message_id: str
    body: Mapping[str, Any]


def prepare(
    entry: Entry, cards: Cards, showing: Showing, now: datetime
) -> tuple[Card | None, Request | None]:
    """Read the card of *entry* and make its request; (card, None) if nothing is to be sent now.

    That a create begins is noted on the card first: whoever finds the note knows that a message
    may exist. Raise StoreUnavailable.
    """
    card = cards.find([entry.card_id]).get(entry.card_id)
    if card is None:
        return None, None
    try:
        body = body_of(card, showing)
        shown = fingerprint(body)
    except Exception as error:  # poison must not stop what waits beside it
        return cards.save(_unshowable(card, error), now) or card, None
    move = next_move(card, shown, showing.edit_interval)
    if move.kind is MoveKind.NOTHING or (move.earliest is not None and move.earliest > now):
        later = plan(replace(card, due_at=None), shown, now, showing.edit_interval)
        return cards.save(later, now) or card, None
    repeats = card.unsure
    if move.kind is MoveKind.CREATE:
        body = {**body, "nonce": nonce(card), "enforce_nonce": True}
        if not card.unsure:
            noted = cards.save(replace(card, unsure=True), now)
            if noted is None:  # it changed in between; the next pass reads it afresh
                return card, None
            card = noted
    route = Route(card.channel_id, kind_of(card.message_at, now))
    attempt = Attempt(move.kind, shown, json.dumps(body, ensure_ascii=False), repeats)
    return card, Request(card.id, route, attempt, card.message_id, body)


def send(request: Request, discord: Discord) -> Answer:
    """Send a request; whatever happens comes back as an answer."""
    channel_id = request.route.channel_id
    try:
        if request.attempt.kind is MoveKind.CREATE:
            return discord.create_message(channel_id, request.body)
        return discord.edit_message(channel_id, request.message_id, request.body)
    except Exception as error:  # the thread that sends must outlive whatever happens
        # Its name alone: the text may quote a header.
        reason = type(error).__name__
        log.error("A request failed.", extra={"card": request.card_id, "reason": reason})
        return Answer(0, {}, {}, reason)


def conclude(
    request: Request,
    answer: Answer,
    cards: Cards,
    showing: Showing,
    now: datetime,
    jitter: float,
) -> Card | None:
    """Note on the card what came of *request* and plan what follows; None if the card is gone.

    Reports may have been merged meanwhile, so it is noted on the card as it is now. If another
    worker gave the card a message meanwhile, or took note that it is gone, nobody knows which of
    the two Discord heard last, and an edit has to tell. Raise StoreUnavailable.
    """
    outcome = read_answer(answer)
    for _ in range(TRIES):
        card = cards.find([request.card_id]).get(request.card_id)
        if card is None:
            return None
        if card.message_id == request.message_id:
            card = record(card, request.attempt, outcome, now, jitter)
        else:
            card = replace(card, shown="")
        saved = cards.save(_planned(card, showing, now), now)
        if saved is not None:
            _log(request, saved, answer, outcome)
            return saved
    raise StoreUnavailable(f"card {request.card_id} changed {TRIES} times while it was noted")


def _planned(card: Card, showing: Showing, now: datetime) -> Card:
    try:
        return plan(card, wanted(card, showing), now, showing.edit_interval)
    except Exception as error:  # as above
        return _unshowable(card, error)


def _unshowable(card: Card, error: Exception) -> Card:
    """Drop a card that cannot be rendered any more."""
    log.error("A card cannot be rendered; it is dropped.", extra={"card": card.id}, exc_info=error)
    reason = f"render_{type(error).__name__}"
    return replace(card, dropped=reason, last_error=reason, due_at=None)


def _log(request: Request, card: Card, answer: Answer, outcome: Outcome) -> None:
    variables = {
        "card": card.id,
        "move": request.attempt.kind.value,
        "status": answer.status,
        "outcome": type(outcome).__name__,
        "attempt": card.attempts + (not card.last_error),
        "reason": card.last_error,
    }
    if card.dropped:
        log.error("Card dropped.", extra=variables)
    elif not card.last_error:
        log.info("Card shown.", extra=variables)
    elif isinstance(outcome, TryAgain) and outcome.scope is not Scope.CARD:
        log.info("Card waits.", extra=variables)
    else:
        log.warning("Card not shown yet.", extra=variables)
