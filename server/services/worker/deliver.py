"""Deliver: send a request, and note on its card what came of it."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from server.core.cards.attempt import record
from server.core.cards.card import LAST_DEGRADATION, Card
from server.core.cards.lifecycle import plan
from server.core.cards.move import MoveKind
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
from server.core.http_answer import Answer
from server.errors import StoreUnavailable
from server.services.ports import Cards, Discord
from server.services.worker.display import TRIES, DisplayConfig, Rendered, render_card
from server.services.worker.message_search import look
from server.services.worker.request import KEPT_CHARACTERS, Request, unrenderable

log = logging.getLogger(__name__)

CHANGES = (MoveKind.EDIT, MoveKind.DELETE)


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
    display: DisplayConfig,
    now: datetime,
    jitter: float,
) -> Card | None:
    """Note on the card what came of *request* and plan what follows; None if the card is gone.

    Reports may have been merged meanwhile, so it is noted on the card as it is now. If another
    worker gave the card a message meanwhile, or noted that it is gone, it is not known which of the
    two Discord received last, and an edit has to follow. Raise StoreUnavailable.
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
        saved = cards.save(_planned(card, request, answer, display, now, refused), now)
        if saved is not None:
            _log(request, saved, answer, outcome)
            return saved
    raise StoreUnavailable(f"card {request.card_id} changed {TRIES} times while it was noted")


def _planned(
    card: Card,
    request: Request,
    answer: Answer,
    display: DisplayConfig,
    now: datetime,
    refused: bool,
) -> Card:
    try:
        rendered = render_card(card, display, request.rendered)
        if refused:
            card, rendered = _simpler(card, rendered, request, answer, display)
        return plan(card, rendered.fingerprint, now, display.edit_interval)
    except Exception as error:  # as above
        return unrenderable(card, error)


def _simpler(
    card: Card, rendered: Rendered, request: Request, answer: Answer, display: DisplayConfig
) -> tuple[Card, Rendered]:
    """Keep what was refused, and skip every simplification that would send the same once more."""
    kept = {"sent": request.body, "answer": answer.body}
    card = replace(card, refused=json.dumps(kept, ensure_ascii=False)[:KEPT_CHARACTERS])
    while rendered.fingerprint == request.attempt.fingerprint:
        if card.degradation >= LAST_DEGRADATION:
            return replace(card, dropped=card.last_error), rendered
        card = replace(card, degradation=card.degradation + 1)
        rendered = render_card(card, display, rendered)
    return card, rendered


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
