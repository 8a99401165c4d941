"""The database: what each collection is asked; every method may raise StoreUnavailable."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from server.core.cards.card import Card
from server.core.cards.send_queue import QueueEntry
from server.core.delivery import Delivery, Failure
from server.core.drone.webhook_counts import WebhookCounts
from server.core.interactions.audit import ActionLock, AuditEntry
from server.core.lease import Lease
from server.core.messages.idempotency import Claim
from server.core.model.build import BuildState
from server.core.model.repository import KnownRepo


class Inbox(Protocol):
    """Where deliveries wait to be merged; every method may raise StoreUnavailable."""

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery durably; False if it was kept before."""

    def add_all(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries durably, each once."""

    def pending(self, size: int) -> Iterator[list[Delivery]]:
        """Read what is not merged, oldest first, in lists of at most *size*."""

    def begin(self, delivery_id: str) -> None:
        """Note that a delivery is about to be merged alone."""

    def settle(self, merged: Sequence[str], failures: Iterable[Failure], now: datetime) -> None:
        """Take deliveries out of the inbox; those that failed keep their reason."""

    def oldest_pending_at(self) -> datetime | None:
        """Return when the oldest delivery that waits was received."""

    def count_failed(self) -> int:
        """Return how many deliveries were put aside because they could not be merged."""


class MessageDeliveries(Protocol):
    """The deliveries of pushed messages in the database; may raise StoreUnavailable."""

    def pending_of(self, prefix: str) -> Delivery | None:
        """Return a delivery that waits to be merged and whose id begins with *prefix*."""

    def failed_of(self, prefix: str) -> tuple[Delivery, str] | None:
        """Return a delivery that was put aside, with the reason."""

    def last_of(self, prefix: str) -> str:
        """Return the last id that begins with *prefix*, or ""."""


class Quarantine(Protocol):
    """Deliveries that are not to be merged; may raise StoreUnavailable."""

    def put_aside(self, delivery: Delivery, reason: str, now: datetime) -> None:
        """Keep a delivery that is not to be merged, with the reason."""


class Claims(Protocol):
    """Idempotency keys and the messages that they stand for; may raise StoreUnavailable."""

    def claim(self, claim: Claim) -> Claim:
        """Claim a key durably; return the claim that stands, another's perhaps."""


class MessageTexts(Protocol):
    """The whole texts of pushed messages; every method may raise StoreUnavailable."""

    def whole_text(self, delivery_id: str) -> str:
        """Read the text of a message from its delivery, "" if that has expired."""


class Cards(Protocol):
    """Where cards are; every method may raise StoreUnavailable."""

    def find(self, ids: Sequence[str]) -> dict[str, Card]:
        """Read the cards that exist, by id."""

    def find_families(self, families: Sequence[str]) -> list[Card]:
        """Read the cards of the same things in every channel, oldest first."""

    def owned(self, message_ids: Sequence[str]) -> set[str]:
        """Return which of these messages of Discord's a card has noted as its own."""

    def unsure(self, channel_id: str) -> list[Card]:
        """Read the cards of a channel that may have a message that is not noted."""

    def save(self, card: Card, now: datetime) -> Card | None:
        """Write a card over the revision it was read at; None if another writer was faster."""

    def due(self) -> Iterator[QueueEntry]:
        """Read what every card that waits for something waits for."""

    def dropped(self) -> Iterator[Card]:
        """Read every card that was given up."""

    def count_dropped(self) -> int:
        """Return how many cards were given up."""

    def open(self) -> Iterator[Card]:
        """Read every card whose build has not ended."""

    def event_of(self, host: str, slug: str, number: int) -> str:
        """Read what a build was made by (`push`, `promote`), "" if it is not known."""


class Builds(Protocol):
    """What the cards know of builds, for people who ask; every method may raise StoreUnavailable.

    None takes longer the more builds there are.
    """

    def newest(self, slug: str, count: int) -> list[BuildState]:
        """Read the builds of a repository, or of all for "", newest first and without steps."""

    def find(self, slug: str, number: int) -> BuildState | None:
        """Read one build with everything."""


class Repos(Protocol):
    """Where known repositories are; every method may raise StoreUnavailable."""

    def list(self) -> Sequence[KnownRepo]:
        """Read them all, the one heard of last first."""

    def note(self, known: KnownRepo) -> None:
        """Write what is known of a repository over what was known."""

    def since(self, channel_id: str, now: datetime) -> datetime:
        """Return since when builds are shown in a channel: the first *now* that was given."""


class AuditLog(Protocol):
    """Where it is written who did what; every method may raise StoreUnavailable."""

    def begin(self, action: AuditEntry) -> bool:
        """Note an interaction; False if it was noted before, by whatever process."""

    def finish(self, action_id: str, result: str, now: datetime) -> None:
        """Note what came of it."""

    def hold(self, hold: ActionLock, now: datetime) -> ActionLock | None:
        """Hold an act on a build; return who holds it already, None if it is ours now."""

    def keep(self, hold: ActionLock) -> None:
        """Change a hold of ours."""

    def release(self, hold: ActionLock) -> None:
        """Give a hold of ours back."""


class Leases(Protocol):
    """Where leases are; every method may raise StoreUnavailable."""

    def read(self, name: str) -> tuple[Lease, Mapping[str, Any]] | None:
        """Return the lease and the last report of its holder."""

    def write(self, name: str, lease: Lease, report: Mapping[str, Any], over: Lease | None) -> bool:
        """Write a lease over the one that was read (None: there was none); False if it moved."""


class Heartbeat(Protocol):
    """When any server was there last; every method may raise StoreUnavailable."""

    def beat(self, now: datetime) -> datetime | None:
        """Note that a server is there; return when one was before, None if it has left."""

    def leave(self) -> None:
        """Note that a server goes."""

    def note_return(self) -> None:
        """Note that a server is back after none was there."""

    def returns(self) -> int:
        """Return how often a server came back."""


class Webhooks(Protocol):
    """Where it is counted what became of webhooks; every method may raise StoreUnavailable."""

    def read(self) -> WebhookCounts:
        """Return the last webhook of each kind."""

    def add(self, news: WebhookCounts) -> None:
        """Add what was heard; its instants are of the store's clock."""


class Store(Protocol):
    """The database, with a port for each collection."""

    @property
    def inbox(self) -> Inbox:
        """Return where deliveries are."""

    @property
    def texts(self) -> MessageTexts:
        """Return where the whole texts of pushed messages are."""

    @property
    def cards(self) -> Cards:
        """Return where cards are."""

    @property
    def leases(self) -> Leases:
        """Return where leases are."""

    @property
    def heartbeat(self) -> Heartbeat:
        """Return where the server's heartbeat is."""

    @property
    def repos(self) -> Repos:
        """Return where known repositories are."""

    @property
    def webhooks(self) -> Webhooks:
        """Return where webhooks are counted."""

    def clock(self) -> datetime:
        """Return the store's own time, which is one for all processes."""

    def prepare(self) -> None:
        """Make the indexes that are missing; harmless at any time and twice."""

    def ping(self) -> None:
        """Raise StoreUnavailable if the database does not answer."""
