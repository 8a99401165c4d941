"""Doubles that behave: a store in memory, Discord by script, and builders for what they hold."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

import bson
from bson.codec_options import CodecOptions

from server.core.cards.attempt import DISCORD_EPOCH_MS
from server.core.cards.card import Card
from server.core.cards.content import Content, card_id, family_of
from server.core.cards.send_queue import QueueEntry, entry_of
from server.core.delivery import Delivery, Failure
from server.core.documents import card_document, read_card, storable
from server.core.drone.payload import read_state
from server.core.drone.webhook_counts import WebhookCount, WebhookCounts, WebhookOutcome, joined
from server.core.http_answer import Answer
from server.core.interactions.audit import ActionLock, AuditEntry
from server.core.lease import Lease
from server.core.messages.envelope import whole_text
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState
from server.core.model.repository import KnownRepo
from server.core.model.repository_name import identities
from server.errors import StoreUnavailable

START = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
CHANNEL = "100000000000000001"
BOT = "200000000000000002"
HOST = "drone.example.com"

Document = dict[str, Any]

# -- What there is to show --------------------------------------------------------------------


def payload(
    status: str = "running",
    stages: Iterable[Mapping[str, object]] = (),
    version: int = 1,
    build_id: int = 7,
    **build: object,
) -> Document:
    """Return a body as Drone sends it for a build that changed."""
    return {
        "event": "build",
        "action": "updated",
        "system": {"host": HOST, "link": f"https://{HOST}"},
        "repo": {"id": 1, "version": 1, "slug": "octocat/hello-world"},
        "build": {
            "id": build_id,
            "version": version,
            "number": build_id,
            "status": status,
            "event": "push",
            "stages": list(stages),
            **build,
        },
    }


def state(status: str = "running", *stages: Mapping[str, object], **build: Any) -> BuildState:
    """Read the state of a build from a few words."""
    return read_state(payload(status, stages, **build))


def account(event: str = "repo:enabled", version: int = 1) -> AccountEvent:
    """Return what Drone says when a repository is enabled."""
    system = state().system
    return AccountEvent(
        event=event,
        system=system,
        subject_id=1,
        version=version,
        name="octocat/hello-world",
        actor="octocat",
        link="https://github.example.com/octocat/hello-world",
        avatar="",
        is_admin=False,
        is_machine=False,
    )


def card(content: Content | None = None, **fields: Any) -> Card:
    """Return a card of a running build that nobody has seen yet."""
    content = content or state()
    values = {"channel_id": CHANNEL, "created_at": START, **fields}
    return Card(id=card_id(content, values["channel_id"]), content=content, **values)


def delivery(name: str, body: bytes | Mapping[str, object], at: datetime = START) -> Delivery:
    """Return a delivery whose fingerprint is *name*."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery(name, "build:updated", raw, at)


# -- The store --------------------------------------------------------------------------------


@dataclass
class Faults:
    """When a store fails: altogether, before an operation, or after it without telling."""

    is_away: bool = False
    refused: set[str] = field(default_factory=set)  # fail without doing it
    unanswered: set[str] = field(default_factory=set)  # do it once, then fail
    calls: list[str] = field(default_factory=list)

    def before(self, name: str) -> None:
        """Fail an operation that must not happen."""
        self.calls.append(name)
        if self.is_away or name in self.refused:
            raise StoreUnavailable(f"{name}: the store is away")

    def after(self, name: str) -> None:
        """Lose the answer of an operation that has happened."""
        if name in self.unanswered:
            self.unanswered.discard(name)
            raise StoreUnavailable(f"{name}: the answer is lost")


