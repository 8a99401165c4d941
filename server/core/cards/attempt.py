"""What the outcome of one attempt changes on its card."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from server.core.backoff import retry_pause
from server.core.cards.card import CONFIRM_AFTER, LAST_DEGRADATION, YOUNG, Card
from server.core.cards.lifecycle import lifecycle_of
from server.core.cards.move import MoveKind, Trial
from server.core.discord.answers import (
    ARCHIVED,
    OLD_EDITS,
    Barred,
    BodyRefused,
    Delivered,
    GiveUp,
    Gone,
    Outcome,
    Scope,
    TryAgain,
)

# The first millisecond of Discord's snowflakes.
# https://docs.discord.com/developers/reference#snowflakes
DISCORD_EPOCH_MS = 1_420_070_400_000

# Stands for a reply that Discord will not take, so that it is not tried again.
NO_REPLY = "refused"

# How long a channel has to be unknown before what waits for it is given up, and how long one that
# only a person can open again.
GONE_AFTER = timedelta(minutes=5)
BARRED_AFTER = timedelta(days=3)
# The first and the longest pause of a card that alone is not taken.
BARRED_SECONDS, LONGEST_BARRED_SECONDS = 15.0, 110.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to carry out a move: what was sent, and whether an earlier one may have arrived."""

    kind: MoveKind
    fingerprint: str
    status: str  # the state that was sent
    repeats: bool = False  # a create of the same nonce may have been taken, with an older body
    confirms: bool = False  # the ending, once more
    trial: Trial = Trial.NONE
    has_file: bool = False
    is_plain: bool = True  # no file, no embed, no reference: what needs the fewest permissions


def record(card: Card, attempt: Attempt, outcome: Outcome, now: datetime, jitter: float) -> Card:
    """Note the outcome of *attempt* on the card as it is now; `plan` decides what follows."""
    if attempt.kind is MoveKind.REPLY and isinstance(outcome, Gone | BodyRefused | Barred | GiveUp):
        # The reply was an extra; the card itself goes on.
        return replace(card, reply_id=NO_REPLY, unsure_since=None, due_at=None)
    if attempt.kind is MoveKind.DELETE and isinstance(outcome, Delivered | Gone):
        return _removed(card)
    match outcome:
        case Delivered(message_id):
            return _delivered(card, attempt, message_id, now)
        case TryAgain():
            return _try_again(card, attempt, outcome, now, jitter)
        case Gone(reason):
            return _gone(card, reason)
        case BodyRefused():
            return _refused(card, attempt, outcome)
        case Barred():
            return _barred(card, attempt, outcome, now)
    return replace(_failed(card, outcome.reason), dropped=outcome.reason)  # GiveUp


def _delivered(card: Card, attempt: Attempt, message_id: str, now: datetime) -> Card:
    noted = replace(card, attempts=0, last_error="", retry_at=None, due_at=None, refused_since=None)
    if attempt.trial is not Trial.NONE:
        noted = replace(
            noted,
            trial=0,
            without_file=True,
            degradation=LAST_DEGRADATION if attempt.trial is Trial.PLAIN else card.degradation,
        )
    if attempt.kind is MoveKind.REPLY:
        return replace(noted, reply_id=message_id, unsure_since=None)
    if attempt.kind is MoveKind.CREATE:
        made_at = _made_at(attempt, message_id, now)
        noted = replace(noted, message_at=made_at, unsure_since=None)
    confirms = lifecycle_of(card.content).confirms_ending(card)
    young = noted.message_at is not None and now - noted.message_at < YOUNG
    by_edit = attempt.kind is MoveKind.EDIT and not attempt.confirms
    return replace(
        noted,
        message_id=message_id,
        # A repeated create is answered with the message as the first one made it, so what is shown
        # is not known and an edit has to follow.
        shown="" if attempt.repeats else attempt.fingerprint,
        shown_status="" if attempt.repeats else attempt.status,
        shown_at=now,
        confirm_at=now + CONFIRM_AFTER if confirms and young and by_edit else None,
        old_refusals=0,
    )


def _made_at(attempt: Attempt, message_id: str, now: datetime) -> datetime:
    """Return when a message was made: by Discord's clock only if it may be an older one."""
    return min(now, snowflake_time(message_id)) if attempt.repeats else now


