"""Keep all messages in order, within bounds; must not decide who may see them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from playground.discord.core.message import Message, Version


@dataclass(slots=True)
class Store:
    """Keep the newest messages and a bounded number of versions over all of them."""

    keep_messages: int = 20_000
    keep_versions: int = 20_000  # beyond the first of each message
    messages: OrderedDict[str, Message] = field(default_factory=OrderedDict)
    order: dict[str, list[int]] = field(default_factory=dict)  # visible ids by channel, ascending
    edited: deque[str] = field(default_factory=deque)  # message ids, one for each later version
    forgotten_messages: int = 0

    def add(self, message: Message, *, is_listed: bool = True) -> None:
        """Keep a new message; the oldest is forgotten when there are too many."""
        self.messages[message.id] = message
        if is_listed:
            insort(self.order.setdefault(message.channel_id, []), int(message.id))
        if len(self.messages) > self.keep_messages:
            _, oldest = self.messages.popitem(last=False)
            self._unlist(oldest)
            self.forgotten_messages += 1

    def change(self, message: Message, version: Version) -> None:
        """Show a new version of a message."""
        message.add(version)
        self.edited.append(message.id)
        if len(self.edited) > self.keep_versions:
            oldest = self.messages.get(self.edited.popleft())
            if oldest:
                oldest.forget_a_version()

    def find(self, channel_id: str, message_id: str) -> Message | None:
        """Return a message that is still there."""
        message = self.messages.get(message_id)
        if message is None or message.channel_id != channel_id or message.deleted_at is not None:
            return None
        return message

    def delete(self, message: Message, by: str, now: float) -> None:
        """Mark a message deleted; the stand-in still shows it to tests."""
        message.deleted_at, message.deleted_by = now, by
        self._unlist(message)

    def page(
        self, channel_id: str, *, before: int | None, after: int | None, limit: int
    ) -> Iterator[Message]:
        """Go through a channel from new to old; *after* takes the oldest ones above it."""
        ids = self.order.get(channel_id, [])
        if after is not None:
            start = bisect_left(ids, after + 1)
            chosen = ids[start : start + limit]
        else:
            end = len(ids) if before is None else bisect_left(ids, before)
            chosen = ids[max(0, end - limit) : end]
        return (self.messages[str(one)] for one in reversed(chosen))

    def _unlist(self, message: Message) -> None:
        ids = self.order.get(message.channel_id, [])
        at = bisect_left(ids, int(message.id))
        if at < len(ids) and ids[at] == int(message.id):
            del ids[at]
