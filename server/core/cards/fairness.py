"""Fairness: in a channel, the sender of pushed messages that was served longest ago is next."""

from server.core.cards.send_queue import QueueEntry


class SenderFairness:
    """When each sender was served last in each channel."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}
        self._count = 0

    def rank(self, entry: QueueEntry) -> int:
        """Return a number that is lower the longer ago the entry's sender was served."""
        return self._last.get((entry.channel_id, entry.sender), 0) if entry.sender else 0

    def note_served(self, entry: QueueEntry) -> None:
        """Note that an entry is served."""
        if entry.sender:
            self._count += 1
            self._last[entry.channel_id, entry.sender] = self._count
