"""A worker with its store, its Discord and its Drone, round by round, and what it queries."""

from dataclasses import replace
from itertools import count
from typing import Any

from fakes import (
    CHANNEL,
    HOST,
    START,
    FakeDiscord,
    FakeDrone,
    MemoryStore,
    at_once,
    delivery,
    seconds,
    state,
)

from server.core.drone.poll_intervals import INTERVALS, PollIntervals
from server.core.drone.query import DroneQuery, DroneResponse
from server.core.instant import Instant
from server.core.model.build import BuildState
from server.core.model.repository import KnownRepo
from server.services.sync.query import query_drone
from server.services.sync.reconcile import Reconcile
from server.services.sync.step_logs import LogPolicy
from server.services.worker.deliver import send
from server.services.worker.dispatch import Dispatcher, Result
from server.services.worker.display import DisplayConfig
from server.services.worker.leadership import NAME, Leadership
from server.services.worker.request import Request
from server.services.worker.round import Worker

DISPLAY = DisplayConfig(CHANNEL, "", seconds(2))
SLUG = "octocat/hello-world"
NUMBERS = count()


class Bridge:
    """A worker with its store, its Discord and its Drone; both answer with the next round."""

    def __init__(
        self,
        store: MemoryStore | None = None,
        drone: FakeDrone | None = None,
        tick: float = 1000.0,
        authority: str = HOST,
        intervals: PollIntervals = INTERVALS,
        channel_id: str = CHANNEL,
    ) -> None:
        self.store = store or MemoryStore()
        self.drone = drone or FakeDrone()
        self.discord = FakeDiscord()
        self.tick = tick
        self.intervals = intervals
        self.queries: list[tuple[float, DroneQuery]] = []
        self.holds_back = False  # Drone answers nothing
        self._requests: list[Request] = []
        self._waiting: list[DroneQuery] = []
        display = replace(DISPLAY, channel_id=channel_id)
        self.worker = Worker(
            self.store,
            Leadership(self.store.leases, f"worker-{next(NUMBERS)}", 6.0),
            display,
            Dispatcher(self.store, display, lambda: 0.0, self._requests.append),
            self.store.prepare,
            at_once,
            Reconcile(
                self.store,
                authority,
                channel_id,
                self._submit,
                self._collect,
                lambda: 0.0,
                LogPolicy(lines=3),
                intervals,
            ),
        )

    def _submit(self, query: DroneQuery) -> None:
        self.queries.append((self.tick, query))
        self._waiting.append(query)

    def _collect(self) -> list[DroneResponse]:
        if self.holds_back:
            return []
        waiting, self._waiting = self._waiting, []
        return [query_drone(query, self.drone) for query in waiting]

    @property
    def now(self) -> Instant:
        return Instant(START + seconds(self.tick - 1000.0), self.tick)

    def receive(self, *bodies: dict[str, Any], late: float = 0.0) -> None:
        """Let webhooks arrive, some perhaps *late*."""
        for body in bodies:
            name = f"webhook-{next(NUMBERS)}"
            self.store.inbox.add(delivery(name, body, self.now.at - seconds(late)))

    def works(self, span: float = 30.0, step: float = 0.1) -> None:
        """Let time pass in steps, each with a round."""
        end = self.tick + span
        while self.tick < end:
            out, self._requests[:] = list(self._requests), []
            results = [Result(one, send(one, self.discord, lambda: self.tick)) for one in out]
            while self.worker.round(results, self.now):
                results = []
            self.tick += step
            self.discord.now = self.now.at

    def restarted(self, after: float = 1.0) -> "Bridge":
        """Stop, and start again after some time."""
        self.worker.release(self.now)
        later = Bridge(self.store, self.drone, self.tick + after, intervals=self.intervals)
        later.discord = self.discord
        return later

    def asked(self, word: str = "build ") -> list[str]:
        """Return what Drone was asked of one kind."""
        return [name for name in self.drone.asked if name.startswith(word)]

    def times(self) -> list[int]:
        """Return after how many seconds builds were asked for."""
        return [round(tick - 1000) for tick, one in self.queries if one.kind == "build"]

    def titles(self) -> list[str]:
        return self.discord.shown()

    def state(self) -> BuildState:
        (card,) = self.store.cards.all()
        assert isinstance(card.content, BuildState)
        return card.content

    def state_of(self, build_id: int) -> BuildState:
        (content,) = (
            card.content
            for card in self.store.cards.all()
            if isinstance(card.content, BuildState) and card.content.build.id == build_id
        )
        return content

    def drone_report(self) -> tuple[str, int]:
        found = self.store.leases.read(NAME)
        assert found is not None
        return found[1]["drone"], found[1]["drone_seconds"]


def known(**changes: Any) -> KnownRepo:
    """Return what is known of the repository before build 7."""
    before = state(build_id=6)
    return replace(KnownRepo(before.system, before.repo, 6, START, settled=((1, 6),)), **changes)


def begun() -> Bridge:
    """Return a bridge that has begun and knows builds 1 to 6, so that 7 comes next."""
    bridge = Bridge()
    bridge.store.repos.note(known())
    bridge.works(0.1)
    return bridge


def created(ago: float = 0.0) -> int:
    """Return the instant of a creation, in Drone's seconds."""
    return int(START.timestamp() - ago)
