"""Card: our record of one message in one channel.

    waiting ──create──▶ shown ──edit──▶ shown … ──▶ at rest (nothing to show that is not shown)
       │                  │
       └── refused, gone ─┴──▶ dropped (given up, with the reason)

`server.core.cards.lifecycle` decides what it needs next. The states are drawn with their arrows in
docs/states.md.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.core.cards.content import Content
from server.core.cards.move import Move, MoveKind, Urgency

# Discord shows an edit that follows a create too closely and then takes it back
# (github.com/discord/discord-api-docs/issues/7980).
FIRST_EDIT_GAP = timedelta(seconds=1)
# For the same reason an ending that was shown by an edit of a young message is sent once more.
YOUNG = timedelta(minutes=1)
CONFIRM_AFTER = timedelta(seconds=10)

# Edits of messages older than an hour fall under a limit that no header shows (code 30046); a
# little early, because the request takes time and clocks differ.
OLD_AFTER = timedelta(minutes=55)

# No wait on a card is longer; a due_at further ahead means that the clock was set back.
LONGEST_WAIT = timedelta(minutes=2)

# Create Message takes a nonce of at most 25 characters.
# https://docs.discord.com/developers/resources/message#create-message
NONCE_LENGTH = 25

# How often a body is made simpler before it is given up; see `server.core.render.message.degraded`.
LAST_DEGRADATION = 3


@dataclass(frozen=True, slots=True)
class Card:
    """Our record of one message in one channel."""

    id: str  # from Drone's ids, the server they came from and the channel
    channel_id: str
    content: Content
    created_at: datetime
    revision: int = 0  # goes up with every write; a write names the one it read
    message_id: str = ""
    message_at: datetime | None = None  # when Discord made it
    shown: str = ""  # the fingerprint of what Discord confirmed last; "" is not known
    shown_status: str = ""  # the status that was shown with it
    shown_at: datetime | None = None
    confirm_at: datetime | None = None  # when the ending is sent once more
    unsure_since: datetime | None = None  # a create or reply was begun, its outcome not noted
    deletions: int = 0  # how often a person deleted the message
    cleared: str = ""  # the latest DELETE that its message came after; of pushed ones alone
    old_refusals: int = 0  # how often the ending was refused because the message is old
    reply_id: str = ""  # the message that shows the ending instead
    degradation: int = 0  # how much simpler than rendered it is sent, after refusals
    without_file: bool = False  # its file is not taken
    trial: int = 0  # a Trial: plainer this once
    refused_since: datetime | None = None  # its requests are not taken in this channel
    attempts: int = 0  # since the last success
    last_error: str = ""
    retry_at: datetime | None = None
    dropped: str = ""  # why it was given up
    refused: str = ""  # the last body that Discord refused, with its answer
    due_at: datetime | None = None  # exists only while work waits
    urgency: Urgency = Urgency.PROGRESS
    move: MoveKind = MoveKind.NOTHING


def nonce(card: Card, kind: MoveKind) -> str:
    """Name the one message that may exist of this card; another only after a deletion."""
    name = f"{card.id}/{card.deletions}"
    if card.cleared:
        name += f"/{card.cleared}"
    if kind is MoveKind.REPLY:
        name += "/reply"
    return hashlib.sha256(name.encode()).hexdigest()[:NONCE_LENGTH]


def is_old(message_at: datetime | None, now: datetime) -> bool:
    """Tell whether edits of a message fall under the limit on old ones."""
    return message_at is not None and now - message_at > OLD_AFTER


def is_due(instant: datetime | None, now: datetime) -> bool:
    """Tell whether *instant* has come, or lies where only a clock that was set back can put it."""
    return instant is None or instant <= now or instant - now > LONGEST_WAIT


def has_begun(card: Card) -> bool:
    """Tell whether the card has a message in its channel, had one, or may have."""
    return bool(card.message_id or card.unsure_since or card.deletions)


def move_if_shown(card: Card) -> Move:
    """Decide what a card needs that shows what it should: an ending is sent once more."""
    if card.confirm_at is None:
        return Move(MoveKind.NOTHING, "shown already")
    pause = latest(card.retry_at, card.confirm_at)
    return Move(MoveKind.EDIT, "confirmed", Urgency.CONFIRMATION, pause)


def first_edit_at(card: Card) -> datetime | None:
    """Return when Discord takes a first edit of the message and keeps it."""
    return after(card.message_at, FIRST_EDIT_GAP)


def after(instant: datetime | None, span: timedelta) -> datetime | None:
    """Return the instant *span* after another, None for none."""
    return None if instant is None else instant + span


def latest(*instants: datetime | None) -> datetime | None:
    """Return the latest of those *instants* that are known."""
    return max((instant for instant in instants if instant is not None), default=None)
