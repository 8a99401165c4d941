"""What the outcome of one attempt changes on its card."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from server.core.answer import Delivered, Gone, Outcome, Refused, Scope, TryAgain
from server.core.backoff import backoff
from server.core.card import LAST_DEGRADATION, Card, MoveKind

# The first millisecond of Discord's snowflakes.
# https://docs.discord.com/developers/reference#snowflakes
DISCORD_EPOCH_MS = 1_420_070_400_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to carry out a move: what was sent, and whether an earlier one may have arrived."""

    kind: MoveKind
    fingerprint: str
    body: str  # as JSON, kept on the card if Discord refuses it
    repeats: bool  # an earlier create of the same nonce may have been taken, with an older body


def record(card: Card, attempt: Attempt, outcome: Outcome, now: datetime, jitter: float) -> Card:
    """Note the outcome of *attempt* on the card as it is now; `plan` decides what follows."""
    match outcome:
        case Delivered(message_id):
            return _delivered(card, attempt, message_id, now)
        case TryAgain(reason, Scope.CARD):
            return _try_again(card, outcome, now, jitter)
        case TryAgain(reason):
            # Not the card's fault, and not taken: it keeps its place, and what has to wait waits
            # as a whole.
            return replace(card, unsure=attempt.repeats, last_error=reason)
        case Gone(reason):
            return _gone(card, reason)
        case Refused(reason):
            return _refused(card, attempt, reason)
    return replace(_failed(card, outcome.reason), dropped=outcome.reason)  # GiveUp


def _delivered(card: Card, attempt: Attempt, message_id: str, now: datetime) -> Card:
    # A repeated create is answered with the message as the first one made it, so what is shown
    # is not known and an edit has to follow.
    shown = "" if attempt.repeats else attempt.fingerprint
    created = attempt.kind is MoveKind.CREATE
    return replace(
        card,
        message_id=message_id,
        message_at=_made_at(attempt, message_id, now) if created else card.message_at,
        shown=shown,
        shown_at=now,
        unsure=False,
        attempts=0,
        last_error="",
        retry_at=None,
        due_at=None,
    )


def _made_at(attempt: Attempt, message_id: str, now: datetime) -> datetime:
    """Tell when a message was made; Discord's clock is asked only if it may be an older one."""
    return min(now, snowflake_time(message_id)) if attempt.repeats else now


def _try_again(card: Card, outcome: TryAgain, now: datetime, jitter: float) -> Card:
    failed = _failed(card, outcome.reason)
    wait = outcome.seconds if outcome.seconds is not None else backoff(failed.attempts, jitter)
    # It may have arrived all the same, so what is shown is not known any more.
    return replace(failed, shown="", retry_at=now + timedelta(seconds=wait))


def _refused(card: Card, attempt: Attempt, reason: str) -> Card:
    failed = replace(_failed(card, reason), refused=attempt.body, unsure=attempt.repeats)
    if card.degradation >= LAST_DEGRADATION:
        return replace(failed, dropped=reason)
    return replace(failed, degradation=card.degradation + 1)


def _gone(card: Card, reason: str) -> Card:
    return replace(
        _failed(card, reason),
        message_id="",
        message_at=None,
        shown="",
        shown_at=None,
        unsure=False,
        deletions=card.deletions + 1,
    )


def _failed(card: Card, reason: str) -> Card:
    return replace(card, attempts=card.attempts + 1, last_error=reason, retry_at=None, due_at=None)


def snowflake_time(snowflake: str) -> datetime:
    """Return the instant at which Discord made an id."""
    milliseconds = (int(snowflake) >> 22) + DISCORD_EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