class MemoryStore:
    """A store in memory that keeps documents as bytes, so that only what fits BSON fits it."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.inbox = MemoryInbox(self.faults)
        self.texts = MemoryTexts(self.inbox)
        self.cards = MemoryCards(self.faults)
        self.leases = MemoryLeases(self.faults)
        self.actions = MemoryActions(self.faults)
        self.repos = MemoryRepos(self.faults)
        self.builds = MemoryBuilds(self.faults, self.cards, self.repos)
        self.heartbeat = MemoryHeartbeat(self.faults)
        self.webhooks = MemoryWebhooks(self.faults)
        self.now = START  # by its own clock

    def clock(self) -> datetime:
        """Return its own time."""
        self.faults.before("clock")
        return self.now

    def prepare(self) -> None:
        """Have no index to make."""
        self.faults.before("prepare")

    def ping(self) -> None:
        """Answer, or not."""
        self.faults.before("ping")


class MemoryInbox:
    """Deliveries in the order in which they were received."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._lock = Lock()
        self._waiting: dict[str, Delivery] = {}
        self.kept: dict[str, Delivery] = {}  # whatever became of them
        self.merged: list[str] = []
        self.failures: dict[str, Failure] = {}

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery; False if it was kept before."""
        self._faults.before("inbox.add")
        with self._lock:
            known = {*self._waiting, *self.merged, *self.failures}
            is_new = delivery.id not in known
            if is_new:
                received_at = _stored(delivery.received_at)
                self._waiting[delivery.id] = replace(delivery, received_at=received_at)
                self.kept[delivery.id] = self._waiting[delivery.id]
        self._faults.after("inbox.add")
        return is_new

    def add_all(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries, each once."""
        self._faults.before("inbox.add_all")
        for delivery in deliveries:
            self.add(delivery)

    def pending(self, size: int) -> Iterator[list[Delivery]]:
        """Read what is not merged, oldest first."""
        self._faults.before("inbox.pending")
        found = sorted(self._waiting.values(), key=lambda delivery: delivery.received_at)
        for start in range(0, len(found), size):
            self._faults.before("inbox.pending")
            yield found[start : start + size]

    def begin(self, delivery_id: str) -> None:
        """Note that a delivery is about to be merged alone."""
        self._faults.before("inbox.begin")
        if (found := self._waiting.get(delivery_id)) is not None:
            self._waiting[delivery_id] = replace(found, begun=found.begun + 1)

    def settle(self, merged: Sequence[str], failures: Iterable[Failure], now: datetime) -> None:
        """Take deliveries out; those that failed keep their reason."""
        self._faults.before("inbox.settle")
        for name in merged:
            if self._waiting.pop(name, None):
                self.merged.append(name)
        for failure in failures:
            if self._waiting.pop(failure.id, None):
                self.failures[failure.id] = failure
        self._faults.after("inbox.settle")

    def oldest_pending_at(self) -> datetime | None:
        """Return when the oldest delivery that waits was received."""
        self._faults.before("inbox.oldest_pending_at")
        return min((one.received_at for one in self._waiting.values()), default=None)

    def count_failed(self) -> int:
        """Return how many deliveries were put aside."""
        self._faults.before("inbox.count_failed")
        return len(self.failures)


class MemoryTexts:
    """The whole texts of pushed messages, in the deliveries that brought them."""

    def __init__(self, inbox: MemoryInbox) -> None:
        self._inbox = inbox

    def whole_text(self, delivery_id: str) -> str:
        """Read the text of a message that was kept."""
        found = self._inbox.kept.get(delivery_id)
        return whole_text(found.body) if found else ""


