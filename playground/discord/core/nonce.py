"""Remember nonces for a few minutes, so that a create can be repeated safely (§1.6)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Nonces:
    """Remember which message each author sent under which nonce, and until when."""

    window_seconds: float = 300.0  # Discord says "the past few minutes"
    known: OrderedDict[tuple[str, str], tuple[float, str]] = field(default_factory=OrderedDict)

    def find(self, author_id: str, nonce: str, now: float) -> str | None:
        """Return the id of the message sent under *nonce*, if that was within the window."""
        sent_at, message_id = self.known.get((author_id, nonce), (float("-inf"), ""))
        return message_id if abs(now - sent_at) < self.window_seconds else None

    def keep(self, author_id: str, nonce: str, message_id: str, now: float) -> None:
        """Remember a nonce, and forget those whose window is over."""
        self.known[author_id, nonce] = (now, message_id)
        self.known.move_to_end((author_id, nonce))
        while self.known and now - next(iter(self.known.values()))[0] >= self.window_seconds:
            self.known.popitem(last=False)
