"""Send queue: which cards wait, by channel, and which of them goes next.

It has an entry for every card that has a `due_at`; the cards themselves stay in the store. Cost
grows with what waits, never with what is done.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.core.cards.card import Card, is_due, is_old
from server.core.cards.lifecycle import lifecycle_of
from server.core.cards.move import MoveKind, Urgency
from server.core.discord.rate_limits import RequestKind

# A confirmation gives way for so long, since in a busy channel something always waits.
LONGEST_DELAY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One waiting card."""

    card_id: str
    channel_id: str
    urgency: Urgency
    due_at: datetime
    move: MoveKind
    message_at: datetime | None = None
    sender: str = ""  # the token that pushed it; "" for what comes from Drone
    order: str = ""  # in which it was pushed
    created_at: datetime | None = None  # when its first delivery arrived


def entry_of(card: Card) -> QueueEntry | None:
    """Return the entry of a waiting card; None for a card at rest."""
    if card.due_at is None:
        return None
    sender, order = lifecycle_of(card.content).sender_and_order(card)
    return QueueEntry(
        card.id,
        card.channel_id,
        card.urgency,
        card.due_at,
        card.move,
        card.message_at,
        sender,
        order,
        card.created_at,
    )


def kind_of(move: MoveKind, message_at: datetime | None, now: datetime) -> RequestKind:
    """Tell which limit a request falls under."""
    if move is MoveKind.DELETE:
        return RequestKind.DELETE
    if move is not MoveKind.EDIT:
        return RequestKind.CREATE
    return RequestKind.EDIT_OLD if is_old(message_at, now) else RequestKind.EDIT


class SendQueue:
    """The waiting cards of every channel."""

    def __init__(self, entries: Iterable[QueueEntry] = ()) -> None:
        self._channels: dict[str, dict[str, QueueEntry]] = {}
        self._where: dict[str, str] = {}
        for entry in entries:
            self.put(entry.card_id, entry)

    def __len__(self) -> int:
        return len(self._where)

    def __iter__(self) -> Iterator[QueueEntry]:
        return (entry for waiting in self._channels.values() for entry in waiting.values())

    def put(self, card_id: str, entry: QueueEntry | None) -> None:
        """Note what a card waits for now; None takes it off."""
        channel_id = self._where.pop(card_id, None)
        if channel_id is not None:
            waiting = self._channels[channel_id]
            del waiting[card_id]
            if not waiting:
                del self._channels[channel_id]
        if entry is not None:
            self._channels.setdefault(entry.channel_id, {})[card_id] = entry
            self._where[card_id] = entry.channel_id

    def channels(self) -> list[str]:
        """List the channels in which something waits."""
        return list(self._channels)

    def next_in(
        self,
        channel_id: str,
        now: datetime,
        allowed: Container[RequestKind],
        rank: Callable[[QueueEntry], int] = lambda entry: 0,
    ) -> QueueEntry | None:
        """Choose what goes next in a channel: due, allowed, most urgent, longest waiting.

        Among the equally urgent those of the lowest *rank* go first. Confirmations stay behind
        while anything that may still need their bucket waits.
        """
        waiting = self._channels.get(channel_id, {}).values()
        awaited = {
            kind_of(entry.move, entry.message_at, now)
            for entry in waiting
            if entry.urgency is not Urgency.CONFIRMATION
        }
        return min(
            (
                entry
                for entry in waiting
                if is_due(entry.due_at, now)
                and (kind := kind_of(entry.move, entry.message_at, now)) in allowed
                and (
                    entry.urgency is not Urgency.CONFIRMATION
                    or kind not in awaited
                    or now - entry.due_at > LONGEST_DELAY
                )
            ),
            key=lambda entry: (
                entry.urgency,
                rank(entry),
                entry.due_at,
                entry.order,
                entry.created_at or entry.due_at,
                entry.card_id,
            ),
            default=None,
        )