class MemoryCards:
    """Cards as documents, compared on their revision."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._lock = Lock()
        self._documents: dict[str, bytes] = {}

    def find(self, ids: Sequence[str]) -> dict[str, Card]:
        """Read the cards that exist, by id."""
        self._faults.before("cards.find")
        return {name: self._read(name) for name in ids if name in self._documents}

    def find_families(self, families: Sequence[str]) -> list[Card]:
        """Read the cards of the same things in every channel, oldest first."""
        self._faults.before("cards.find_families")
        found = [one for one in self.all() if family_of(one.id) in families]
        return sorted(found, key=lambda one: one.created_at)

    def owned(self, message_ids: Sequence[str]) -> set[str]:
        """Tell which of these messages a card has noted as its own."""
        self._faults.before("cards.owned")
        noted = {name for one in self.all() for name in (one.message_id, one.reply_id)}
        return noted & set(message_ids)

    def unsure(self, channel_id: str) -> list[Card]:
        """Read the cards of a channel that may have a message that nobody noted."""
        self._faults.before("cards.unsure")
        return [one for one in self.all() if one.unsure_since and one.channel_id == channel_id]

    def save(self, card: Card, now: datetime) -> Card | None:
        """Write a card over the revision it was read at; None if somebody else was faster."""
        self._faults.before("cards.save")
        saved = storable(replace(card, revision=card.revision + 1))
        with self._lock:
            known = self._read(card.id).revision if card.id in self._documents else 0
            if known != card.revision:
                return None
            self._documents[card.id] = bson.encode(card_document(saved))
        self._faults.after("cards.save")
        return saved

    def due(self) -> Iterator[QueueEntry]:
        """Read what every card that waits waits for."""
        self._faults.before("cards.due")
        for card in self._having("is_due", "due_at"):
            if (entry := entry_of(card)) is not None:
                yield entry

    def dropped(self) -> Iterator[Card]:
        """Read every card that was given up."""
        self._faults.before("cards.dropped")
        yield from self._having("dropped", "created_at")

    def count_dropped(self) -> int:
        """Return how many cards were given up."""
        self._faults.before("cards.count_dropped")
        return sum(1 for _ in self._having("dropped", "created_at"))

    def open(self) -> Iterator[Card]:
        """Read every card whose build has not ended."""
        self._faults.before("cards.open")
        yield from self._having("is_open", "created_at")

    def event_of(self, host: str, slug: str, number: int) -> str:
        """Read what a build was made by, "" if it is not known."""
        self._faults.before("cards.event_of")
        builds = [card.content for card in self.all() if isinstance(card.content, BuildState)]
        places = {(one.system.host, one.repo.slug, one.build.number): one for one in builds}
        found = places.get((host, slug, number))
        return found.build.event if found else ""

    def expire(self, name: str) -> None:
        """Lose a card, as a TTL makes it."""
        del self._documents[name]

    def all(self) -> list[Card]:
        """Return every card, for the test to look at."""
        return [self._read(name) for name in self._documents]

    def _having(self, key: str, order: str) -> Iterator[Card]:
        documents = [
            document for raw in self._documents.values() if key in (document := _read(raw))
        ]
        yield from map(read_card, sorted(documents, key=lambda document: document[order]))

    def _read(self, name: str) -> Card:
        return read_card(_read(self._documents[name]))


class MemoryBuilds:
    """What the cards know of builds."""

    def __init__(self, faults: Faults, cards: MemoryCards, repos: "MemoryRepos") -> None:
        self._faults = faults
        self._cards = cards
        self._repos = repos

    def newest(self, slug: str, count: int) -> list[BuildState]:
        """Read the builds of a repository, or of all for "", newest first and without steps."""
        self._faults.before("builds.newest")
        found = [state for _, state in self._of(slug) if slug or state.build.created > 0]
        if slug:
            found.sort(key=lambda state: state.build.number)
        else:
            found.sort(key=lambda state: (state.build.created, state.build.id))
        states = found[::-1][:count]
        return [
            replace(state, stages=tuple(replace(one, steps=()) for one in state.stages))
            for state in states
        ]

    def find(self, slug: str, number: int) -> BuildState | None:
        """Read one build with everything."""
        self._faults.before("builds.find")
        found = [
            (card.created_at, state)
            for card, state in self._of(slug)
            if state.build.number == number
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def _of(self, slug: str) -> list[tuple[Card, BuildState]]:
        """List the builds of a repository by the name that it has now, or that it had."""
        builds = list(self._builds())
        called = [state for _, state in builds if state.repo.slug == slug]
        called.sort(key=lambda state: -state.build.number)
        named = identities(self._repos.known(), slug) or [
            (state.system.host, state.repo.id) for state in called[:1]
        ]
        return [
            (card, state)
            for card, state in builds
            if not slug or (state.system.host, state.repo.id) in named
        ]

    def _builds(self) -> Iterator[tuple[Card, BuildState]]:
        for card in self._cards.all():
            if isinstance(card.content, BuildState) and card.content.build.number > 0:
                yield card, card.content


class MemoryActions:
    """Actions once each, and holds that lapse."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._lock = Lock()
        self._actions: dict[str, AuditEntry] = {}
        self._holds: dict[str, ActionLock] = {}

    def begin(self, action: AuditEntry) -> bool:
        """Note an interaction; False if it was noted before."""
        self._faults.before("actions.begin")
        with self._lock:
            is_new = action.id not in self._actions
            self._actions.setdefault(action.id, replace(action, at=_stored(action.at)))
        self._faults.after("actions.begin")
        return is_new

    def finish(self, action_id: str, result: str, now: datetime) -> None:
        """Note what came of it."""
        self._faults.before("actions.finish")
        with self._lock:
            if action_id in self._actions:
                self._actions[action_id] = replace(self._actions[action_id], result=result)

    def find(self, action_id: str) -> AuditEntry | None:
        """Read what was noted of an interaction."""
        return self._actions.get(action_id)

    def hold(self, hold: ActionLock, now: datetime) -> ActionLock | None:
        """Hold an act on a build; return who holds it already, None if it is ours now."""
        self._faults.before("actions.hold")
        with self._lock:
            standing = self._holds.get(hold.key)
            if standing is not None and standing.until > now:
                return standing
            self._holds[hold.key] = replace(hold, until=_stored(hold.until))
            return None

    def keep(self, hold: ActionLock) -> None:
        """Change a hold of ours."""
        self._faults.before("actions.keep")
        with self._lock:
            if self._is_ours(hold):
                self._holds[hold.key] = replace(hold, until=_stored(hold.until))

    def release(self, hold: ActionLock) -> None:
        """Give a hold of ours back."""
        self._faults.before("actions.release")
        with self._lock:
            if self._is_ours(hold):
                del self._holds[hold.key]

    def _is_ours(self, hold: ActionLock) -> bool:
        return hold.key in self._holds and self._holds[hold.key].by == hold.by


