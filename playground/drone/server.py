"""Be the Drone server's memory: its rows, its clock, its outbox; decides nothing about builds."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from math import inf
from random import Random

from playground.drone import wire
from playground.drone.delivery import Delivery
from playground.drone.loop import Loop, Task
from playground.drone.pipeline import StagePlan
from playground.drone.rows import Build, Line, Repo, Stage, Step, System, User
from playground.drone.table import Table


@dataclass(slots=True)
class Server:
    """Hold one Drone server in simulated time.

    *scale* shortens (or lengthens) what people see of time, not the order of what happens.
    """

    random: Random
    start: int  # Unix seconds.
    scale: float = 1.0
    first_id: int = 1000
    system: System = field(default_factory=System)
    loop: Loop = field(default_factory=Loop)
    owner: User = field(default_factory=lambda: User(1, "octocat"))
    repos: dict[str, Repo] = field(default_factory=dict)
    builds: Table[Build] = field(default_factory=lambda: Table[Build](lambda row: row.repo_id))
    stages: Table[Stage] = field(default_factory=lambda: Table[Stage](lambda row: row.build_id))
    steps: Table[Step] = field(default_factory=lambda: Table[Step](lambda row: row.step_id))
    plans: dict[int, StagePlan] = field(default_factory=dict)
    runners: dict[int, Task] = field(default_factory=dict)  # By stage.
    signalled: set[int] = field(default_factory=set)  # Builds whose runners were told to stop.
    late_endings: dict[int, float] = field(default_factory=dict)  # Seconds, by build.
    logs: dict[int, Sequence[Line] | None] = field(default_factory=dict)  # Uploaded, by step.
    _ids: dict[str, Iterator[int]] = field(default_factory=dict)
    _outbox: list[tuple[float, int, Delivery]] = field(default_factory=list)
    _sent: Iterator[int] = field(default_factory=count)

    def now(self) -> int:
        """Give the time on Drone's clock in Unix seconds."""
        return self.start + int(self.loop.elapsed * self.scale)

    def next_id(self, kind: str) -> int:
        """Give the next id of a *kind* of row."""
        return next(self._ids.setdefault(kind, count(self.first_id)))

    def repo_of(self, build: Build) -> Repo:
        """Give a copy of the repository that *build* belongs to."""
        found = next(repo for repo in self.repos.values() if repo.id == build.repo_id)
        return replace(found)

    def stages_of(self, build_id: int) -> list[Stage]:
        """Give the stages of a build with their steps, in the order of their ids."""
        stages = self.stages.children(build_id)
        for stage in stages:
            stage.steps = self.steps.children(stage.id)
        return stages

    def send(
        self,
        event: str,
        action: str,
        *,
        user: User | None = None,
        repo: Repo | None = None,
        build: Build | None = None,
        is_in_repo: bool = False,
        late: float = 0.0,
    ) -> None:
        """Put a webhook into the outbox as it is now; it arrives *late* seconds later.

        *is_in_repo* sends the build inside the repository as well, as two of Drone's senders do.
        """
        content = wire.as_object(build) if build else None
        payload: dict[str, object] = {"event": event, "action": action}
        if user:
            payload["user"] = wire.as_object(user)
        if repo:
            payload["repo"] = _repo_object(repo, content if is_in_repo else None)
        if content:
            payload["build"] = content
        payload["system"] = wire.as_object(self.system)
        at = self.loop.elapsed + late
        subject = _subject(user, repo, build)
        sent = self._delivery(payload, at, build, subject)
        heapq.heappush(self._outbox, (at, next(self._sent), sent))

    def _delivery(
        self, payload: Mapping[str, object], at: float, build: Build | None, subject: str
    ) -> Delivery:
        return Delivery(
            event=str(payload["event"]),
            action=str(payload["action"]),
            body=wire.encode(payload),
            at=at * self.scale,
            sent_at=self.start + int(at * self.scale),
            build_id=build.id if build else 0,
            status=build.status if build else "",
            subject=subject,
        )

    def deliveries(self, until: float = inf) -> Iterator[Delivery]:
        """Let simulated time pass until *until*, and give what is sent.

        Without *until*, it passes until nothing is left to happen.
        """
        while self.loop.due_at() <= until and self.loop.step():
            while self._outbox and self._outbox[0][0] < self.loop.elapsed:
                yield heapq.heappop(self._outbox)[2]
        if until < inf:
            self.loop.elapsed = max(self.loop.elapsed, until)
        while self._outbox and self._outbox[0][0] <= until:
            yield heapq.heappop(self._outbox)[2]


def _repo_object(repo: Repo, build: object) -> object:
    row = wire.as_object(repo)
    if build and isinstance(row, dict):
        archived = row.pop("archived")
        row |= {"build": build, "archived": archived}
    return row


def _subject(user: User | None, repo: Repo | None, build: Build | None) -> str:
    if repo and build:
        return f"{repo.slug} #{build.number}"
    if repo:
        return repo.slug
    return user.login if user else ""
