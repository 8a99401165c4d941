"""What an answer of Discord's means for the card that it was about, and for everything else.

    answer ──▶ Delivered        it is shown
               TryAgain         not shown, or unknown; the scope says what else must wait
               Gone             the message is not there any more
               BodyRefused      this body will never be taken
               Barred           this request is not taken here; a plainer or another one may be
               GiveUp           nothing will make it work

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes
Limits: https://docs.discord.com/developers/topics/rate-limits
"""

import re
from dataclasses import dataclass
from enum import StrEnum, unique

from server.core.http_answer import Answer

# How long to leave alone what only a person can mend.
TOKEN_PAUSE_SECONDS = 300.0
# An archived thread takes no edits; a message that is posted into it opens it again.
# https://docs.discord.com/developers/topics/threads#active-archived-threads
ARCHIVED_PAUSE_SECONDS = 15.0
# A stop by Cloudflare without a Retry-After; with one it is an hour as a rule.
CLOUDFLARE_PAUSE_SECONDS = 600.0

UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE = 10003, 10004, 10008
MISSING_ACCESS, THREAD_ARCHIVED, TOO_LARGE, TOO_MANY_FILES = 50001, 50083, 40005, 30015
NOT_OUR_MESSAGE = 50005
NO_HISTORY_TO_REPLY = 160002
BLOCKED_BY_AUTOMOD, HARMFUL_LINK = 200000, 240000
OLD_MESSAGE_EDITS = 30046

# The error of a request that was never sent, because its sender may no longer act.
STALE = "stale"
# The reason of a refusal to edit messages older than an hour.
OLD_EDITS = "old_message_edits"
# The reason of a refusal to change anything in an archived thread.
ARCHIVED = "thread_archived"
# No such channel or server, not to be seen, forum, no text channel (twice), locked thread, too many
# threads (twice): with any status. Whatever the body says, it is not taken there.
WRONG_CHANNEL = frozenset(
    {UNKNOWN_CHANNEL, UNKNOWN_GUILD, MISSING_ACCESS, 40058, 50008, 50024, 160005, 160006, 160007}
)
# Slow mode, edits in an announcement channel, writes to a channel, writes to a server, a limited
# and an overloaded resource: a limit, with any status.
BUSY = frozenset({20016, 20022, 20028, 20029, 40062, 130000})

_SNOWFLAKE = re.compile(r"[0-9]{1,20}")


@unique
class Scope(StrEnum):
    """What has to wait besides the card itself."""

    CARD = "card"
    KIND = "kind"  # this kind of request in this channel
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Delivered:
    """Discord has it, as this message."""

    message_id: str


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Not shown, or unknown; *seconds* None leaves the wait to our own backoff."""

    reason: str
    scope: Scope = Scope.CARD
    seconds: float | None = None
    is_unsure: bool = False  # Discord may have done it all the same


@dataclass(frozen=True, slots=True)
class Gone:
    """The message is not there any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class BodyRefused:
    """Discord will never take this body."""

    reason: str
    is_too_large: bool = False  # because of its file


@dataclass(frozen=True, slots=True)
class Barred:
    """Discord does not take this request in this channel, until a person mends it perhaps.

    One refusal proves nothing of other requests; `server.core.discord.rate_limits` adds what
    others showed.
    """

    reason: str
    by_body: bool = False  # a plainer body may be taken
    is_gone: bool = False  # there is no such channel
    is_proved: bool = False  # another request of this kind was refused there as well
    gone_seconds: float = 0.0  # how long it has been known that there is no such channel


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing will make it work."""

    reason: str


Outcome = Delivered | TryAgain | Gone | BodyRefused | Barred | GiveUp


def read_answer(answer: Answer) -> Outcome:
    """Return what *answer* to a create or an edit means."""
    if answer.error == STALE:
        return TryAgain(STALE, seconds=0.0)
    if answer.status == 0 or answer.status >= 500 or answer.status == 408:
        return TryAgain(answer.error or f"http_{answer.status}", is_unsure=True)
    if answer.status == 429:
        return _read_limit(answer)
    if 200 <= answer.status < 300:
        message_id = answer.body.get("id")
        if isinstance(message_id, str) and _SNOWFLAKE.fullmatch(message_id):
            return Delivered(message_id)
        return TryAgain("no_message_in_answer", is_unsure=True)
    if answer.status < 400:
        # Never Discord's, but of something before it.
        return TryAgain(f"http_{answer.status}", is_unsure=True)
    return _read_refusal(answer)


def error_code(answer: Answer) -> int:
    """Return Discord's own code, 0 if there is none."""
    code = answer.body.get("code")
    return code if isinstance(code, int) else 0


def _read_limit(answer: Answer) -> Outcome:
    """Obey a 429; the body is finer than the header, and sub-limits stand nowhere else."""
    if "via" not in answer.headers or not answer.body:
        # Not Discord but Cloudflare in front of it: the address is stopped, not the bot.
        pause = _seconds(answer.headers.get("retry-after"))
        return TryAgain("cloudflare", Scope.EVERYTHING, pause or CLOUDFLARE_PAUSE_SECONDS)
    seconds = _seconds(answer.body.get("retry_after"))
    if seconds is None:
        seconds = _seconds(answer.headers.get("retry-after")) or 5.0
    if answer.body.get("global") is True or answer.headers.get("x-ratelimit-scope") == "global":
        return TryAgain("global_limit", Scope.EVERYTHING, seconds)
    if error_code(answer) == OLD_MESSAGE_EDITS:
        return TryAgain(OLD_EDITS, Scope.KIND, seconds)
    shared = answer.headers.get("x-ratelimit-scope") == "shared"
    return TryAgain("shared_limit" if shared else "rate_limit", Scope.KIND, seconds)


def _read_refusal(answer: Answer) -> Outcome:
    code = error_code(answer)
    reason = f"http_{answer.status}_{code}" if code else f"http_{answer.status}"
    if answer.status == 401:
        return TryAgain("token_refused", Scope.EVERYTHING, TOKEN_PAUSE_SECONDS)
    if code in (UNKNOWN_MESSAGE, NOT_OUR_MESSAGE):
        return Gone(reason)
    if code in BUSY:
        return TryAgain(reason)
    if code == NO_HISTORY_TO_REPLY:
        return GiveUp(reason)
    if code == THREAD_ARCHIVED:
        return TryAgain(ARCHIVED, Scope.KIND, ARCHIVED_PAUSE_SECONDS)
    if code in (BLOCKED_BY_AUTOMOD, HARMFUL_LINK):
        return BodyRefused(reason)
    if code in WRONG_CHANNEL:
        return Barred(reason, is_gone=code in (UNKNOWN_CHANNEL, UNKNOWN_GUILD))
    if answer.status in (400, 413):
        return BodyRefused(reason, answer.status == 413 or code in (TOO_LARGE, TOO_MANY_FILES))
    if answer.status in (403, 404) or not code:
        # Without a code it comes from something before Discord, which may dislike one text alone.
        return Barred(reason, by_body=True)
    return GiveUp(reason)


def _seconds(value: object) -> float | None:
    """Read a wait in seconds from JSON or a header."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) else -1.0
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < 1e9 else None
