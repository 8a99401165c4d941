"""Which kinds of request a channel does not take until a person mends it.

A refusal is of one request. It holds for all of its kind in its channel only when a second card was
refused as well, and one of the two requests was plain: it needed the fewest permissions. Instants
are seconds of a monotonic clock.
"""

from collections.abc import Set
from dataclasses import replace
from enum import StrEnum, unique

from server.core.discord.answers import Barred

# How long a kind is left alone that only a person can open again.
BARRED_SECONDS = 900.0
# The same in a channel that is not there; such answers do not count towards a ban.
GONE_SECONDS = 60.0


@unique
class RequestKind(StrEnum):
    """The kinds of request that Discord counts apart in a channel."""

    CREATE = "create"
    EDIT = "edit"
    EDIT_OLD = "edit_old"
    DELETE = "delete"


class ChannelRefusals:
    """What was refused where; it grows with the channels that refuse and forgets what they take."""

    def __init__(self) -> None:
        self._doubted: dict[
            tuple[str, RequestKind], str
        ] = {}  # by the card whose plain request failed
        self._closed: set[tuple[str, RequestKind]] = set()  # a second card was refused, too
        self._until: dict[tuple[str, RequestKind], float] = {}
        self._gone_since: dict[str, float] = {}  # channels that Discord does not know

    def open_at(self, channel_id: str, kind: RequestKind) -> float:
        """Return the instant from which a request may be tried."""
        return self._until.get(_key(channel_id, kind), 0.0)

    def channels(self, waiting: Set[str], home: str) -> int:
        """Count the channels that refuse what is *waiting*, and *home* if it is shut."""
        doubted = {channel_id for channel_id, _ in self._doubted} & waiting
        shut = {channel_id for channel_id, _ in self._closed} | set(self._gone_since)
        return len(doubted | (shut & {*waiting, home}))

    def passed(self, channel_id: str, kind: RequestKind) -> None:
        """Note that a request was taken; a new message also opens an archived thread for edits."""
        self._gone_since.pop(channel_id, None)
        for opened in RequestKind if kind is RequestKind.CREATE else (kind,):
            key = _key(channel_id, opened)
            self._doubted.pop(key, None)
            self._closed.discard(key)
            self._until.pop(key, None)

    def met(
        self,
        channel_id: str,
        kind: RequestKind,
        outcome: Barred,
        card_id: str,
        plain: bool,
        now: float,
    ) -> Barred:
        """Note a refusal; return it with what else is known of the channel."""
        key = _key(channel_id, kind)
        if outcome.is_gone:
            self._gone_since.setdefault(channel_id, now)
        doubt = self._doubted.get(key)
        # Once closed, it may have been opened in part: then a plain request has to show it anew.
        is_proved = plain if key in self._closed else doubt is not None and doubt != card_id
        if is_proved:
            self._closed.add(key)
            self.wait(channel_id, kind, now + (GONE_SECONDS if outcome.is_gone else BARRED_SECONDS))
        elif plain:
            self._doubted.setdefault(key, card_id)
        gone_seconds = now - self._gone_since.get(channel_id, now)
        return replace(outcome, is_proved=is_proved, gone_seconds=gone_seconds)

    def wait(self, channel_id: str, kind: RequestKind, until: float) -> None:
        """Leave a kind of request alone for a while."""
        self._until[_key(channel_id, kind)] = until

    def given_up(self, channel_id: str, kind: RequestKind) -> None:
        """Let the next card try at once, after one was given up."""
        self._until.pop(_key(channel_id, kind), None)


def _key(channel_id: str, kind: RequestKind) -> tuple[str, RequestKind]:
    """An edit is an edit, however old its message is."""
    return channel_id, RequestKind.EDIT if kind is RequestKind.EDIT_OLD else kind
