"""When the next request may go: no limit is ever met twice, and none is forgotten."""

from collections.abc import Iterable
from itertools import count, cycle, islice, pairwise, repeat

import pytest
from fakes import NOTHING_CAME, limit, ok, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.discord.answers import STALE, Scope, TryAgain, read_answer
from server.core.discord.rate_limits import (
    INVALID_LIMIT,
    INVALID_WINDOW_SECONDS,
    OLD_EDIT_SPACING_SECONDS,
    OUTAGE,
    OUTAGE_AFTER,
    PER_SECOND,
    PROBE_SECONDS,
    UNPROBED_SECONDS,
    RateLimits,
    RequestKind,
    Route,
)
from server.core.http_answer import Answer

CREATE, EDIT, OLD = (
    Route("1", kind) for kind in (RequestKind.CREATE, RequestKind.EDIT, RequestKind.EDIT_OLD)
)
ELSEWHERE = Route("2", RequestKind.CREATE)
NOW = 1000.0
CARDS = count()  # each about another card


def finish(
    traffic: RateLimits, route: Route, answer: Answer, now: float = NOW, jitter: float = 0.0
) -> None:
    traffic.finish(route, answer, read_answer(answer), now, jitter, str(next(CARDS)))


def waits(traffic: RateLimits, now: float = NOW) -> list[float]:
    """Return how long a create, an edit, an old edit and a create elsewhere have to wait."""
    routes = (CREATE, EDIT, OLD, ELSEWHERE)
    return [max(0.0, traffic.ready_at(route, now) - now) for route in routes]


def test_at_first_everything_may_go() -> None:
    assert waits(RateLimits()) == [0, 0, 0, 0]


