"""Fetch the end of a failed step's log, after its ending was merged and never before."""

import logging
from dataclasses import dataclass, replace

from server.core.cards.card import Card
from server.core.drone.answers import LogFound
from server.core.drone.poll_intervals import PollIntervals
from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import DroneQuery, DroneResponse, QueryKind
from server.core.drone.synthetic import synthesize_log
from server.core.instant import Instant
from server.core.model.build import BuildState
from server.core.model.failure import failing_step, wants_log
from server.services.ports import Inbox
from server.services.sync.repositories import Repositories

log = logging.getLogger(__name__)

# A log that is not there is queried at once, after 5, 15 and 35 seconds, and then never.
LAST_PAUSE = 8


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """Which logs are shown: the last *lines* of each, of private repositories only if allowed."""

    lines: int = 0
    private_allowed: bool = False


class StepLogs:
    """The logs that are queried; only `on_response` may raise StoreUnavailable."""

    kinds = frozenset({QueryKind.LOG})

    def __init__(
        self,
        inbox: Inbox,
        repos: Repositories,
        queue: PollQueue,
        policy: LogPolicy,
        intervals: PollIntervals,
    ) -> None:
        self._inbox = inbox
        self._repos = repos
        self._queue = queue
        self._policy = policy
        self._intervals = intervals
        self._states: dict[DroneQuery, BuildState] = {}

    def on_card(self, card: Card, now: Instant) -> None:
        """Query the log of the step that failed, if it is to be shown and was not fetched."""
        state = card.content
        if not isinstance(state, BuildState) or not self._repos.is_polled(state.system):
            return
        found = failing_step(state)
        if found is None or not wants_log(state, self._policy.lines, self._policy.private_allowed):
            return
        stage, step = found
        number = state.build.number
        query = DroneQuery(
            QueryKind.LOG, card.id, number=number, stage=stage.number, step=step.number
        )
        self._states[query] = state
        if query not in self._queue:
            self._queue.put(query, now.tick, self._intervals.log, is_urgent=True)

    def resolve(self, query: DroneQuery) -> DroneQuery | None:
        """Name the repository as Drone does now; None if the log is not needed any more."""
        state = self._states.get(query)
        return replace(query, slug=self._repos.slug(state)) if state else None

    def on_response(self, response: DroneResponse, now: Instant) -> None:
        """Report the end of a log, or try again; a step may end before its log is there."""
        query, result = response.query, response.result
        state = self._states.get(query)
        if state is None:
            return
        if isinstance(result, LogFound):
            place = (query.stage, query.step)
            self._inbox.add(synthesize_log(state, *place, result.text, self._policy.lines, now.at))
        elif self._queue.pause_of(query) <= LAST_PAUSE * self._intervals.log:
            return
        else:
            log.info("The log of a step is not to be had.", extra={"card": query.subject})
        self._states.pop(query)
        self._queue.drop(query)
