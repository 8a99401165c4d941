"""Who may act: silence is measured by the one who waits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import START
from hypothesis import given
from hypothesis import strategies as st

from server.core.lease import ACTING_SHARE, Lease, ObservedLease, may_take, observe

SPAN = 6.0
YOURS = Lease("you", 1, START)


def test_a_lease_seen_for_the_first_time_is_watched_from_now() -> None:
    assert observe(None, YOURS, 100.0) == ObservedLease(YOURS, 100.0)


def test_a_lease_that_does_not_move_is_watched_from_when_it_was_first_seen() -> None:
    sighting = ObservedLease(YOURS, 100.0)

    assert observe(sighting, YOURS, 105.0) == sighting


def test_the_holders_clock_is_no_sign_of_life() -> None:
    sighting = ObservedLease(YOURS, 100.0)

    assert (
        observe(sighting, replace(YOURS, renewed_at=START + timedelta(days=1)), 105.0) == sighting
    )


@pytest.mark.parametrize(
    "moved", [replace(YOURS, beat=2), replace(YOURS, holder="they")], ids=["beat", "holder"]
)
def test_a_lease_that_moved_is_watched_afresh(moved: Lease) -> None:
    assert observe(ObservedLease(YOURS, 100.0), moved, 105.0) == ObservedLease(moved, 105.0)


TAKING: dict[str, tuple[str, float, bool]] = {
    "given back": ("", 100.0, True),
    "mine": ("me", 100.0, True),
    "somebody's, just seen": ("you", 100.0, False),
    "somebody's, silent for almost the span": ("you", 105.9, False),
    "somebody's, silent for the span": ("you", 106.0, True),
}


@pytest.mark.parametrize(("holder", "tick", "may"), TAKING.values(), ids=TAKING)
def test_a_lease_may_be_taken_if_it_is(holder: str, tick: float, may: bool) -> None:
    sighting = ObservedLease(replace(YOURS, holder=holder), 100.0)

    assert may_take(sighting, "me", tick, SPAN) is may


@given(
    renewed_at=st.floats(0, 1e6),
    waited=st.floats(0, 100),
    seen_later=st.floats(0, 100),
    span=st.floats(0.1, 60),
)
def test_a_holder_stops_before_another_may_take_over(
    renewed_at: float, waited: float, seen_later: float, span: float
) -> None:
    """Whoever waits saw the renewal after it was made, so its count begins later."""
    tick = renewed_at + seen_later + waited
    takes = may_take(ObservedLease(YOURS, renewed_at + seen_later), "me", tick, span)

    assert not (takes and tick < renewed_at + span * ACTING_SHARE)
