"""The card of a pushed message: to be there, to be as it should, or to be gone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from server.core.cards.card import Card, after, first_edit_at, latest, move_if_shown
from server.core.cards.content import Content
from server.core.cards.move import Move, MoveKind, Urgency
from server.core.model.pushed import Pushed, merge_pushed

# How often a pushed message comes back after a person deleted it.
RETURNS = 1


def merge_content(known: Content, news: Content) -> Content:
    """Merge what is known of one pushed message."""
    if isinstance(known, Pushed) and isinstance(news, Pushed):
        return merge_pushed(known, news)
    return known


def take(card: Card, content: Content) -> Card:
    """Let the card show *content*; if it is new, a card that was given up gets another chance."""
    if content == card.content:
        return card
    return replace(
        card,
        content=content,
        dropped="",
        refused="",
        degradation=0,
        attempts=0,
        without_file=False,
        trial=0,
        refused_since=None,
    )


def begun(card: Card, now: datetime) -> Card:
    """Note that a message is about to be made, and which DELETE it comes after."""
    card = replace(card, unsure_since=now)
    if card.cleared == cleared(card):
        return card
    return replace(card, cleared=cleared(card), deletions=0)


def cleared(card: Card) -> str:
    """Return the DELETE that the next message comes after."""
    return _pushed(card).cleared


def confirms_ending(_card: Card) -> bool:
    """Tell whether what was shown by an edit of a young message is sent once more."""
    return True


def sender_and_order(card: Card) -> tuple[str, str]:
    """Return who pushed the content, and its order."""
    return _pushed(card).token, _pushed(card).order


def retry_urgency() -> Urgency:
    """Return how urgent a dropped card is that gets another chance."""
    return Urgency.PUSHED


def next_move(card: Card, fingerprint: str, _now: datetime, edit_interval: timedelta) -> Move:
    """Decide what the card needs to show the body of that *fingerprint*."""
    pushed = _pushed(card)
    if not card.message_id:
        # A create of unknown outcome is repeated, even to delete what it may have made.
        if card.unsure_since is None and not pushed.is_wanted:
            return Move(MoveKind.NOTHING, "removed by its sender")
        if card.deletions > RETURNS and card.cleared == pushed.cleared:
            return Move(MoveKind.NOTHING, "deleted by a person, twice")
        return Move(MoveKind.CREATE, "pushed", Urgency.PUSHED, card.retry_at)
    if card.cleared != pushed.cleared:
        return Move(MoveKind.DELETE, "removed by its sender", Urgency.PUSHED, card.retry_at)
    if card.shown == fingerprint:
        return move_if_shown(card)
    pause = latest(card.retry_at, first_edit_at(card), after(card.shown_at, edit_interval))
    return Move(MoveKind.EDIT, "pushed again", Urgency.PUSHED, pause)


def _pushed(card: Card) -> Pushed:
    return cast(Pushed, card.content)