class MemoryLeases:
    """Leases, compared on holder and beat."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._leases: dict[str, tuple[Lease, Mapping[str, Any]]] = {}

    def read(self, name: str) -> tuple[Lease, Mapping[str, Any]] | None:
        """Return the lease and what its holder last told of itself."""
        self._faults.before("leases.read")
        return self._leases.get(name)

    def write(self, name: str, lease: Lease, report: Mapping[str, Any], over: Lease | None) -> bool:
        """Write a lease over the one that was read; False if it moved."""
        self._faults.before("leases.write")
        found = self._leases[name][0] if name in self._leases else None
        if _signs(found) != _signs(over):
            return False
        self._leases[name] = (replace(lease, renewed_at=_stored(lease.renewed_at)), dict(report))
        self._faults.after("leases.write")
        return True

    def lose(self, name: str) -> None:
        """Lose a lease, as `init-db --drop` makes it."""
        del self._leases[name]


class MemoryHeartbeat:
    """When any server was there last, and how often one came back."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._beaten_at: datetime | None = None
        self._returns = 0

    def beat(self, now: datetime) -> datetime | None:
        """Note that a server is there; return when one was before, None if it has left."""
        self._faults.before("heartbeat.beat")
        before, now = self._beaten_at, _stored(now)
        self._beaten_at = max(before, now) if before else now
        return before

    def leave(self) -> None:
        """Note that a server goes."""
        self._faults.before("heartbeat.leave")
        self._beaten_at = None

    def note_return(self) -> None:
        """Note that a server is back after none was there."""
        self._faults.before("heartbeat.note_return")
        self._returns += 1

    def returns(self) -> int:
        """Return how often a server came back."""
        self._faults.before("heartbeat.returns")
        return self._returns