def _try_again(
    card: Card, attempt: Attempt, outcome: TryAgain, now: datetime, jitter: float
) -> Card:
    if outcome.is_unsure:
        # It may have arrived all the same, so what is shown is not known any more.
        card = replace(card, shown="", shown_status="")
    elif not attempt.repeats:
        card = replace(card, unsure_since=None)
    if outcome.reason == ARCHIVED:
        since = card.refused_since or now
        card = replace(card, refused_since=since)
        if now - since >= BARRED_AFTER:
            return replace(_failed(card, outcome.reason), dropped=outcome.reason)
    if outcome.reason in (OLD_EDITS, ARCHIVED) and card.content.is_ended:
        card = replace(card, old_refusals=card.old_refusals + 1)
    if outcome.scope is not Scope.CARD:
        # Not the card's fault: it keeps its place, and what has to wait waits as a whole.
        return replace(card, last_error=outcome.reason)
    failed = _failed(card, outcome.reason)
    wait = outcome.seconds if outcome.seconds is not None else retry_pause(failed.attempts, jitter)
    return replace(failed, retry_at=now + timedelta(seconds=wait))


def _refused(card: Card, attempt: Attempt, outcome: BodyRefused) -> Card:
    reason = outcome.reason
    failed = replace(_failed(card, reason), trial=0)
    if not attempt.repeats:
        failed = replace(failed, unsure_since=None)
    if attempt.has_file and (outcome.is_too_large or card.degradation >= LAST_DEGRADATION):
        return replace(failed, without_file=True)
    if card.degradation >= LAST_DEGRADATION:
        return replace(failed, dropped=reason)
    return replace(failed, degradation=card.degradation + 1)


def _barred(card: Card, attempt: Attempt, outcome: Barred, now: datetime) -> Card:
    """Try a plainer body, wait as the channel does, or wait alone if only this card was refused."""
    since = card.refused_since or now
    card = replace(card, refused_since=since, last_error=outcome.reason, trial=0)
    if not attempt.repeats:
        card = replace(card, unsure_since=None)
    gone = max(now - since, timedelta(seconds=outcome.gone_seconds))
    if (outcome.is_gone and gone >= GONE_AFTER) or now - since >= BARRED_AFTER:
        return replace(_failed(card, outcome.reason), dropped=outcome.reason)
    if outcome.is_proved:
        return card
    trial = _plainer(attempt) if outcome.by_body else Trial.NONE
    if trial is not Trial.NONE:
        return replace(card, trial=int(trial), retry_at=None)
    wait = min(BARRED_SECONDS * 2.0 ** min(card.attempts, 8), LONGEST_BARRED_SECONDS)
    return replace(_failed(card, outcome.reason), retry_at=now + timedelta(seconds=wait))


def _plainer(attempt: Attempt) -> Trial:
    if attempt.is_plain:
        return Trial.NONE
    if attempt.has_file and attempt.trial is Trial.NONE:
        return Trial.WITHOUT_FILE
    return Trial.PLAIN


def _gone(card: Card, reason: str) -> Card:
    return replace(
        _failed(card, reason),
        message_id="",
        message_at=None,
        shown="",
        shown_status="",
        shown_at=None,
        confirm_at=None,
        unsure_since=None,
        deletions=card.deletions + 1,
    )


def _removed(card: Card) -> Card:
    """Forget a message that its sender took away; the next one begins anew."""
    fresh = _gone(replace(card, attempts=-1), "")
    return replace(fresh, deletions=0, cleared=lifecycle_of(card.content).cleared(card))


def _failed(card: Card, reason: str) -> Card:
    return replace(card, attempts=card.attempts + 1, last_error=reason, retry_at=None, due_at=None)


def snowflake_time(snowflake: str) -> datetime:
    """Return the instant at which Discord made an id."""
    milliseconds = (int(snowflake) >> 22) + DISCORD_EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def snowflake_at(instant: datetime) -> str:
    """Return the lowest id that Discord could have made at *instant*."""
    milliseconds = int(instant.timestamp() * 1000) - DISCORD_EPOCH_MS
    return str(max(0, milliseconds) << 22)
