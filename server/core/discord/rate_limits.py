"""When the next request may go, from what Discord said in its headers and refusals.

Limits are counted per kind of request and channel: POST and PATCH name the same bucket but count
apart (github.com/discord/discord-api-docs/issues/8073), and edits of messages older than an hour
have a limit that no header shows. Instants here are seconds of a monotonic clock.
"""

from collections import deque
from dataclasses import dataclass

from server.core.backoff import probe_pause
from server.core.discord.answers import ARCHIVED, STALE, Barred, Outcome, Scope, TryAgain
from server.core.discord.refusals import ChannelRefusals
from server.core.discord.refusals import RequestKind as RequestKind
from server.core.http_answer import Answer

# https://docs.discord.com/developers/topics/rate-limits#global-rate-limit allows 50 in a second.
# Its second does not begin with ours and some requests take longer on their way than others, so
# they go out evenly: an early request may go early by no more than the slack.
PER_SECOND = 46
SLACK_SECONDS = 0.04
# https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
INVALID_WINDOW_SECONDS = 600.0
INVALID_LIMIT = 1000  # a tenth of what bans the address
# This many failures in a row, of more than one card, are an outage.
OUTAGE_AFTER = 3
OUTAGE = "no_answer"
# After any stop one request at a time probes whether it is over, and has this long to be answered.
PROBE_SECONDS = 15.0
# A stop that nothing was left to probe is forgotten after this long.
UNPROBED_SECONDS = 60.0
# Discord does not publish the limit on edits of old messages; three in six seconds were observed.
OLD_EDIT_SPACING_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Route:
    """What is limited together."""

    channel_id: str
    kind: RequestKind


class RateLimits:
    """The limits as far as they are known; it remembers, and takes every instant from outside."""

    def __init__(self) -> None:
        self._not_before: dict[Route, float] = {}
        self.refusals = ChannelRefusals()
        self._stop_until = 0.0
        self._stop_reason = ""  # until an answer shows that it is over
        self._is_probing = False
        self._next_at = 0.0  # when the next request is due if they go out evenly
        self._invalid: deque[float] = deque()
        self._failures = 0  # in a row
        self._failing: set[str] = set()  # the cards that they were about, two at most
        self.failing_since: float | None = None  # no usable answer since then

    def ready_at(self, route: Route, now: float) -> float:
        """Return the instant from which a request on *route* may go."""
        return max(
            self._not_before.get(route, 0.0),
            self.refusals.open_at(route.channel_id, route.kind),
            self.open_at(now),
        )

    def open_at(self, now: float) -> float:
        """Return the instant from which any request at all may go."""
        _forget(self._invalid, now - INVALID_WINDOW_SECONDS)
        instant = max(self._stop_until, self._next_at - SLACK_SECONDS)
        if len(self._invalid) >= INVALID_LIMIT:
            instant = max(instant, self._invalid[-INVALID_LIMIT] + INVALID_WINDOW_SECONDS)
        return instant

    def begin(self, route: Route, now: float) -> None:
        """Count a request that goes out now."""
        self._next_at = max(self._next_at, now) + 1 / PER_SECOND
        if self._stop_reason and now >= self._stop_until:
            self._is_probing = True
            self._stop(self._stop_reason, now + PROBE_SECONDS)
        if route.kind is RequestKind.EDIT_OLD:
            self._wait(route, now + OLD_EDIT_SPACING_SECONDS)

    def finish(
        self,
        route: Route,
        answer: Answer,
        outcome: Outcome,
        now: float,
        jitter: float,
        card_id: str,
        is_plain: bool = True,
    ) -> Outcome:
        """Learn from the answer to a request on *route*; return what it means, with what is known.

        The request was about *card_id*; a plain one needs the fewest permissions.
        """
        if answer.error == STALE:
            return outcome  # it was never sent
        self._count(answer, card_id, now, jitter)
        remaining, reset_after = _bucket(answer)
        if remaining == 0:
            self._wait(route, now + reset_after)
        if 200 <= answer.status < 300:
            self.refusals.passed(route.channel_id, route.kind)
        if isinstance(outcome, Barred):
            plain = is_plain or not outcome.by_body
            return self.refusals.met(route.channel_id, route.kind, outcome, card_id, plain, now)
        if not isinstance(outcome, TryAgain) or outcome.seconds is None:
            return outcome
        until = now + outcome.seconds
        if outcome.scope is Scope.EVERYTHING:
            self._stop(outcome.reason, until)
        elif outcome.reason == ARCHIVED:
            self.refusals.wait(route.channel_id, route.kind, until)
        elif outcome.scope is Scope.KIND:
            self._wait(route, until)
        return outcome

    def stopped(self, now: float) -> str:
        """Return why nothing at all is sent, also while a probe is out; "" if nothing stops us."""
        if self._stop_reason and now < self._stop_until + UNPROBED_SECONDS:
            return self._stop_reason
        return "too_many_invalid_answers" if self.open_at(now) > now + 1.0 else ""

    def _stop(self, reason: str, until: float) -> None:
        if until > self._stop_until:
            self._stop_until, self._stop_reason = until, reason

    def _wait(self, route: Route, until: float) -> None:
        self._not_before[route] = max(self._not_before.get(route, 0.0), until)

    def _count(self, answer: Answer, card_id: str, now: float, jitter: float) -> None:
        shared = answer.headers.get("x-ratelimit-scope") == "shared"
        if answer.status in (401, 403) or (answer.status == 429 and not shared):
            self._invalid.append(now)
        if 200 <= answer.status < 300 or 400 <= answer.status < 500:
            self._answered(now)
        else:
            self._failed(card_id, now, jitter)

    def _answered(self, now: float) -> None:
        self.failing_since = None
        self._failures = 0
        self._failing.clear()
        if self._is_probing or self._stop_reason == OUTAGE:
            self._stop_until, self._stop_reason, self._is_probing = now, "", False

    def _failed(self, card_id: str, now: float, jitter: float) -> None:
        if self.failing_since is None:
            self.failing_since = now
        self._failures += 1
        if len(self._failing) < 2:
            self._failing.add(card_id)
        self._is_probing = False
        if self._failures >= OUTAGE_AFTER and len(self._failing) > 1:
            if self._stop_reason == OUTAGE:
                self._stop_until = now  # the probe is over
            self._stop(OUTAGE, now + probe_pause(now - self.failing_since, jitter))


def _bucket(answer: Answer) -> tuple[int, float]:
    """Read how many requests the bucket takes and when it is full again; (-1, 0) if unsaid."""
    try:
        remaining = int(answer.headers["x-ratelimit-remaining"])
        return remaining, float(answer.headers["x-ratelimit-reset-after"])
    except (KeyError, ValueError):
        return -1, 0.0


def _forget(instants: deque[float], before: float) -> None:
    while instants and instants[0] <= before:
        instants.popleft()