class MemoryRepos:
    """Known repositories, and since when builds are shown."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._known: dict[str, KnownRepo] = {}
        self._since: dict[str, datetime] = {}

    def list(self) -> Sequence[KnownRepo]:
        """Read them all, the one heard of last first."""
        self._faults.before("repos.list")
        return self.known()

    def known(self) -> Sequence[KnownRepo]:
        """Read them all, whatever else goes wrong."""
        return sorted(self._known.values(), key=lambda known: known.heard_at, reverse=True)

    def note(self, known: KnownRepo) -> None:
        """Write what is known of a repository."""
        self._faults.before("repos.note")
        self._known[known.id] = replace(known, heard_at=_stored(known.heard_at))

    def since(self, channel_id: str, now: datetime) -> datetime:
        """Return the first instant that was given for a channel."""
        self._faults.before("repos.since")
        return self._since.setdefault(channel_id, _stored(now))


class MemoryWebhooks:
    """What was heard of webhooks."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._heard: dict[WebhookOutcome, WebhookCount] = {}

    def read(self) -> WebhookCounts:
        """Return the last webhook of each kind."""
        self._faults.before("webhooks.read")
        return dict(self._heard)

    def add(self, news: WebhookCounts) -> None:
        """Add what was heard."""
        self._faults.before("webhooks.add")
        stored = {kind: replace(last, at=_stored(last.at)) for kind, last in news.items()}
        self._heard = joined(self._heard, stored)


def _signs(lease: Lease | None) -> tuple[str, int] | None:
    return (lease.holder, lease.beat) if lease else None


def _read(raw: bytes) -> Document:
    return bson.decode(raw, codec_options=CodecOptions(tz_aware=True, tzinfo=UTC))


