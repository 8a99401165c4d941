"""How long the presence client waits, so that Discord neither drops, bans nor resets anything."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_client.health import Answer, Bad, Report
from presence_client.presence import INVISIBLE, Presence, Status
from presence_client.probe import question_wait
from presence_client.rate_limits import (
    Sent,
    backoff_seconds,
    identify_wait,
    next_attempt,
    update_wait,
)

ONE = Presence(Status.ONLINE, watching="1 build")
TWO = Presence(Status.ONLINE, watching="2 builds")


@pytest.mark.parametrize(
    ("sent", "wanted", "now", "seconds"),
    [
        pytest.param(Sent(), ONE, 100.0, 0.0, id="the first: at once"),
        pytest.param(Sent(ONE, 100.0), TWO, 100.0, 5.0, id="news right after: 5 s"),
        pytest.param(Sent(ONE, 100.0), TWO, 103.0, 2.0, id="news 3 s after: 2 s"),
        pytest.param(Sent(ONE, 100.0), TWO, 105.0, 0.0, id="news 5 s after: at once"),
        pytest.param(Sent(ONE, 100.0), INVISIBLE, 101.0, 4.0, id="hiding is news like any"),
        pytest.param(Sent(ONE, 100.0), ONE, 101.0, 899.0, id="the same: in 15 minutes"),
        pytest.param(Sent(ONE, 100.0), ONE, 1000.0, 0.0, id="the same, 15 minutes after: at once"),
        pytest.param(Sent(None, 100.0), ONE, 101.0, 4.0, id="forgotten by Discord: as news"),
        pytest.param(Sent(None, 100.0), ONE, 200.0, 0.0, id="forgotten long ago: at once"),
    ],
)
def test_an_update_waits(sent: Sent, wanted: Presence, now: float, seconds: float) -> None:
    assert update_wait(sent, wanted, now) == seconds


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from([ONE, TWO, INVISIBLE])), max_size=50))
def test_updates_keep_their_distance_while_the_last_one_wins(
    changes: list[tuple[float, Presence]],
) -> None:
    now, sent, wanted = 0.0, Sent(), INVISIBLE
    sent_at: list[float] = []
    for seconds, presence in [*changes, (30.0, TWO), (30.0, TWO)]:
        until = now + seconds
        while (due_at := now + update_wait(sent, wanted, now)) <= until:
            now = due_at
            sent = Sent(wanted, now)
            sent_at.append(now)
        now, wanted = until, presence

    assert all(later - earlier >= 5.0 - 1e-6 for earlier, later in pairwise(sent_at))
    assert sent.presence == TWO


@pytest.mark.parametrize(
    ("attempt", "least", "most"),
    [
        (0, 0.0, 0.0),
        (1, 0.5, 1.0),
        (2, 1.0, 2.0),
        (3, 2.0, 4.0),
        (4, 4.0, 8.0),
        (5, 8.0, 16.0),
        (6, 16.0, 32.0),
        (7, 30.0, 60.0),
        (8, 30.0, 60.0),
        (10_000, 30.0, 60.0),
    ],
)
def test_attempts_back_off_to_a_minute(attempt: int, least: float, most: float) -> None:
    assert backoff_seconds(attempt, jitter=0.0) == least
    assert backoff_seconds(attempt, jitter=1.0) == most


@pytest.mark.parametrize(
    ("attempt", "lived_seconds", "following"),
    [(0, 0.0, 1), (6, 0.0, 7), (1, 59.0, 2), (6, 60.0, 0), (0, 86_400.0, 0)],
    ids=["never connected", "never again", "a short one", "a steady one", "a day"],
)
def test_a_steady_connection_is_followed_by_another_at_once(
    attempt: int, lived_seconds: float, following: int
) -> None:
    assert next_attempt(attempt, lived_seconds) == following


@pytest.mark.parametrize(
    ("identified_at", "now", "seconds"),
    [
        pytest.param([], 0.0, 0.0, id="the first: at once"),
        pytest.param([0.0], 2.0, 3.0, id="the second: 5 s after the first"),
        pytest.param([0.0], 60.0, 0.0, id="a minute later: at once"),
        pytest.param([60.0 * n for n in range(30)], 1800.0, 1800.0, id="the 31st: an hour on"),
        pytest.param([60.0 * n for n in range(30)], 3600.0, 0.0, id="after an hour: at once"),
    ],
)
def test_a_new_session_waits(identified_at: list[float], now: float, seconds: float) -> None:
    assert identify_wait(identified_at, now) == seconds


def test_the_worst_day_costs_fewer_sessions_than_discord_grants() -> None:
    now = 0.0
    identified_at: list[float] = []
    while now < 86_400.0:
        now += identify_wait(identified_at, now)
        identified_at.append(now)

    assert len(identified_at) <= 750


OK, BAD = Report(is_degraded=False), Bad("timed_out")


@pytest.mark.parametrize(
    ("before", "answer", "seconds"),
    [
        pytest.param(None, OK, 10.0, id="good from the start"),
        pytest.param(OK, OK, 10.0, id="still good"),
        pytest.param(OK, BAD, 5.0, id="bad for the first time: asked again sooner"),
        pytest.param(None, BAD, 5.0, id="bad from the start"),
        pytest.param(BAD, BAD, 10.0, id="still bad"),
        pytest.param(BAD, OK, 10.0, id="good again"),
    ],
)
def test_the_health_is_asked_for(before: Answer | None, answer: Answer, seconds: float) -> None:
    assert question_wait(10.0, before, answer) == seconds
