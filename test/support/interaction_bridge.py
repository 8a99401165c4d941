"""Answering interactions without HTTP: doubles for Drone and for Discord's end of it."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from discord_signing import GUILD, MANAGE_GUILD, ROLE, command, interaction, member
from fakes import CHANNEL, HOST, START, MemoryStore, card, payload, seconds

from server.core.delivery import Delivery
from server.core.discord.types import Message
from server.core.drone.payload import read_state
from server.core.http_answer import Answer
from server.core.interactions.authorization import Rights
from server.core.interactions.request import Origin, Ping, read_interaction
from server.core.interactions.response import InteractionResponse
from server.core.model.repository import KnownRepo
from server.errors import StoreUnavailable
from server.services.interactions.directory import RepoDirectory
from server.services.interactions.handle import Handled, handle
from server.services.interactions.query_limit import QueryLimit
from server.services.interactions.services import InteractionServices

SLUG = "octocat/hello-world"
OK = Answer(204, {}, {})
MANAGER = member(MANAGE_GUILD)
OPERATOR = member(0, (ROLE,))
LOOKER = member(0)


def build(status: str = "running", number: int = 7, stage: str = "", **fields: Any) -> Any:
    """Return a build as Drone's API gives it."""
    stages = [{"id": 1, "number": 1, "name": "ci", "status": stage}] if stage else []
    made: Any = payload(status, stages, build_id=number)["build"]
    return {**made, "created": 1_600_000_000 + number, **fields}


def said(status: int, /, **body: Any) -> Answer:
    """Answer as Drone does."""
    return Answer(status, {}, body)


class FakeDrone:
    """Drone by script: the builds it has, what acts are answered, and what was asked for."""

    def __init__(self) -> None:
        self.builds: dict[int, Any] = {}
        self.acts: deque[Answer] = deque()
        self.calls: list[tuple[Any, ...]] = []
        self.logs: dict[tuple[int, int], Answer] = {}
        self.outage: Answer | None = None
        self.repos: dict[str, Any] = {}
        self.unknown: set[str] = set()  # names that no repository has any more
        self.has_stopped = False

    def build(self, slug: str, number: int) -> Answer:
        """Give a build."""
        if self.outage:
            return self.outage
        if slug in self.unknown:
            return said(404, message="Not Found")
        found = self.builds.get(number)
        return said(200, **found) if found else said(404, message="sql: no rows in result set")

    def own_repos(self) -> Answer:
        """List the repositories."""
        return self.outage or said(200, items=list(self.repos.values()))

    def all_repos(self) -> Answer:
        """Refuse the list, as for everybody but an administrator."""
        return said(403, message="Forbidden")

    def repo(self, slug: str) -> Answer:
        """Give a repository."""
        if self.outage:
            return self.outage
        found = self.repos.get(slug)
        return said(200, **found) if found else said(404)

    def step_log(self, slug: str, number: int, stage: int, step: int) -> Answer:
        """Give a log."""
        return self.logs.get((stage, step), said(404))

    def restart(self, slug: str, number: int, params: Mapping[str, str]) -> Answer:
        """Note a restart."""
        return self._act("restart", slug, number, dict(params))

    def cancel(self, slug: str, number: int) -> Answer:
        """Note a cancel."""
        return self._act("cancel", slug, number)

    def promote(self, slug: str, number: int, target: str, params: Mapping[str, str]) -> Answer:
        """Note a promotion."""
        return self._act("promote", slug, number, target, dict(params))

    def rollback(self, slug: str, number: int, target: str, params: Mapping[str, str]) -> Answer:
        """Note a rollback."""
        return self._act("rollback", slug, number, target, dict(params))

    def approve(self, slug: str, number: int, stage: int) -> Answer:
        """Note an approval."""
        return self._act("approve", slug, number, stage)

    def decline(self, slug: str, number: int, stage: int) -> Answer:
        """Note a decline."""
        return self._act("decline", slug, number, stage)

    def interrupt(self) -> None:
        """Note that the process ends."""
        self.has_stopped = True

    def _act(self, *call: Any) -> Answer:
        self.calls.append(call)
        return self.acts.popleft() if self.acts else said(204)


class FakeResponder:
    """Discord's end of interactions: what was answered, and what it says to that."""

    def __init__(self) -> None:
        self.callbacks: list[InteractionResponse] = []
        self.edits: list[Message] = []
        self.script: deque[Answer] = deque()

    def callback(self, origin: Origin, callback: InteractionResponse) -> Answer:
        """Take a first answer."""
        self.callbacks.append(callback)
        return self.script.popleft() if self.script else OK

    def edit_original(self, origin: Origin, message: Message) -> Answer:
        """Take the answer that was promised."""
        self.edits.append(message)
        return self.script.popleft() if self.script else OK


