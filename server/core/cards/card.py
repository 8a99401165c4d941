"""A card is our record of one message; here it is decided what the message needs next.

    waiting ──create──▶ shown ──edit──▶ shown … ──▶ at rest (nothing to show that is not shown)
       │                  │
       └── refused, gone ─┴──▶ dropped (given up, with the reason)

Every change of a card goes through `plan`, so that `due_at`, `urgency` and `move` always tell the
truth. The states are drawn with their arrows in docs/states.md.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.core.cards.move import Move as Move
from server.core.cards.move import MoveKind as MoveKind
from server.core.cards.move import Trial as Trial
from server.core.cards.move import Urgency as Urgency
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState, effective_status, merge
from server.core.model.pushed import Pushed, merge_pushed
from server.core.model.status import is_final

# Discord shows an edit that follows a create too closely and then takes it back
# (github.com/discord/discord-api-docs/issues/7980).
FIRST_EDIT_GAP = timedelta(seconds=1)
# For the same reason an ending that was shown by an edit of a young message is sent once more.
YOUNG = timedelta(minutes=1)
CONFIRM_AFTER = timedelta(seconds=10)

# Edits of messages older than an hour fall under a limit that no header shows (code 30046); a
# little early, because the request takes time and clocks differ.
OLD_AFTER = timedelta(minutes=55)
# How often that limit may refuse an ending before it is also told by a reply.
REPLY_AFTER = 3

# No wait on a card is longer; a due_at further ahead means that the clock was set back.
LONGEST_WAIT = timedelta(minutes=2)

# Create Message takes a nonce of at most 25 characters.
# https://docs.discord.com/developers/resources/message#create-message
NONCE_LENGTH = 25

# How often a body is made simpler before it is given up; see `server.core.render.message.degraded`.
LAST_DEGRADATION = 3

# How often a pushed message comes back after a person deleted it.
RETURNS = 1

# What the ids of cards of pushed messages begin with; they do not name their channel.
PUSHED_PREFIX = "message/"

Content = BuildState | AccountEvent | Pushed


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
    reply_id: str = ""  # the message that told the ending instead
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


def card_id(content: Content, channel_id: str) -> str:
    """Name the card of *content* in a channel; the same for every report of the same thing.

    Slugs change with a rename, ids do not; two Drone servers may use the same ids. A repository
    can be enabled more than once, each time with a higher version.
    """
    if isinstance(content, Pushed):
        return f"{PUSHED_PREFIX}{content.id}"
    host = content.system.host
    if isinstance(content, BuildState):
        return build_card_id(host, content.build.id, channel_id)
    kind = content.event.replace(":", "-")
    return f"{kind}/{host}/{content.subject_id}/{content.version}/{channel_id}"


def build_card_id(host: str, build_id: int, channel_id: str) -> str:
    """Name the card of a build in a channel, by what a button of it knows."""
    return f"build/{host}/{build_id}/{channel_id}"


def family_of(card_id: str) -> str:
    """Return the name that the cards of one thing share, whatever their channel."""
    return card_id.rpartition("/")[0]


def nonce(card: Card, kind: MoveKind) -> str:
    """Name the one message that may exist of this card; another only after a deletion."""
    name = f"{card.id}/{card.deletions}"
    if card.cleared:
        name += f"/{card.cleared}"
    if kind is MoveKind.REPLY:
        name += "/reply"
    return hashlib.sha256(name.encode()).hexdigest()[:NONCE_LENGTH]


def is_ended(content: Content) -> bool:
    """Tell whether nothing comes after *content*."""
    return not isinstance(content, BuildState) or is_final(content.build.status)


def shown_word(content: Content) -> str:
    """Return the word of the state that people see."""
    if isinstance(content, Pushed):
        return content.order  # what a caller changes is always news
    return content.event if isinstance(content, AccountEvent) else effective_status(content).value


def is_old(message_at: datetime | None, now: datetime) -> bool:
    """Tell whether edits of a message fall under the limit on old ones."""
    return message_at is not None and now - message_at > OLD_AFTER


def is_due(instant: datetime | None, now: datetime) -> bool:
    """Tell whether *instant* has come, or lies where only a clock that was set back can put it."""
    return instant is None or instant <= now or instant - now > LONGEST_WAIT


def join(card: Card, content: Content) -> Card:
    """Merge what a delivery said into the card."""
    if isinstance(card.content, BuildState) and isinstance(content, BuildState):
        return replace(card, content=merge(card.content, content))
    if isinstance(card.content, Pushed) and isinstance(content, Pushed):
        return _join_pushed(card, merge_pushed(card.content, content))
    return card


def has_begun(card: Card) -> bool:
    """Tell whether the card has a message in its channel, had one, or may have."""
    return bool(card.message_id or card.unsure_since or card.deletions)


def begun(card: Card, now: datetime) -> Card:
    """Note that a message is about to be made, whether or not that is ever confirmed."""
    card = replace(card, unsure_since=now)
    if isinstance(card.content, Pushed) and card.cleared != card.content.cleared:
        return replace(card, cleared=card.content.cleared, deletions=0)
    return card


def next_move(card: Card, wanted: str, now: datetime, edit_interval: timedelta) -> Move:
    """Decide what the card needs to show the body whose fingerprint is *wanted*."""
    if card.dropped:
        return Move(MoveKind.NOTHING, "dropped")
    if isinstance(card.content, Pushed):
        return _pushed_move(card, card.content, wanted, edit_interval)
    if not card.message_id:
        return _first_or_again(card)
    if card.shown == wanted:
        if card.confirm_at is None:
            return Move(MoveKind.NOTHING, "shown already")
        pause = _latest(card.retry_at, card.confirm_at)
        return Move(MoveKind.EDIT, "confirmed", Urgency.CONFIRMATION, pause)
    if is_ended(card.content):
        return _ending(card)
    if is_old(card.message_at, now) and card.shown_status == shown_word(card.content):
        return Move(MoveKind.NOTHING, "old, and its state has not changed")
    pause = _latest(
        card.retry_at, _after(card.message_at, FIRST_EDIT_GAP), _after(card.shown_at, edit_interval)
    )
    return Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, pause)


def plan(card: Card, wanted: str, now: datetime, edit_interval: timedelta) -> Card:
    """Note on the card what it needs, when, and how urgently; a card at rest is due never.

    A card that waits already keeps its place among its equals.
    """
    move = next_move(card, wanted, now, edit_interval)
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
        urgency=Urgency.PUSHED if isinstance(card.content, Pushed) else Urgency.NEW,
        move=MoveKind.EDIT if card.message_id else MoveKind.CREATE,
    )


def _first_or_again(card: Card) -> Move:
    """Decide on a create; what a person deleted comes back once, for the ending alone."""
    is_build = isinstance(card.content, BuildState)
    ended = is_ended(card.content)
    urgency = Urgency.ENDING if ended and is_build else Urgency.NEW
    if card.deletions == 0:
        return Move(MoveKind.CREATE, "new", urgency, card.retry_at)
    if card.deletions == 1 and ended and is_build:
        return Move(MoveKind.CREATE, "ended after its message was deleted", urgency, card.retry_at)
    return Move(MoveKind.NOTHING, "deleted by a person")


def _ending(card: Card) -> Move:
    """Decide how to show the ending: by an edit, or when those stay refused by a reply as well."""
    is_build = isinstance(card.content, BuildState)
    urgency = Urgency.ENDING if is_build else Urgency.PROGRESS
    is_told = card.shown_status == shown_word(card.content)
    if card.old_refusals >= REPLY_AFTER and not card.reply_id and not is_told:
        return Move(MoveKind.REPLY, "edits stay refused", urgency, card.retry_at)
    pause = _latest(card.retry_at, _after(card.message_at, FIRST_EDIT_GAP))
    return Move(MoveKind.EDIT, "ended", urgency, pause)


def _join_pushed(card: Card, merged: Pushed) -> Card:
    """Take what is new; what was given up gets another chance with it."""
    if merged == card.content:
        return card
    return replace(
        card,
        content=merged,
        dropped="",
        refused="",
        degradation=0,
        attempts=0,
        without_file=False,
        trial=0,
        refused_since=None,
    )


def _pushed_move(card: Card, pushed: Pushed, wanted: str, edit_interval: timedelta) -> Move:
    """Decide what a pushed message needs: to be there, to be as it should, or to be gone."""
    urgency = Urgency.PUSHED
    if not card.message_id:
        # A create whose outcome nobody knows is repeated, even to delete what it may have made.
        if card.unsure_since is None and not pushed.is_wanted:
            return Move(MoveKind.NOTHING, "removed by its sender")
        if card.deletions > RETURNS and card.cleared == pushed.cleared:
            return Move(MoveKind.NOTHING, "deleted by a person, twice")
        return Move(MoveKind.CREATE, "pushed", urgency, card.retry_at)
    if card.cleared != pushed.cleared:
        return Move(MoveKind.DELETE, "removed by its sender", urgency, card.retry_at)
    if card.shown == wanted:
        if card.confirm_at is None:
            return Move(MoveKind.NOTHING, "shown already")
        pause = _latest(card.retry_at, card.confirm_at)
        return Move(MoveKind.EDIT, "confirmed", Urgency.CONFIRMATION, pause)
    pause = _latest(
        card.retry_at, _after(card.message_at, FIRST_EDIT_GAP), _after(card.shown_at, edit_interval)
    )
    return Move(MoveKind.EDIT, "pushed again", urgency, pause)


def _after(instant: datetime | None, span: timedelta) -> datetime | None:
    return None if instant is None else instant + span


def _latest(*instants: datetime | None) -> datetime | None:
    return max((instant for instant in instants if instant is not None), default=None)
