"""Watch the builds whose cards are open: ask for them when they fall silent, and pass on the news.

Asked is every silent build of the server that we ask, ever more slowly. What Drone does not know
any more is closed, with care: 404 also means that our token may not see it.
"""

import logging
from dataclasses import replace
from datetime import datetime

from server.core.build import BuildState
from server.core.card import Card, card_id, is_ended
from server.core.delivery import Delivery
from server.core.event import read_state
from server.core.inquiry import Kind, Meaning, Question, Reply, read_meaning
from server.core.reading import integer
from server.core.schedule import Schedule
from server.core.status import is_final
from server.core.watch import Spans, may_be_blocked, tell, tell_unknown
from server.services.known_repos import KnownRepos
from server.services.merge import cards_of
from server.services.ports import Store

log = logging.getLogger(__name__)

# A report has to fit the store, as a webhook has to: the server takes no larger one.
MAX_BYTES = 8 * 1024 * 1024
# So often in a row a build and its repository are missing before the build counts as gone; with
# the pauses of the schedule this takes 24 minutes.
MISSES = 5


class Watch:
    """The open builds, by card; `discover` and `answered` may raise StoreUnavailable."""

    def __init__(
        self, store: Store, repos: KnownRepos, schedule: Schedule, channel_id: str, spans: Spans
    ) -> None:
        self._store = store
        self._repos = repos
        self._schedule = schedule
        self._channel_id = channel_id
        self._spans = spans
        self._states: dict[str, BuildState] = {}
        self._misses: dict[str, int] = {}

    def forget_all(self) -> None:
        """Watch nothing."""
        for key in list(self._states):
            self._forget(key)

    def ask_all(self, tick: float) -> None:
        """Ask for every open build now."""
        for key in self._states:
            self._schedule.put(_question(key), tick, self._spans.silence)

    def heard(self, card: Card, tick: float) -> None:
        """Take note of what a card says now; with news the silence begins again, or is over."""
        state = card.content
        if not isinstance(state, BuildState) or not self._repos.is_home(state.system):
            return
        if is_ended(state):
            self._forget(card.id)
            return
        if state == self._states.get(card.id):
            return
        self._states[card.id] = state
        self._misses.pop(card.id, None)
        if may_be_blocked(state):
            due_at = tick + self._spans.fresh
            self._schedule.put(_question(card.id), due_at, self._spans.silence, is_urgent=True)
        else:
            due_at = tick + self._spans.silence
            self._schedule.put(_question(card.id), due_at, self._spans.silence * 2)

    def discover(self, states: list[BuildState], tick: float) -> list[BuildState]:
        """Ask for the builds that have no card; return them."""
        keys = {card_id(state, self._channel_id): state for state in states}
        cards = cards_of(list(keys), self._store.cards)
        unheard = {key: state for key, state in keys.items() if key not in cards}
        for key, state in unheard.items():
            if key not in self._states:
                self._states[key] = state
                self._schedule.put(_question(key), tick, self._spans.silence)
        return list(unheard.values())

    def resolve(self, question: Question) -> Question | None:
        """Name the build as Drone does now; None if it is not watched any more."""
        state = self._states.get(question.subject)
        if state is None or not self._repos.is_home(state.system):
            return None
        return replace(question, slug=self._repos.slug(state), number=state.build.number)

    def answered(self, reply: Reply, now: datetime, tick: float) -> None:
        """Pass on what Drone says of a build, or find out why it says nothing."""
        key, meaning = reply.question.subject, read_meaning(reply)
        state = self._states.get(key)
        if state is None or meaning not in (Meaning.FOUND, Meaning.MISSING):
            return
        is_about_repo = reply.question.kind is Kind.REPO
        # A slug may belong to another repository by now, and a number to another build.
        asked_for = state.repo.id if is_about_repo else state.build.id
        is_there = meaning is Meaning.FOUND and integer(reply.answer.body, "id") == asked_for
        if is_there:
            self._repos.note_readable(state)
        if is_about_repo:
            self._schedule.drop(Question(Kind.REPO, key))
            if is_there or self._is_given_up(key, state):
                self._close(key, state, now)
        elif is_there:
            self._misses.pop(key, None)
            self._pass_on(key, state, reply, now)
        else:
            pause = self._spans.silence
            self._schedule.put(Question(Kind.REPO, key), tick, pause, is_urgent=True)

    def _pass_on(self, key: str, state: BuildState, reply: Reply, now: datetime) -> None:
        delivery = tell(state, reply.answer.body, now)
        if len(delivery.body) > MAX_BYTES:
            log.warning("Drone's answer is too large to keep.", extra={"card": key})
        else:
            self._keep(key, delivery)
        build = read_state({"build": reply.answer.body}).build
        if is_final(build.status):
            self._forget(key)

    def _is_given_up(self, key: str, state: BuildState) -> bool:
        if not self._repos.note_hidden(state):
            return False  # perhaps our token was never allowed to see it
        misses = self._misses[key] = self._misses.get(key, 0) + 1
        return misses >= MISSES

    def _close(self, key: str, state: BuildState, now: datetime) -> None:
        if key in self._store.cards.find([key]):
            self._keep(key, tell_unknown(state, now))
        self._forget(key)
        log.warning("Drone does not know a build any more.", extra={"card": key})

    def _keep(self, key: str, delivery: Delivery) -> None:
        if self._store.inbox.add(delivery):
            variables = {"card": key, "delivery": delivery.id[:12]}
            log.info("Drone was asked and had news.", extra=variables)

    def _forget(self, key: str) -> None:
        self._states.pop(key, None)
        self._misses.pop(key, None)
        self._schedule.drop(_question(key))
        self._schedule.drop(Question(Kind.REPO, key))


def _question(key: str) -> Question:
    return Question(Kind.BUILD, key)
