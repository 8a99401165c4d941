"""The wait after a failure: it doubles, it has a cap, and chance takes up to half of it off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.backoff import CAP_SECONDS, backoff

ATTEMPTS = st.integers(-(2**40), 2**40)
JITTER = st.floats(0, 1, exclude_max=True)

WAITS = {1: 0.5, 2: 1.0, 3: 2.0, 4: 4.0, 5: 8.0, 6: 16.0, 7: 32.0, 8: 60.0, 9: 60.0, 10**9: 60.0}


@pytest.mark.parametrize(("attempt", "seconds"), WAITS.items(), ids=str)
def test_without_chance_the_wait_after_failure_is(attempt: int, seconds: float) -> None:
    assert backoff(attempt, 0.0) == seconds


@given(ATTEMPTS, JITTER)
def test_a_wait_is_never_negative_nor_above_the_cap(attempt: int, jitter: float) -> None:
    assert 0 < backoff(attempt, jitter) <= CAP_SECONDS


@given(ATTEMPTS, JITTER)
def test_a_wait_never_shrinks_with_another_failure(attempt: int, jitter: float) -> None:
    assert backoff(attempt, jitter) <= backoff(attempt + 1, jitter)


@given(ATTEMPTS, JITTER)
def test_chance_takes_at_most_half_of_a_wait_off(attempt: int, jitter: float) -> None:
    assert backoff(attempt, 0.0) / 2 <= backoff(attempt, jitter) <= backoff(attempt, 0.0)
