"""A card is our record of one message; here it is decided what the message needs next.

    waiting ──create──▶ shown ──edit──▶ shown … ──▶ at rest (nothing to show that is not shown)
       │                  │
       └── refused, gone ─┴──▶ dropped (given up, with the reason)

Every change of a card goes through `plan`, so that `due_at` and `urgency` always tell the truth.
The states are drawn with their arrows in docs/states.md.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum, unique

from server.core.build import BuildState, merge
from server.core.event import AccountEvent
from server.core.status import is_final

# Discord shows an edit that follows a create too closely and then takes it back
# (github.com/discord/discord-api-docs/issues/7980).
FIRST_EDIT_GAP = timedelta(seconds=1)

# Create Message takes a nonce of at most 25 characters.
# https://docs.discord.com/developers/resources/message#create-message
NONCE_LENGTH = 25

# How often a body is made simpler before it is given up; see `server.core.message.degraded`.
LAST_DEGRADATION = 3

Content = BuildState | AccountEvent


@unique
class Urgency(IntEnum):
    """What goes first when not everything can go."""

    ENDING = 0  # what people wait for
    NEW = 1
    PROGRESS = 2


@unique
class MoveKind(StrEnum):
    """What a card needs next."""

    CREATE = "create"
    EDIT = "edit"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Move:
    """What a card needs next, why, and not before when."""

    kind: MoveKind
    reason: str
    urgency: Urgency = Urgency.PROGRESS
    earliest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """Our record of one message in one channel."""

    id: str  # from Drone's ids, the server they came from and the channel
    channel_id: str
    content: Content
    created_at: datetime
    revision: int = 0  # goes up with every write; a write names the one it read
    message_id: str = ""
    message_at: datetime | None = None  # when Discord took it
    shown: str = ""  # the fingerprint of what Discord confirmed last; "" is not known
    shown_at: datetime | None = None
    unsure: bool = False  # a create was begun and its outcome not noted: it may exist
    deletions: int = 0  # how often a person deleted the message
    degradation: int = 0  # how much simpler than rendered it is sent, after refusals
    attempts: int = 0  # since the last success
    last_error: str = ""
    retry_at: datetime | None = None
    dropped: str = ""  # why it was given up
    refused: str = ""  # the last body that Discord refused, with its answer
    due_at: datetime | None = None  # exists only while work waits
    urgency: Urgency = field(default=Urgency.PROGRESS)


def card_id(content: Content, channel_id: str) -> str:
    """Name the card of *content* in a channel; the same for every report of the same thing.

    Slugs change with a rename, ids do not; two Drone servers may use the same ids. A repository
    can be enabled more than once, each time with a higher version.
    """
    host = content.system.host
    if isinstance(content, BuildState):
        return f"build/{host}/{content.build.id}/{channel_id}"
    kind = content.event.replace(":", "-")
    return f"{kind}/{host}/{content.subject_id}/{content.version}/{channel_id}"


def nonce(card: Card) -> str:
    """Name the one message that may exist of this card; another only after a deletion."""
    return hashlib.sha256(f"{card.id}/{card.deletions}".encode()).hexdigest()[:NONCE_LENGTH]


def is_ended(content: Content) -> bool:
    """Tell whether nothing comes after *content*."""
    return isinstance(content, AccountEvent) or is_final(content.build.status)


def join(card: Card, content: Content) -> Card:
    """Merge what a delivery said into the card."""
    if isinstance(card.content, BuildState) and isinstance(content, BuildState):
        return replace(card, content=merge(card.content, content))
    return card


def next_move(card: Card, wanted: str, edit_interval: timedelta) -> Move:
    """Decide what the card needs to show the body whose fingerprint is *wanted*."""
    ended = is_ended(card.content)
    urgency = Urgency.PROGRESS
    if ended and isinstance(card.content, BuildState):
        urgency = Urgency.ENDING
    elif not card.message_id:
        urgency = Urgency.NEW
    if card.dropped:
        return Move(MoveKind.NOTHING, "dropped")
    if not card.message_id:
        return _first_or_again(card, ended, urgency)
    if card.shown == wanted:
        return Move(MoveKind.NOTHING, "shown already")
    gap = _after(card.message_at, FIRST_EDIT_GAP)
    pause = gap if ended else _latest(gap, _after(card.shown_at, edit_interval))
    reason = "ended" if ended else "changed"
    return Move(MoveKind.EDIT, reason, urgency, _latest(card.retry_at, pause))


def _first_or_again(card: Card, ended: bool, urgency: Urgency) -> Move:
    """Decide on a create; what a person deleted comes back once, for the ending alone."""
    if card.deletions == 0:
        return Move(MoveKind.CREATE, "new", urgency, card.retry_at)
    if card.deletions == 1 and ended:
        return Move(MoveKind.CREATE, "ended after its message was deleted", urgency, card.retry_at)
    return Move(MoveKind.NOTHING, "deleted by a person")


def plan(card: Card, wanted: str, now: datetime, edit_interval: timedelta) -> Card:
    """Note on the card when it is due and how urgently; a card at rest is due never.

    A card that waits already keeps its place among its equals.
    """
    move = next_move(card, wanted, edit_interval)
    if move.kind is MoveKind.NOTHING:
        return replace(card, due_at=None, urgency=move.urgency)
    due_at = max(now, move.earliest or now)
    if card.due_at is not None and card.urgency is move.urgency:
        due_at = min(due_at, card.due_at)
    return replace(card, due_at=due_at, urgency=move.urgency)


def _after(instant: datetime | None, span: timedelta) -> datetime | None:
    return None if instant is None else instant + span


def _latest(*instants: datetime | None) -> datetime | None:
    return max((instant for instant in instants if instant is not None), default=None)
