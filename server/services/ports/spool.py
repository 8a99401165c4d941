"""The spool: deliveries on local disk while the database is away.

Each use case asks a part of it; every method may raise StoreUnavailable.
"""

from collections.abc import Sequence
from typing import Protocol

from server.core.delivery import Delivery
from server.services.ports.database import Claims


class FallbackInbox(Claims, Protocol):
    """The spool that takes deliveries in while the inbox cannot be reached."""

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before."""


class Spool(Protocol):
    """The spool that is drained into the inbox."""

    def oldest(self, count: int, after: Delivery | None = None) -> list[Delivery]:
        """Read at most *count* deliveries that arrived *after* another, in the order of arrival."""

    def remove(self, ids: Sequence[str]) -> None:
        """Forget deliveries that are safe elsewhere."""


class DrainTarget(Protocol):
    """The inbox that the spool is drained into."""

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before."""

    def add_all(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries durably, each once."""


class SpooledMessages(Protocol):
    """The spool that is searched for a message."""

    def find_beginning(self, prefix: str) -> Delivery | None:
        """Return a delivery whose id begins with *prefix*."""

    def last_of(self, prefix: str) -> str:
        """Return the last id that begins with *prefix*, or ""."""


class SpoolSize(Protocol):
    """The spool that health looks at."""

    def count(self) -> int:
        """Return how many deliveries wait here."""
