"""The card of a build or an account event: what its message needs next."""

from dataclasses import replace
from datetime import datetime, timedelta

from server.core.cards.card import Card, after, first_edit_at, is_old, latest, move_if_shown
from server.core.cards.content import Content
from server.core.cards.move import Move, MoveKind, Urgency
from server.core.model.build import BuildState, merge

# How often the limit on edits of old messages may refuse an ending before a reply shows it as well.
REPLY_AFTER = 3


def merge_content(known: Content, news: Content) -> Content:
    """Merge two states of one build; an account event stays as it was reported first."""
    if isinstance(known, BuildState) and isinstance(news, BuildState):
        return merge(known, news)
    return known


def take(card: Card, content: Content) -> Card:
    """Let the card show *content*."""
    return replace(card, content=content)


def begun(card: Card, now: datetime) -> Card:
    """Note that a message is about to be made, whether or not that is ever confirmed."""
    return replace(card, unsure_since=now)


def cleared(_card: Card) -> str:
    """Return the DELETE that the next message comes after: builds have none."""
    return ""


def confirms_ending(card: Card) -> bool:
    """Tell whether what was shown by an edit of a young message is sent once more."""
    return _is_build(card) and card.content.is_ended


def sender_and_order(_card: Card) -> tuple[str, str]:
    """Return who pushed the content, and its order: both "" for what Drone reported."""
    return "", ""


def retry_urgency() -> Urgency:
    """Return how urgent a dropped card is that gets another chance."""
    return Urgency.NEW


def next_move(card: Card, fingerprint: str, now: datetime, edit_interval: timedelta) -> Move:
    """Decide what the card needs to show the body of that *fingerprint*."""
    if not card.message_id:
        return _first_or_again(card)
    if card.shown == fingerprint:
        return move_if_shown(card)
    if card.content.is_ended:
        return _ending(card)
    if is_old(card.message_at, now) and card.shown_status == card.content.status_word:
        return Move(MoveKind.NOTHING, "old, and its state has not changed")
    pause = latest(card.retry_at, first_edit_at(card), after(card.shown_at, edit_interval))
    return Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, pause)


def _first_or_again(card: Card) -> Move:
    """Decide on a create; what a person deleted comes back once, for a build's ending alone."""
    is_ending = _is_build(card) and card.content.is_ended
    urgency = Urgency.ENDING if is_ending else Urgency.NEW
    if card.deletions == 0:
        return Move(MoveKind.CREATE, "new", urgency, card.retry_at)
    if card.deletions == 1 and is_ending:
        return Move(MoveKind.CREATE, "ended after its message was deleted", urgency, card.retry_at)
    return Move(MoveKind.NOTHING, "deleted by a person")


def _ending(card: Card) -> Move:
    """Decide how to show the ending: by an edit, or when those stay refused by a reply as well."""
    urgency = Urgency.ENDING if _is_build(card) else Urgency.PROGRESS
    is_shown = card.shown_status == card.content.status_word
    if card.old_refusals >= REPLY_AFTER and not card.reply_id and not is_shown:
        return Move(MoveKind.REPLY, "edits stay refused", urgency, card.retry_at)
    return Move(MoveKind.EDIT, "ended", urgency, latest(card.retry_at, first_edit_at(card)))


def _is_build(card: Card) -> bool:
    """Tell a build's card from an account event's, which has no ending to wait for."""
    return isinstance(card.content, BuildState)
