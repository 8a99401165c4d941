"""Watch the builds whose cards are open: ask for them when they fall silent, and pass on the news.

Asked is every silent build of the server that we ask, ever more slowly. What Drone does not know
any more is closed, with care: 404 also means that our token may not see it.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from server.core.cards.card import Card
from server.core.cards.content import card_id
from server.core.delivery import Delivery
from server.core.drone.payload import read_state
from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import DroneQuery, DroneResponse, Meaning, QueryKind, read_meaning
from server.core.drone.synthetic import Spans, may_be_blocked, may_have_ended, tell, tell_unknown
from server.core.json_reader import integer
from server.core.model.build import BuildState
from server.core.model.repository import KnownRepo, repo_id
from server.core.model.status import is_final
from server.services.ports import Store
from server.services.sync.repositories import Repositories

log = logging.getLogger(__name__)

# A report has to fit the store, as a webhook has to: the server takes no larger one.
MAX_BYTES = 8 * 1024 * 1024
# A repository that our token could see, and cannot for so long, counts as gone.
GONE_AFTER = timedelta(minutes=20)


class OpenBuilds:
    """The open builds, by card; what closes one or passes it on may raise StoreUnavailable."""

    def __init__(
        self, store: Store, repos: Repositories, schedule: PollQueue, channel_id: str, spans: Spans
    ) -> None:
        self._store = store
        self._repos = repos
        self._schedule = schedule
        self._channel_id = channel_id
        self._spans = spans
        self._states: dict[str, BuildState] = {}

    def forget_all(self) -> None:
        """Watch nothing."""
        for key in list(self._states):
            self._forget(key)

    def ask_all(self, tick: float, repo: str = "") -> None:
        """Ask for every open build now, or for those of one repository."""
        for key in self._keys(repo):
            self._schedule.put(_question(key), tick, self._spans.silence)

    def close_all(self, repo: str, now: datetime) -> None:
        """Close every open build of a repository that is no more."""
        for key in self._keys(repo):
            self._close(key, self._states[key], now)

    def heard(self, card: Card, now: datetime, tick: float) -> None:
        """Take note of what a card says now; with news the silence begins again, or is over."""
        state = card.content
        if not isinstance(state, BuildState) or not self._repos.is_home(state.system):
            return
        if state.is_ended:
            self._forget(card.id)
            return
        if state == self._states.get(card.id):
            return
        known = self._repos.find(state)
        if known is not None and known.is_deleted:
            self._close(card.id, state, now)
            return
        self._states[card.id] = state
        if may_be_blocked(state) or may_have_ended(state):
            due_at = tick + self._spans.fresh
            self._schedule.put(_question(card.id), due_at, self._spans.silence, is_urgent=True)
        else:
            due_at = tick + self._spans.silence
            self._schedule.put(_question(card.id), due_at, self._spans.silence * 2)

    def resolve(self, question: DroneQuery) -> DroneQuery | None:
        """Name the build as Drone does now; None if it is not watched any more."""
        state = self._states.get(question.subject)
        if state is None or not self._repos.is_home(state.system):
            return None
        return replace(question, slug=self._repos.slug(state), number=state.build.number)

    def answered(self, reply: DroneResponse, now: datetime, tick: float) -> bool:
        """Pass on what Drone says of a build, or find out why it says nothing.

        Return False if its repository does not answer to its name.
        """
        key, meaning = reply.question.subject, read_meaning(reply)
        state = self._states.get(key)
        if state is None or meaning not in (Meaning.FOUND, Meaning.MISSING):
            return True
        is_about_repo = reply.question.kind is QueryKind.REPO
        # A slug may belong to another repository by now, and a number to another build.
        asked_for = state.repo.id if is_about_repo else state.build.id
        is_there = meaning is Meaning.FOUND and integer(reply.answer.body, "id") == asked_for
        known = self._repos.find(state)
        if is_there and known is not None:
            self._repos.note_readable(known)
        if is_about_repo:
            self._schedule.drop(DroneQuery(QueryKind.REPO, key))
            if is_there or self._is_given_up(known, now):
                self._close(key, state, now)
            return is_there
        if is_there:
            self.pass_on(state, reply, now)
            if is_final(read_state({"build": reply.answer.body}).build.status):
                self._forget(key)
        else:
            pause = self._spans.silence
            self._schedule.put(DroneQuery(QueryKind.REPO, key), tick, pause, is_urgent=True)
        return True

    def pass_on(self, state: BuildState, reply: DroneResponse, now: datetime) -> None:
        """Keep what Drone says of a build, as the way of a webhook begins."""
        known = self._repos.find(state)
        told = replace(state, repo=known.repo) if known else state  # under its newest name
        delivery = tell(told, reply.answer.body, now)
        key = card_id(state, self._channel_id)
        if len(delivery.body) > MAX_BYTES:
            log.warning("Drone's answer is too large to keep.", extra={"card": key})
        else:
            self._keep(key, delivery)

    def _is_given_up(self, known: KnownRepo | None, now: datetime) -> bool:
        if known is None:
            return False
        known = self._repos.note_hidden(known, now)
        # Perhaps our token was never allowed to see it.
        return known.is_readable and now - (known.hidden_at or now) >= GONE_AFTER

    def _close(self, key: str, state: BuildState, now: datetime) -> None:
        self._keep(key, tell_unknown(state, now))
        self._forget(key)
        log.warning("Drone does not know a build any more.", extra={"card": key})

    def _keep(self, key: str, delivery: Delivery) -> None:
        if self._store.inbox.add(delivery):
            variables = {"card": key, "delivery": delivery.id[:12]}
            log.info("Drone was asked and had news.", extra=variables)

    def _forget(self, key: str) -> None:
        self._states.pop(key, None)
        self._schedule.drop(_question(key))
        self._schedule.drop(DroneQuery(QueryKind.REPO, key))

    def _keys(self, repo: str) -> list[str]:
        states = self._states.items()
        return [key for key, one in states if not repo or repo_id(one.system, one.repo) == repo]


def _question(key: str) -> DroneQuery:
    return DroneQuery(QueryKind.BUILD, key)
