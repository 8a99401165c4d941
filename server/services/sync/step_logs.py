"""Fetch the end of a failed step's log, after its ending was passed on and never before."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from server.core.cards.card import Card
from server.core.drone.log_report import tell_log
from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import DroneQuery, DroneResponse, Meaning, QueryKind, read_meaning
from server.core.drone.synthetic import Spans
from server.core.model.build import BuildState
from server.core.model.failure import failing_step, wants_log
from server.services.ports import Store
from server.services.sync.repositories import Repositories

log = logging.getLogger(__name__)

# A log that is not there is asked for at once, after 5, 15 and 35 seconds, and no more.
LAST_PAUSE = 8


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """Which logs are wanted: so many *lines* of each, of private repositories only if allowed."""

    lines: int = 0
    private_allowed: bool = False


class StepLogs:
    """The logs that are asked for; only `answered` may raise StoreUnavailable."""

    def __init__(
        self, store: Store, repos: Repositories, schedule: PollQueue, wish: LogPolicy, spans: Spans
    ) -> None:
        self._store = store
        self._repos = repos
        self._schedule = schedule
        self._wish = wish
        self._spans = spans
        self._wanted: dict[DroneQuery, BuildState] = {}

    def heard(self, card: Card, tick: float) -> None:
        """Ask for the log of what failed, if it is wanted and was not fetched."""
        state = card.content
        if not isinstance(state, BuildState) or not self._repos.is_home(state.system):
            return
        found = failing_step(state)
        if found is None or not wants_log(state, self._wish.lines, self._wish.private_allowed):
            return
        stage, step = found
        number = state.build.number
        question = DroneQuery(
            QueryKind.LOG, card.id, number=number, stage=stage.number, step=step.number
        )
        self._wanted[question] = state
        if question not in self._schedule:
            self._schedule.put(question, tick, self._spans.log, is_urgent=True)

    def resolve(self, question: DroneQuery) -> DroneQuery | None:
        """Name the repository as Drone does now; None if the log is not wanted any more."""
        state = self._wanted.get(question)
        return replace(question, slug=self._repos.slug(state)) if state else None

    def answered(self, reply: DroneResponse, now: datetime) -> None:
        """Pass the end of a log on, or try again; a step may end before its log is there."""
        question = reply.question
        state = self._wanted.get(question)
        if state is None:
            return
        if read_meaning(reply) is Meaning.FOUND:
            rows = reply.answer.body.get("items")
            lines = rows if isinstance(rows, list) else []
            told = tell_log(state, question.stage, question.step, lines, self._wish.lines, now)
            self._store.inbox.add(told)
        elif self._schedule.pause_of(question) <= LAST_PAUSE * self._spans.log:
            return
        else:
            log.info("The log of a step is not to be had.", extra={"card": question.subject})
        self._wanted.pop(question)
        self._schedule.drop(question)
