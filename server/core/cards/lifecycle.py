"""The lifecycle of a card: what is merged into it, and what its message needs next.

Builds and account events have one lifecycle, pushed messages another. Every change of a card goes
through `plan`, so that `due_at`, `urgency` and `move` are always true.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from server.core.cards import build_card, pushed_card
from server.core.cards.card import Card, is_due
from server.core.cards.content import Content
from server.core.cards.move import Move, MoveKind, Urgency
from server.core.model.pushed import Pushed


class Lifecycle(Protocol):
    """What differs between the cards of builds and those of pushed messages."""

    def merge_content(self, known: Content, news: Content) -> Content:
        """Merge what is known of one thing."""

    def take(self, card: Card, content: Content) -> Card:
        """Let the card show *content*."""

    def begun(self, card: Card, now: datetime) -> Card:
        """Note that a message is about to be made, whether or not that is ever confirmed."""

    def cleared(self, card: Card, /) -> str:
        """Return the DELETE that the next message comes after, or ""."""

    def confirms_ending(self, card: Card, /) -> bool:
        """Tell whether what was shown by an edit of a young message is sent once more."""

    def sender_and_order(self, card: Card, /) -> tuple[str, str]:
        """Return who pushed the content, and its order; both "" for what Drone reported."""

    def retry_urgency(self) -> Urgency:
        """Return how urgent a dropped card is that gets another chance."""

    def next_move(
        self, card: Card, fingerprint: str, now: datetime, edit_interval: timedelta, /
    ) -> Move:
        """Decide what the card needs to show the body of that *fingerprint*."""


def lifecycle_of(content: Content) -> Lifecycle:
    """Return the lifecycle of the cards that show *content*."""
    return pushed_card if isinstance(content, Pushed) else build_card


def merge_content(known: Content, news: Content) -> Content:
    """Merge what is known of one thing."""
    return lifecycle_of(known).merge_content(known, news)


def take(card: Card, content: Content) -> Card:
    """Let the card show *content*, which holds all that is known."""
    return lifecycle_of(card.content).take(card, content)


def join(card: Card, news: Content) -> Card:
    """Merge what a delivery said into the card."""
    return take(card, merge_content(card.content, news))


def begun(card: Card, now: datetime) -> Card:
    """Note that a message is about to be made, whether or not that is ever confirmed."""
    return lifecycle_of(card.content).begun(card, now)


def next_move(card: Card, fingerprint: str, now: datetime, edit_interval: timedelta) -> Move:
    """Decide what the card needs to show the body of that *fingerprint*."""
    if card.dropped:
        return Move(MoveKind.NOTHING, "dropped")
    return lifecycle_of(card.content).next_move(card, fingerprint, now, edit_interval)


def plan(card: Card, fingerprint: str, now: datetime, edit_interval: timedelta) -> Card:
    """Note on the card what it needs, when, and how urgently; a card at rest is due never.

    A card that waits already keeps its place among its equals.
    """
    move = next_move(card, fingerprint, now, edit_interval)
    if move.kind is MoveKind.NOTHING:
        return replace(card, due_at=None, urgency=move.urgency, move=move.kind)
    due_at = now if is_due(move.earliest, now) else move.earliest or now
    if card.due_at is not None and card.urgency is move.urgency:
        due_at = min(due_at, card.due_at)
    return replace(card, due_at=due_at, urgency=move.urgency, move=move.kind)


def retried(card: Card, now: datetime) -> Card:
    """Give a dropped card another chance, from the start."""
    return replace(
        card,
        dropped="",
        degradation=0,
        attempts=0,
        without_file=False,
        refused_since=None,
        retry_at=None,
        due_at=now,
        urgency=lifecycle_of(card.content).retry_urgency(),
        move=MoveKind.EDIT if card.message_id else MoveKind.CREATE,
    )
