"""A message that somebody pushed, as far as it is known: two registers, the last write wins.

One register holds the latest PUT (or the POST), the other the latest DELETE. Merging keeps the
later of each, so order, repetition and grouping of what arrives do not matter.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

# So much of a text stays with its card; longer ones are read from their delivery when sent.
KEPT_CHARACTERS = 4096

# What the identities of pushed messages begin with.
IDENTITY_PREFIX = "message/"


@dataclass(frozen=True, slots=True)
class Put:
    """What a message says; *text* is only the beginning where *whole* names the rest."""

    order: (
        str  # after all before it: when the server received it, and a tie-break; compared as text
    )
    text: str
    title: str = ""
    level: str = ""
    url: str = ""
    silent: bool = False
    mentions: bool = False  # its token may ring people
    length: int = 0  # of the whole text, in code points
    digest: str = ""  # SHA-256 of the whole text, if it is longer
    whole: str = ""  # the delivery that holds the whole text, if it is longer


@dataclass(frozen=True, slots=True)
class Pushed:
    """All that is known of one pushed message."""

    id: str
    token: str  # the name of the token that sent it
    key: str  # the caller's own name for it; "" if it was posted
    channel: str  # the name that the caller used
    channel_id: str  # "" is the channel of the cards
    put: Put | None = None
    cleared: str = ""  # the order of the latest DELETE

    @property
    def identity(self) -> str:
        """Return the name of the message."""
        return f"{IDENTITY_PREFIX}{self.id}"

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing comes after this message: each call stands for itself."""
        return True

    @property
    def status_word(self) -> str:
        """Return the order: what a caller changes is always news."""
        return self.order

    @property
    def order(self) -> str:
        """Return the order of the latest thing that is known."""
        return max(self.put.order if self.put else "", self.cleared)

    @property
    def is_wanted(self) -> bool:
        """Tell whether it should be shown: its latest PUT is later than its latest DELETE."""
        return self.put is not None and self.put.order > self.cleared


def merge_pushed(one: Pushed, other: Pushed) -> Pushed:
    """Join what is known of the same message."""
    newest = max(one, other, key=lambda pushed: pushed.order)
    puts = [pushed.put for pushed in (one, other) if pushed.put is not None]
    return replace(
        newest,
        put=max(puts, key=lambda put: put.order, default=None),
        cleared=max(one.cleared, other.cleared),
    )


def order_of(now: datetime, tie_break: str) -> str:
    """Write an instant so that text sorts as time does."""
    return f"{int(now.timestamp() * 1_000_000):020d}/{tie_break}"


def order_after(known: str, now: datetime, tie_break: str) -> str:
    """Return the order of what is received *now*, after *known* even if a clock was set back."""
    order = order_of(now, tie_break)
    if order > known:
        return order
    return f"{int(known.partition('/')[0]) + 1:020d}/{tie_break}"


def message_id(*parts: str) -> str:
    """Name a message by what makes it the same one."""
    joined = "\0".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:24]


def delivery_prefix(message: str, token: str) -> str:
    """Return what the names of all deliveries of a token's message begin with."""
    return f"message/{message}/{token}/"


def read_pushed(document: Mapping[str, Any]) -> Pushed:
    """Return what the document of a card holds."""
    values = dict(document)
    put = values.pop("put")
    return Pushed(put=Put(**put) if put else None, **values)