@dataclass
class Bridge:
    """The bridge as members of Discord meet it; *kept* are deliveries that it wrote."""

    store: MemoryStore = field(default_factory=MemoryStore)
    drone: FakeDrone = field(default_factory=FakeDrone)
    responder: FakeResponder = field(default_factory=FakeResponder)
    kept: list[Delivery] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)
    repo: dict[str, Any] = field(default_factory=dict)  # what is special about the repository
    has_drone: bool = True
    server: str = f"https://{HOST}"  # Drone's address
    cannot_keep: bool = False
    channel: str = CHANNEL  # where people are
    now: datetime = START
    count: int = 0
    query_limit: QueryLimit = field(init=False)

    def __post_init__(self) -> None:
        self.query_limit = QueryLimit(self.store.actions, lambda: self.now)

    def services(self) -> InteractionServices:
        """Put together what answers."""
        drone: Any = self.drone if self.has_drone else None  # it has what people can ask for
        return InteractionServices(
            rights=Rights(GUILD, CHANNEL, frozenset({ROLE})),
            cards=self.store.cards,
            builds=self.store.builds,
            repos=self.store.repos,
            audit=self.store.actions,
            responder=self.responder,
            keep=self._keep,
            pause=self.paused.append,
            clock=lambda: self.now,
            drone=drone,
            drone_server=self.server,
            directory=RepoDirectory(drone, lambda: self.now),
            query_limit=self.query_limit,
            public_url=f"https://{HOST}",
        )

    def has(self, status: str = "running", number: int = 7, stage: str = "", **fields: Any) -> None:
        """Have a build in Drone, and its card in the database."""
        self.drone.builds[number] = build(status, number, stage, **fields)
        self.knows(status, number, stage, **fields)

    def knows(
        self, status: str = "running", number: int = 7, stage: str = "", **fields: Any
    ) -> None:
        """Have the card of a build in the database."""
        body = payload(status)
        body["repo"] |= self.repo
        body["build"] = build(status, number, stage, **fields)
        made = card(read_state(body), created_at=START + seconds(number))
        assert self.store.cards.save(made, START) is not None

    def hears_of(self, slug: str, repo_id: int = 1, host: str = HOST) -> None:
        """Have heard what a repository is called now."""
        body = payload()
        body["repo"] |= {"slug": slug, "id": repo_id}
        body["system"]["host"] = host
        state = read_state(body)
        self.store.repos.note(KnownRepo(state.system, state.repo, 9, self.now))

    def command(self, name: str, who: Any = MANAGER, **options: Any) -> Handled:
        """Let somebody run a command and return the reply; its work is not done."""
        return self._answer(2, command(name, **options), who)

    def press(self, custom_id: str, who: Any = MANAGER) -> Handled:
        """Let somebody press a button."""
        return self._answer(3, {"custom_id": custom_id, "component_type": 2}, who)

    def typing(self, name: str, focused: str, **options: Any) -> list[Any]:
        """Let somebody type, and return what is suggested: names and values."""
        reply = self._answer(4, command(name, focused, **options), LOOKER)
        assert reply.response["type"] == 8
        return [(one["name"], one["value"]) for one in reply.response["data"]["choices"]]

    def result(self) -> str:
        """Return what is noted of the latest interaction."""
        action = self.store.actions.find(f"50000000000000{self.count:04}")
        assert action is not None
        return action.result

    def _answer(self, kind: int, data: Any, who: Any) -> Handled:
        self.count += 1
        body = interaction(kind, self.channel, self.count, data=data, member=who)
        read = read_interaction(body)
        assert not isinstance(read, Ping)
        return handle(read, self.services())

    def _keep(self, delivery: Delivery) -> None:
        if self.cannot_keep:
            raise StoreUnavailable("the disk is full")
        self.kept.append(delivery)


def text_of(message: Any) -> str:
    """Return what a person reads of a message without an embed."""
    return str(message["content"])


def at_once(reply: Handled) -> str:
    """Return the text of an answer that is given at once, to nobody but the one who asked."""
    assert reply.work is None
    assert reply.response["type"] == 4
    assert reply.response["data"]["flags"] == 64
    assert reply.response["data"]["allowed_mentions"] == {"parse": []}
    return text_of(reply.response["data"])


def finished(bridge: Bridge, reply: Handled) -> str:
    """Do the work of a reply and return what the person was told."""
    assert reply.response == {"type": 5, "data": {"flags": 64}}
    assert reply.work is not None
    reply.work()
    assert bridge.responder.edits[-1]["allowed_mentions"] == {"parse": []}
    return text_of(bridge.responder.edits[-1])