def _stored(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class MemorySpool:
    """A spool in memory, which may be broken."""

    def __init__(self) -> None:
        self.kept: dict[str, Delivery] = {}
        self.is_broken = False
        self.forgets_nothing = False  # removing fails

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery; False if it was kept before."""
        self._check()
        is_new = delivery.id not in self.kept
        self.kept.setdefault(delivery.id, delivery)
        return is_new

    def oldest(self, count: int, after: Delivery | None = None) -> list[Delivery]:
        """Read at most *count* deliveries that arrived *after* another."""
        self._check()

        def place(one: Delivery) -> tuple[datetime, str]:
            return one.received_at, one.id

        found = sorted(self.kept.values(), key=place)
        return [one for one in found if after is None or place(one) > place(after)][:count]

    def remove(self, ids: Sequence[str]) -> None:
        """Forget deliveries."""
        self._check()
        if self.forgets_nothing:
            raise StoreUnavailable("the disk is full")
        for name in ids:
            del self.kept[name]

    def count(self) -> int:
        """Return how many deliveries wait here."""
        self._check()
        return len(self.kept)

    def _check(self) -> None:
        if self.is_broken:
            raise StoreUnavailable("the disk is full")


# -- Discord ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """One request that reached Discord."""

    kind: str
    channel_id: str
    message_id: str
    body: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Return the title of the embed that was sent."""
        return str(self.body["embeds"][0]["title"])

    @property
    def text(self) -> str:
        """Return everything that was sent."""
        return json.dumps(self.body, ensure_ascii=False)


def ok(message_id: str, **headers: str) -> Answer:
    """Answer as Discord does when it took a message."""
    return Answer(200, {"via": "1.1 google", **headers}, {"id": message_id})


def refusal(status: int, code: int = 0, **body: object) -> Answer:
    """Answer as Discord does when it refuses."""
    said = {"code": code, "message": "No."} if code else {}
    return Answer(status, {"via": "1.1 google"}, {**said, **body})


def limit(retry_after: float, **body: object) -> Answer:
    """Answer with a 429 of one bucket."""
    return refusal(429, message="Slow down.", retry_after=retry_after, **{"global": False} | body)


NOTHING_CAME = Answer(0, {}, {}, "timeout")


class FakeDiscord:
    """Discord's messages: enforced nonces, edits, deletions. What is scripted is answered first."""

    def __init__(self) -> None:
        self.now = START
        self.calls: list[Call] = []
        self.outage: Answer | None = None  # answered instead of doing anything while it lasts
        self.script: deque[Answer] = deque()  # the same, once each
        self.bars: Callable[[Call], Answer | None] | None = None  # what some calls are refused with
        self.lost: deque[Answer] = deque()  # answered after doing it
        self.messages: dict[str, Mapping[str, Any]] = {}
        self.channels: dict[str, str] = {}  # where a message is
        self.deleted: set[str] = set()
        self.searches: deque[Answer] = deque()  # answered instead of a list of messages
        self.openings: deque[Answer] = deque()  # answered to opening a thread
        self.identities: deque[Answer] = deque()  # answered instead of who the bot is
        self._nonces: dict[tuple[str, str], str] = {}

    def create_message(self, channel_id: str, body: Mapping[str, Any]) -> Answer:
        """Post a message; an enforced nonce is answered with the message that it made."""
        if refused := self._refused(Call("create", channel_id, "", body)):
            return refused
        key = (channel_id, str(body["nonce"]))
        if body.get("enforce_nonce") is not True or key not in self._nonces:
            self._nonces[key] = self._snowflake()
            self.messages[self._nonces[key]] = body
            self.channels[self._nonces[key]] = channel_id
        message_id = self._nonces[key]
        return self._answer(refusal(404, 10008) if message_id in self.deleted else ok(message_id))

    def edit_message(self, channel_id: str, message_id: str, body: Mapping[str, Any]) -> Answer:
        """Change a message that is there."""
        if refused := self._refused(Call("edit", channel_id, message_id, body)):
            return refused
        if message_id in self.deleted or message_id not in self.messages:
            return refusal(404, 10008)
        self.messages[message_id] = {**self.messages[message_id], **body}
        return self._answer(ok(message_id))

    def recent_messages(self, channel_id: str, after: str) -> Answer:
        """List what is younger than an id, newest first; without nonces, as after some minutes."""
        self.calls.append(Call("search", channel_id, after, {}))
        if self.searches:
            return self.searches.popleft()
        there = [name for name in self.messages if self.channels.get(name) == channel_id]
        found = [
            {
                "id": name,
                "author": {"id": BOT},
                **{
                    key: self.messages[name][key]
                    for key in ("embeds", "content", "components", "message_reference")
                    if key in self.messages[name]
                },
            }
            for name in sorted(there, key=int, reverse=True)
            if name not in self.deleted and int(name) > int(after)
        ]
        return Answer(200, {"via": "1.1 google"}, {"items": found})

    def find_message(self, channel_id: str, message_id: str) -> Answer:
        """Read one message."""
        return ok(message_id) if message_id in self.messages else refusal(404, 10008)

    def open_thread(self, channel_id: str) -> Answer:
        """Open an archived thread, where that is allowed."""
        self.calls.append(Call("open", channel_id, "", {}))
        answer = self.openings.popleft() if self.openings else refusal(403, 50013)
        if answer.status == 200:
            self.bars = None
        return answer

    def who_am_i(self) -> Answer:
        """Return the bot's own user."""
        return self.identities.popleft() if self.identities else ok(BOT)

    def delete(self, message_id: str) -> None:
        """Do what a person may do."""
        self.deleted.add(message_id)

    def forget_nonces(self) -> None:
        """Let the few minutes pass for which nonces are kept."""
        self._nonces.clear()

    def shown(self) -> list[str]:
        """Return the titles that people see, in the order of the messages."""
        there = (self.messages[key] for key in self.messages if key not in self.deleted)
        return [str(body["embeds"][0]["title"]) for body in there]

    def kinds(self) -> list[str]:
        """Return what was asked for, in order."""
        return [call.kind for call in self.calls]

    def _refused(self, call: Call) -> Answer | None:
        self.calls.append(call)
        if self.outage or self.script:
            return self.outage or self.script.popleft()
        return self.bars(call) if self.bars else None

    def _answer(self, answer: Answer) -> Answer:
        return self.lost.popleft() if self.lost else answer

    def _snowflake(self) -> str:
        milliseconds = int(self.now.timestamp() * 1000) - DISCORD_EPOCH_MS
        return str((milliseconds << 22) + len(self.messages))


# -- Drone ------------------------------------------------------------------------------------

NOT_FOUND = Answer(404, {}, {"message": "sql: no rows in result set"})
NO_REPOS = Answer(200, {}, {"items": []})
FORBIDDEN = Answer(403, {}, {"message": "Forbidden"})
PAGE = 25


class FakeDrone:
    """Drone's API as far as it is read: repositories, their builds, and logs."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.outage: Answer | None = None  # answered to everything while it lasts
        self.script: deque[Answer] = deque()  # the same, once each
        self.repos: dict[str, Document] = {}
        self.rows: dict[str, dict[int, Document]] = {}  # builds by repository and number
        self.logs: dict[str, Answer] = {}
        self.is_person = True
        self.is_admin = False

    def add(self, body: Mapping[str, Any], **build: Any) -> Document:
        """Keep the build of a webhook's body, with changes; return its row."""
        slug = body["repo"]["slug"]
        self.repos[slug] = dict(body["repo"])
        row = {"repo_id": body["repo"]["id"], **body["build"], **build}
        self.rows.setdefault(slug, {})[row["number"]] = row
        return row

    def who_am_i(self) -> Answer:
        """Return the account."""
        account = {"login": "bridge", "admin": self.is_admin}
        return self._answer("account", Answer(200, {}, account))

    def own_repos(self) -> Answer:
        """List the repositories of a person; a machine has none."""
        return self._answer("own repos", self._repos() if self.is_person else NO_REPOS)

    def all_repos(self) -> Answer:
        """List all repositories."""
        return self._answer("all repos", self._repos() if self.is_admin else FORBIDDEN)

    def builds(self, slug: str) -> Answer:
        """List the newest builds of a repository without their stages."""
        found = [_bare(row) for row in self._newest(slug)[:PAGE]]
        is_there = slug in self.repos
        listed = Answer(200, {}, {"items": found})
        return self._answer(f"builds {slug}", listed if is_there else NOT_FOUND)

    def build(self, slug: str, number: int) -> Answer:
        """Return a build with its stages."""
        row = self.rows.get(slug, {}).get(number) if slug in self.repos else None
        return self._answer(f"build {slug} {number}", Answer(200, {}, row) if row else NOT_FOUND)

    def repo(self, slug: str) -> Answer:
        """Return a repository."""
        found = self.repos.get(slug)
        return self._answer(f"repo {slug}", Answer(200, {}, found) if found else NOT_FOUND)

    def step_log(self, slug: str, number: int, stage: int, step: int) -> Answer:
        """Return the log of a step."""
        name = f"log {slug} {number} {stage} {step}"
        return self._answer(name, self.logs.get(name, NOT_FOUND))

    def _repos(self) -> Answer:
        listed = [
            {**repo, "counter": max(self.rows.get(slug, {}), default=0)}
            for slug, repo in self.repos.items()
        ]
        return Answer(200, {}, {"items": listed})

    def _newest(self, slug: str) -> list[Document]:
        return [row for _, row in sorted(self.rows.get(slug, {}).items(), reverse=True)]

    def _answer(self, name: str, answer: Answer) -> Answer:
        self.asked.append(name)
        if self.script:
            return self.script.popleft()
        return self.outage or answer


def _bare(row: Mapping[str, Any]) -> Document:
    return {name: value for name, value in row.items() if name != "stages"}


def at_once(work: Callable[[], None]) -> Future[None]:
    """Do what is left to another thread at once."""
    done: Future[None] = Future()
    try:
        done.set_result(work())
    except StoreUnavailable as error:
        done.set_exception(error)
    return done


def seconds(count: float) -> timedelta:
    """Return a span."""
    return timedelta(seconds=count)
