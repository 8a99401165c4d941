"""When a query may go to Drone: never more than five a second, and few while it is not well."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.backoff import CAP_SECONDS
from server.core.drone.answers import AccountFound, Away, Missing, Refused, Rejected, Result
from server.core.drone.query import ACCOUNT, DroneQuery, QueryKind
from server.core.drone.rate_limits import (
    AWAY_AFTER,
    PROBE_SECONDS,
    YOUNG_PAUSE,
    YOUNG_SECONDS,
    DroneRateLimit,
    Trouble,
)

BUILD = DroneQuery(QueryKind.BUILD, "a")
NOW = 1000.0
AWAY, REFUSED, FOUND, MISSING = Away(0), Refused(401), AccountFound("bridge", False), Missing()


def after(*results: Result) -> DroneRateLimit:
    """Return the rate limit after answers about builds that came at one instant."""
    limit = DroneRateLimit()
    for result in results:
        limit.finish(BUILD, result, NOW, 0.0)
    return limit


def wait(limit: DroneRateLimit, now: float = NOW) -> float:
    """Return after how many seconds, in tenths, a query may go."""
    return next(tenth / 10 for tenth in range(10_000) if limit.is_open(now + tenth / 10))


def test_at_first_a_query_may_go() -> None:
    assert (DroneRateLimit().is_open(0.0), DroneRateLimit().trouble) == (True, Trouble.NONE)


@settings(max_examples=100)
@given(st.lists(st.floats(0, 0.5), min_size=10, max_size=60))
def test_never_more_than_five_queries_go_in_a_second(waits: list[float]) -> None:
    limit, now, gone = DroneRateLimit(), 0.0, []
    for span in waits:
        now += span
        if limit.is_open(now):
            limit.begin(now)
            gone.append(now)

    assert all(sum(one <= other < one + 1 for other in gone) <= 5 for one in gone)


TROUBLES = {
    "an answer": ([FOUND], Trouble.NONE),
    "a missing build": ([MISSING], Trouble.NONE),
    "two without an answer": ([AWAY, AWAY], Trouble.NONE),
    "three without an answer": ([AWAY] * AWAY_AFTER, Trouble.AWAY),
    "two and an answer and two": ([AWAY, AWAY, FOUND, AWAY, AWAY], Trouble.NONE),
    "three that it cannot do": ([Rejected(500, "")] * AWAY_AFTER, Trouble.AWAY),
    "a refusal": ([REFUSED], Trouble.REFUSED),
    "an account that was switched off": ([Refused(403)], Trouble.REFUSED),
    "no answer after a refusal": ([REFUSED, AWAY], Trouble.AWAY),
    "an answer after an outage": ([AWAY] * AWAY_AFTER + [FOUND], Trouble.NONE),
    "a build that answers to a wrong token": ([REFUSED, FOUND], Trouble.REFUSED),
}


@pytest.mark.parametrize(("results", "trouble"), TROUBLES.values(), ids=TROUBLES)
def test_what_is_wrong_after(results: list[Result], trouble: Trouble) -> None:
    assert after(*results).trouble is trouble


def test_a_refusal_is_over_when_the_account_answers() -> None:
    limit = after(REFUSED)

    limit.finish(ACCOUNT, FOUND, NOW, 0.0)

    assert (limit.trouble, limit.is_open(NOW)) == (Trouble.NONE, True)


PAUSES = {
    "while the token is refused": (REFUSED, 1, [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]),
    "while Drone is away": (AWAY, AWAY_AFTER, [2, 4, *[YOUNG_PAUSE] * 8]),
}


@pytest.mark.parametrize(("result", "first", "pauses"), PAUSES.values(), ids=PAUSES)
def test_the_pauses_are(result: Result, first: int, pauses: list[float]) -> None:
    limit = after(*[result] * first)
    waits = [wait(limit)]

    for _ in range(9):
        limit.begin(NOW)
        assert wait(limit) == PROBE_SECONDS
        limit.finish(ACCOUNT, result, NOW, 0.0)
        waits.append(wait(limit))

    assert waits == pauses


def test_after_some_minutes_of_an_outage_the_pauses_grow_up_to_a_minute() -> None:
    limit = after(*[AWAY] * 10)

    limit.finish(ACCOUNT, AWAY, NOW + YOUNG_SECONDS, 0.0)

    assert wait(limit, NOW + YOUNG_SECONDS) == CAP_SECONDS


def test_after_one_failure_it_is_found_out_first_whether_drone_answers() -> None:
    doubtful = after(AWAY)
    doubtful.begin(NOW)
    over = after(AWAY, FOUND)

    assert (doubtful.is_doubtful, wait(doubtful)) == (True, PROBE_SECONDS)
    assert (over.is_doubtful, wait(over)) == (False, 0.0)


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_no_pause_is_longer_than_the_longest(failures: int, jitter: float) -> None:
    limit = DroneRateLimit()

    for _ in range(failures):
        limit.finish(ACCOUNT, REFUSED, NOW, jitter)

    assert limit.is_open(NOW + CAP_SECONDS)


def test_it_is_known_since_when_something_is_wrong() -> None:
    limit = after(*[AWAY] * AWAY_AFTER)

    limit.finish(ACCOUNT, AWAY, NOW + 50, 0.0)

    assert limit.since == NOW