EMPTY = {"x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "4.5"}

LESSONS: dict[str, tuple[Answer, list[float]]] = {
    "a bucket with room": (ok("1", **EMPTY | {"x-ratelimit-remaining": "4"}), [0, 0, 0, 0]),
    "a bucket that is empty": (ok("1", **EMPTY), [4.5, 0, 0, 0]),
    "a bucket that says too little": (ok("1", **{"x-ratelimit-remaining": "0"}), [0, 0, 0, 0]),
    "a bucket that says nonsense": (ok("1", **EMPTY | {"x-ratelimit-remaining": "no"}), [0] * 4),
    "no bucket at all": (ok("1"), [0, 0, 0, 0]),
    "a limit": (limit(3.0), [3.0, 0, 0, 0]),
    "a limit that is longer than its bucket says": (
        Answer(429, {"via": "x", **EMPTY}, {"retry_after": 60.0}),
        [60.0, 0, 0, 0],
    ),
    "a limit that is shorter than its bucket says": (
        Answer(429, {"via": "x", **EMPTY}, {"retry_after": 1.0}),
        [4.5, 0, 0, 0],
    ),
    "a global limit": (limit(2.0, **{"global": True}), [2.0, 2.0, 2.0, 2.0]),
    "a stop by Cloudflare": (Answer(429, {}, {}), [600.0] * 4),
    "a refused token": (refusal(401), [300.0] * 4),
    "a channel without permission": (refusal(403, 50013), [0, 0, 0, 0]),
    "an unknown channel": (refusal(404, 10003), [0, 0, 0, 0]),
    "a message that is gone": (refusal(404, 10008), [0, 0, 0, 0]),
    "a refused body": (refusal(400, 50035), [0, 0, 0, 0]),
    "a server that fails": (refusal(503), [0, 0, 0, 0]),
    "a timeout": (NOTHING_CAME, [0, 0, 0, 0]),
}


@pytest.mark.parametrize(("answer", "expected"), LESSONS.values(), ids=LESSONS)
def test_what_has_to_wait_after(answer: Answer, expected: list[float]) -> None:
    traffic = RateLimits()

    finish(traffic, CREATE, answer)

    assert waits(traffic) == expected


def test_the_wait_of_one_card_holds_nothing_else_up() -> None:
    traffic = RateLimits()

    traffic.finish(CREATE, refusal(500), TryAgain("busy", Scope.CARD, 7.0), NOW, 0.0, "a")

    assert waits(traffic) == [0, 0, 0, 0]


def test_nothing_is_learned_from_a_request_that_was_never_sent() -> None:
    traffic = RateLimits()

    for _ in range(OUTAGE_AFTER):
        finish(traffic, CREATE, Answer(0, {}, {}, STALE))

    assert (waits(traffic), traffic.failing_since) == ([0, 0, 0, 0], None)


def test_a_limit_on_old_edits_leaves_other_requests_alone() -> None:
    traffic = RateLimits()

    finish(traffic, OLD, limit(6.0, code=30046))

    assert waits(traffic) == [0, 0, 6.0, 0]


def test_edits_of_old_messages_are_spaced_unasked() -> None:
    traffic = RateLimits()

    for route in (CREATE, EDIT, OLD):
        traffic.begin(route, NOW)

    assert waits(traffic, NOW + 1) == [0, 0, OLD_EDIT_SPACING_SECONDS - 1, 0]


def test_a_longer_wait_is_not_shortened_by_a_shorter_one() -> None:
    traffic = RateLimits()
    finish(traffic, CREATE, limit(60.0))
    finish(traffic, CREATE, limit(60.0, **{"global": True}))

    finish(traffic, CREATE, limit(1.0))
    finish(traffic, CREATE, limit(1.0, **{"global": True}))

    assert waits(traffic) == [60.0] * 4


def test_a_wait_ends() -> None:
    traffic = RateLimits()
    finish(traffic, CREATE, limit(3.0))

    assert waits(traffic, NOW + 3.0) == [0, 0, 0, 0]


def sent_at(pauses: Iterable[float]) -> list[float]:
    """Return when requests go out that are wanted after pauses, each as soon as it may."""
    traffic = RateLimits()
    now, sent = NOW, []
    for pause in pauses:
        now += pause
        now = max(now, traffic.open_at(now))
        traffic.begin(CREATE, now)
        sent.append(now)
    return sent


def test_a_second_of_a_crowd_takes_so_many_requests() -> None:
    sent = sent_at(repeat(0.0, 10 * PER_SECOND))

    assert 9.9 < sent[-1] - sent[0] < 10


def test_two_at_once_need_not_wait_for_each_other() -> None:
    assert sent_at([0.0, 0.0]) == [NOW, NOW]


@settings(max_examples=50)
@given(st.lists(st.floats(0, 0.1), min_size=1, max_size=20))
def test_no_second_ever_has_more_requests_than_discord_takes(pauses: list[float]) -> None:
    sent = sent_at(islice(cycle(pauses), 5 * PER_SECOND))

    most = 48  # two less than Discord allows, for those that are held up on their way
    assert all(later - earlier > 1.0 for earlier, later in zip(sent, sent[most:], strict=False))


def test_invalid_answers_stop_everything_before_they_ban_the_address() -> None:
    traffic = RateLimits()
    for number in range(INVALID_LIMIT):
        assert traffic.stopped(NOW + number / 100) == ""
        finish(traffic, CREATE, refusal(403, 50005), NOW + number / 100)

    now = NOW + INVALID_LIMIT / 100
    assert traffic.open_at(now) == NOW + INVALID_WINDOW_SECONDS
    assert traffic.stopped(now) == "too_many_invalid_answers"
    assert traffic.stopped(NOW + INVALID_WINDOW_SECONDS) == ""


@settings(max_examples=20)
@given(st.lists(st.floats(0, 2), min_size=1, max_size=20))
def test_no_ten_minutes_ever_have_more_invalid_answers_than_the_limit(
    pauses: list[float],
) -> None:
    traffic = RateLimits()
    now, invalid = NOW, []
    for pause in islice(cycle(pauses), 2 * INVALID_LIMIT):
        now += pause
        now = max(now, traffic.open_at(now))
        finish(traffic, CREATE, refusal(403, 50005), now)
        invalid.append(now)

    assert all(
        later - earlier > INVALID_WINDOW_SECONDS - 1e-6
        for earlier, later in zip(invalid, invalid[INVALID_LIMIT:], strict=False)
    )


COUNTED: dict[str, tuple[Answer, bool]] = {
    "401": (refusal(401), True),
    "403": (refusal(403, 50005), True),
    "429": (limit(0.0), True),
    "429 that is shared": (
        Answer(429, {"via": "x", "x-ratelimit-scope": "shared"}, {"retry_after": 0.0}),
        False,
    ),
    "404": (refusal(404, 10008), False),
    "400": (refusal(400, 50035), False),
    "500": (refusal(500), False),
    "no answer": (NOTHING_CAME, False),
    "200": (ok("1"), False),
}


@pytest.mark.parametrize(("answer", "counts"), COUNTED.values(), ids=COUNTED)
def test_an_answer_counts_as_invalid(answer: Answer, counts: bool) -> None:
    traffic = RateLimits()

    for number in range(INVALID_LIMIT):
        finish(traffic, CREATE, answer, NOW + number / 100)

    # After every other wait, which is at most 310 s, and before the ten minutes are over.
    assert (traffic.open_at(NOW + 400) > NOW + 400) is counts


ROUTES = st.builds(Route, st.sampled_from(["1", "2"]), st.sampled_from(RequestKind))
ANSWERS = st.sampled_from([*(answer for answer, _ in LESSONS.values()), ok("1")])
# Without failures and refusals: an answer that shows them to be over lets requests go earlier.
USABLE = ANSWERS.filter(lambda answer: answer.status in (200, 400, 401, 429))


@settings(max_examples=100)
@given(st.lists(st.tuples(ROUTES, USABLE, st.floats(0, 100)), max_size=20), ROUTES)
def test_what_is_learned_never_makes_a_route_ready_earlier(
    history: list[tuple[Route, Answer, float]], watched: Route
) -> None:
    traffic = RateLimits()
    now = NOW
    for route, answer, pause in history:
        now += pause
        before = max(now, traffic.ready_at(watched, now))
        traffic.begin(route, now)
        finish(traffic, route, answer, now)
        assert max(now, traffic.ready_at(watched, now)) >= before


@settings(max_examples=100)
@given(st.lists(st.tuples(ROUTES, ANSWERS), max_size=20), st.floats(0, 2000), st.floats(0, 2000))
def test_a_route_that_is_ready_stays_ready_while_nothing_happens(
    history: list[tuple[Route, Answer]], soon: float, later: float
) -> None:
    traffic = RateLimits()
    for route, answer in history:
        traffic.begin(route, NOW)
        finish(traffic, route, answer)
    first, second = sorted((NOW + soon, NOW + later))

    if traffic.ready_at(CREATE, first) <= first:
        assert traffic.ready_at(CREATE, second) <= second


def test_what_it_remembers_does_not_grow_with_time() -> None:
    traffic = RateLimits()
    for number in range(5000):
        now = NOW + number
        traffic.begin(OLD, now)
        finish(traffic, OLD, refusal(403, 50013), now)
        traffic.open_at(now)

    held = [value for value in vars(traffic).values() if hasattr(value, "__len__")]
    assert sum(map(len, held)) < 1000


# -- What it tells ----------------------------------------------------------------------------

STOPS: dict[str, tuple[Answer, str, float]] = {
    "a refused token": (refusal(401), "token_refused", 300.0),
    "a global limit": (limit(2.0, **{"global": True}), "global_limit", 2.0),
    "Cloudflare": (Answer(429, {}, {}), "cloudflare", 600.0),
}


@pytest.mark.parametrize(("answer", "reason", "seconds"), STOPS.values(), ids=STOPS)
def test_everything_is_stopped_by(answer: Answer, reason: str, seconds: float) -> None:
    traffic = RateLimits()

    finish(traffic, CREATE, answer)

    assert waits(traffic) == [seconds] * 4
    assert traffic.stopped(NOW) == reason


@pytest.mark.parametrize(("answer", "reason", "seconds"), STOPS.values(), ids=STOPS)
def test_a_stop_that_has_lapsed_is_told_until_an_answer_shows_that_it_is_over(
    answer: Answer, reason: str, seconds: float
) -> None:
    traffic = RateLimits()
    finish(traffic, CREATE, answer)
    lapsed = NOW + seconds

    traffic.begin(CREATE, lapsed)

    assert waits(traffic, lapsed) == [PROBE_SECONDS] * 4
    assert traffic.stopped(lapsed + 1) == reason
    finish(traffic, CREATE, ok("1"), lapsed + 1)
    assert (waits(traffic, lapsed + 1), traffic.stopped(lapsed + 1)) == ([0] * 4, "")


def test_a_stop_that_its_probe_meets_again_is_told_without_a_gap() -> None:
    traffic = RateLimits()
    finish(traffic, CREATE, refusal(401))
    traffic.begin(CREATE, NOW + 300)

    finish(traffic, CREATE, refusal(401), NOW + 301)

    assert (waits(traffic, NOW + 301), traffic.stopped(NOW + 301)) == ([300] * 4, "token_refused")


def test_an_answer_that_was_on_its_way_does_not_end_a_stop() -> None:
    traffic = RateLimits()
    finish(traffic, CREATE, refusal(401))

    finish(traffic, EDIT, ok("1"), NOW + 1)

    assert (waits(traffic, NOW + 1), traffic.stopped(NOW + 1)) == ([299] * 4, "token_refused")


def test_a_stop_that_nothing_is_left_to_probe_is_forgotten() -> None:
    traffic = RateLimits()
    finish(traffic, CREATE, refusal(401))

    told = [traffic.stopped(NOW + 300 + after) for after in (59, UNPROBED_SECONDS)]

    assert told == ["token_refused", ""]


def test_a_full_second_is_no_stop() -> None:
    traffic = RateLimits()
    for _ in range(PER_SECOND):
        traffic.begin(CREATE, NOW)

    assert traffic.stopped(NOW) == ""


# -- An outage --------------------------------------------------------------------------------


def outage(failures: int = OUTAGE_AFTER, jitter: float = 0.0) -> RateLimits:
    """Return what is known after failures in a row, all at once."""
    traffic = RateLimits()
    for _ in range(failures):
        traffic.begin(CREATE, NOW)
        finish(traffic, CREATE, NOTHING_CAME, NOW, jitter)
    return traffic


ROWS: dict[str, tuple[list[Answer], float]] = {
    "two failures": ([refusal(503), NOTHING_CAME], 0),
    "three failures": ([refusal(503), NOTHING_CAME, Answer(302, {}, {})], 0.5),
    "ten failures": ([refusal(503)] * 10, 0.5),
    "failures with an answer in between": ([*[refusal(503)] * 2, ok("1"), refusal(503)], 0),
    "failures with a refusal in between": (
        [*[refusal(503)] * 2, refusal(400, 50035), refusal(503)],
        0,
    ),
    "an outage that is over": ([*[refusal(503)] * 9, ok("1")], 0),
}


@pytest.mark.parametrize(("answers", "wait"), ROWS.values(), ids=ROWS)
def test_everything_waits_after(answers: list[Answer], wait: float) -> None:
    traffic = RateLimits()

    for answer in answers:
        finish(traffic, CREATE, answer)

    assert waits(traffic) == [wait] * 4
    assert traffic.stopped(NOW) == (OUTAGE if wait else "")


def test_chance_takes_a_part_of_the_wait_off() -> None:
    assert waits(outage(jitter=0.5)) == [0.375] * 4


def test_during_an_outage_one_request_at_a_time_probes() -> None:
    traffic = outage()
    probed_at = traffic.open_at(NOW)

    traffic.begin(ELSEWHERE, probed_at)

    assert waits(traffic, probed_at) == [PROBE_SECONDS] * 4


def test_a_probe_that_fails_is_followed_by_a_longer_wait() -> None:
    traffic = outage()
    traffic.begin(CREATE, NOW + 1)

    finish(traffic, CREATE, NOTHING_CAME, NOW + 10)

    assert waits(traffic, NOW + 10) == [1.0] * 4


@pytest.mark.parametrize(
    "answer", [ok("1"), refusal(404, 10008), refusal(400, 50035)], ids=["taken", "gone", "refused"]
)
def test_a_probe_that_is_answered_ends_the_outage(answer: Answer) -> None:
    traffic = outage(failures=9)
    traffic.begin(CREATE, NOW + 60)

    finish(traffic, CREATE, answer, NOW + 61)

    assert waits(traffic, NOW + 61) == [0, 0, 0, 0]
    assert (traffic.stopped(NOW + 61), traffic.failing_since) == ("", None)


def test_a_probe_that_meets_a_limit_waits_as_the_limit_demands() -> None:
    traffic = outage()
    traffic.begin(CREATE, NOW + 1)

    finish(traffic, CREATE, limit(7.0, **{"global": True}), NOW + 2)

    assert (waits(traffic, NOW + 2), traffic.stopped(NOW + 2)) == ([7.0] * 4, "global_limit")


def test_the_end_of_an_outage_does_not_end_another_stop() -> None:
    traffic = outage()
    finish(traffic, CREATE, Answer(429, {}, {}), NOW + 1)
    finish(traffic, EDIT, NOTHING_CAME, NOW + 2)

    finish(traffic, ELSEWHERE, ok("1"), NOW + 3)

    assert (waits(traffic, NOW + 3), traffic.stopped(NOW + 3)) == ([598.0] * 4, "cloudflare")


def probes_of(outage_seconds: float, answered_after: float) -> list[float]:
    """Return when an outage is probed whose requests fail after so many seconds."""
    traffic, now, instants = outage(), NOW, []
    while now < NOW + outage_seconds:
        now = max(now, traffic.open_at(now))
        instants.append(now)
        traffic.begin(CREATE, now)
        now += answered_after
        finish(traffic, CREATE, NOTHING_CAME, now)
    return instants


def test_a_young_outage_is_probed_every_five_seconds_at_least() -> None:
    instants = probes_of(300, 0.1)

    pauses = [later - earlier for earlier, later in pairwise(instants)]
    assert max(pauses) <= 5.1
    assert len(instants) <= 100


def test_an_old_outage_is_probed_about_once_a_minute() -> None:
    instants = [instant for instant in probes_of(4200, 8) if instant > NOW + 600]

    assert 50 <= len(instants) <= 60


def test_one_card_that_keeps_failing_is_no_outage() -> None:
    traffic = RateLimits()
    for _ in range(9):
        answer = refusal(500)
        traffic.finish(CREATE, answer, read_answer(answer), NOW, 0.0, "the same")

    assert (waits(traffic), traffic.stopped(NOW)) == ([0, 0, 0, 0], "")


FAILING: dict[str, tuple[list[Answer], float | None]] = {
    "nothing": ([], None),
    "a message": ([ok("1")], None),
    "a refusal": ([refusal(400, 50035)], None),
    "a limit": ([limit(1.0)], None),
    "a timeout": ([NOTHING_CAME], NOW),
    "a page that is not Discord's": ([Answer(302, {}, {})], NOW),
    "one failure after another": ([refusal(503), NOTHING_CAME, refusal(500)], NOW),
    "a failure that is over": ([refusal(503), ok("1")], None),
    "a failure that is back": ([refusal(503), ok("1"), refusal(503)], NOW + 2),
}


@pytest.mark.parametrize(("answers", "since"), FAILING.values(), ids=FAILING)
def test_it_is_known_since_when_discord_fails(answers: list[Answer], since: float | None) -> None:
    traffic = RateLimits()

    for number, answer in enumerate(answers):
        finish(traffic, CREATE, answer, NOW + number)

    assert traffic.failing_since == since
