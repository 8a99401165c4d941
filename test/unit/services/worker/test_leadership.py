"""Holding the lease: taken, kept, lost, given back, whatever the store does meanwhile."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from fakes import START, MemoryLeases, MemoryStore, seconds

from server.core.lease import Lease
from server.errors import StoreUnavailable
from server.services.worker.leadership import LOOK_SECONDS, NAME, Leadership

SPAN = 6.0


class Team:
    """Workers before one store, at a time that the test lets pass."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.tick = 1000.0
        self.workers: dict[str, Leadership] = {}

    def keep(self, name: str, **report: Any) -> bool:
        """Let a worker look after the lease; True if it was just taken."""
        now = START + seconds(self.tick)
        return self.worker(name).keep(report, now, self.tick)

    def acts(self, name: str) -> bool:
        return self.worker(name).acts(self.tick)

    def worker(self, name: str) -> Leadership:
        return self.workers.setdefault(name, Leadership(self.store.leases, name, SPAN))

    def release(self, name: str) -> None:
        self.worker(name).release({}, START + seconds(self.tick))

    @property
    def lease(self) -> tuple[str, int]:
        found = self.store.leases.read(NAME)
        assert found is not None
        return found[0].holder, found[0].beat

    def asked(self) -> int:
        """Return how often the store was asked."""
        return len(self.store.faults.calls)


@pytest.fixture
def team() -> Team:
    return Team()


def test_a_lease_that_was_never_held_is_taken_at_once(team: Team) -> None:
    assert team.keep("one")

    assert team.acts("one")
    assert team.store.leases.read(NAME) == (Lease("one", 1, START + seconds(1000)), {})


def test_before_it_holds_the_lease_a_worker_does_not_act(team: Team) -> None:
    assert not team.acts("one")


def test_a_second_worker_stands_by(team: Team) -> None:
    team.keep("one")

    assert not team.keep("two")

    assert (team.acts("one"), team.acts("two")) == (True, False)


def test_a_held_lease_is_renewed_with_the_holders_report(team: Team) -> None:
    team.keep("one")
    team.tick += SPAN / 4

    assert not team.keep("one", waiting=3)

    assert team.store.leases.read(NAME) == (
        Lease("one", 2, START + seconds(1001.5)),
        {"waiting": 3},
    )


def test_between_two_looks_the_store_is_left_alone(team: Team) -> None:
    team.keep("one")
    team.keep("two")
    before = team.asked()

    team.tick += SPAN / 4 - 0.001
    team.keep("one")
    team.keep("two")

    assert team.asked() == before


def test_a_standby_of_a_long_lease_soon_sees_that_it_was_given_back(team: Team) -> None:
    long = 60.0
    one, two = (Leadership(team.store.leases, name, long) for name in ("one", "two"))
    one.keep({}, START, 1000.0)
    two.keep({}, START, 1000.0)
    one.release({}, START)

    assert two.keep({}, START, 1000.0 + LOOK_SECONDS)


def test_a_worker_that_renews_holds_the_lease_for_ever(team: Team) -> None:
    for _ in range(100):
        team.keep("one")
        assert not team.keep("two")
        assert team.acts("one")
        team.tick += SPAN / 4


def test_a_silent_holder_is_replaced_after_the_span(team: Team) -> None:
    team.keep("one")
    taken_after = None

    for step in range(1, 20):
        team.tick += 0.5
        if team.keep("two"):
            taken_after = step * 0.5
            break

    # Two saw it first after half a second, and looks every second and a half.
    assert taken_after == 6.5
    assert (team.lease, team.acts("two")) == (("two", 2), True)


def test_a_silent_holder_stops_acting_before_it_is_replaced(team: Team) -> None:
    team.keep("one")
    team.tick += SPAN * 0.75

    assert not team.acts("one")
    assert not team.keep("two")


def test_a_holder_may_act_for_three_quarters_of_the_span_after_its_renewal(team: Team) -> None:
    team.keep("one")
    team.tick += SPAN / 4
    team.keep("one")

    until = team.worker("one").acts_until

    assert until == team.tick + SPAN * 0.75
    assert [team.worker("one").acts(tick) for tick in (until - 0.001, until)] == [True, False]


def test_a_renewal_that_fails_prolongs_nothing(team: Team) -> None:
    team.keep("one")
    until = team.worker("one").acts_until
    team.store.faults.is_away = True
    team.tick += SPAN / 4
    with pytest.raises(StoreUnavailable):
        team.keep("one")

    assert team.worker("one").acts_until == until


def test_the_clock_of_the_holder_decides_nothing(team: Team) -> None:
    long_ago = START - seconds(10**6)
    team.store.leases.write(NAME, Lease("one", 1, long_ago), {}, over=None)

    assert not team.keep("two")


def test_a_holder_that_comes_back_in_time_goes_on(team: Team) -> None:
    team.keep("one")
    team.tick += SPAN * 2

    team.keep("one")

    assert (team.acts("one"), team.lease) == (True, ("one", 2))


def test_a_holder_that_comes_back_too_late_stands_by(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    team.keep("one")
    team.keep("two")
    team.tick += SPAN
    team.keep("two")

    assert not team.keep("one")

    assert (team.acts("one"), team.acts("two")) == (False, True)
    assert caplog.messages == ["Another worker holds the lease now; this one stands by."]


def test_who_lost_the_lease_takes_it_back_when_the_other_falls_silent(team: Team) -> None:
    team.keep("one")
    team.keep("two")
    team.tick += SPAN
    team.keep("two")
    team.keep("one")

    team.tick += SPAN / 4
    assert not team.keep("one")
    team.tick += SPAN

    assert team.keep("one")


def test_a_lease_that_is_given_back_is_taken_at_once(team: Team) -> None:
    team.keep("one")
    team.keep("two")

    team.release("one")
    team.tick += SPAN / 4

    assert team.keep("two")
    assert not team.acts("one")


def test_who_gave_the_lease_back_may_take_it_again(team: Team) -> None:
    team.keep("one")
    team.release("one")
    team.tick += SPAN / 4

    assert team.keep("one")
    assert team.lease == ("one", 3)


def test_who_does_not_hold_the_lease_gives_nothing_back(team: Team) -> None:
    team.keep("one")

    team.release("two")

    assert team.lease == ("one", 1)


def test_who_lost_the_lease_unawares_does_not_give_it_back(team: Team) -> None:
    team.keep("one")
    team.keep("two")
    team.tick += SPAN
    team.keep("two")

    team.release("one")

    assert team.lease == ("two", 2)


def test_of_two_who_see_a_free_lease_one_takes_it(team: Team) -> None:
    assert [team.keep("one"), team.keep("two")] == [True, False]


class OvertakenLeases(MemoryLeases):
    """Leases that another worker takes between a look and the write that follows it."""

    def write(self, name: str, lease: Lease, report: Mapping[str, Any], over: Lease | None) -> bool:
        super().write(name, replace(lease, holder="two"), {}, over)
        return super().write(name, lease, report, over)


def test_who_is_overtaken_while_it_takes_the_lease_stands_by(team: Team) -> None:
    team.store.leases = OvertakenLeases(team.store.faults)

    assert not team.keep("one")

    assert (team.acts("one"), team.lease) == (False, ("two", 1))


def test_a_lease_that_was_dropped_is_taken_anew(team: Team) -> None:
    team.keep("one")
    team.store.leases.lose(NAME)
    team.tick += SPAN / 4
    assert not team.keep("one")
    assert not team.acts("one")

    team.tick += SPAN / 4

    assert team.keep("one")


# -- A store that fails -----------------------------------------------------------------------


def test_while_the_store_is_away_the_holder_acts_on_until_its_time_is_over(team: Team) -> None:
    team.keep("one")
    team.store.faults.is_away = True
    team.tick += SPAN / 4

    with pytest.raises(StoreUnavailable):
        team.keep("one")

    assert team.acts("one")
    team.tick += SPAN / 2
    assert not team.acts("one")


def test_when_the_store_is_back_the_holder_renews(team: Team) -> None:
    team.keep("one")
    team.store.faults.is_away = True
    team.tick += SPAN
    with pytest.raises(StoreUnavailable):
        team.keep("one")
    team.store.faults.is_away = False
    team.tick += SPAN / 4

    assert not team.keep("one")

    assert team.acts("one")


def test_a_renewal_whose_answer_was_lost_is_followed_by_another(team: Team) -> None:
    """The one who waits counts from the first; the holder must not count from later."""
    team.keep("one")
    team.store.faults.unanswered.add("leases.write")
    team.tick += SPAN / 4
    with pytest.raises(StoreUnavailable):
        team.keep("one")
    assert team.lease == ("one", 2)
    team.tick += SPAN / 4

    team.keep("one")

    assert (team.lease, team.acts("one")) == (("one", 3), True)


def test_a_lease_whose_taking_was_not_answered_is_taken_again(team: Team) -> None:
    team.store.faults.unanswered.add("leases.write")
    with pytest.raises(StoreUnavailable):
        team.keep("one")
    team.tick += SPAN / 4

    assert team.keep("one")

    assert team.lease == ("one", 2)


def test_a_lease_is_given_back_after_a_renewal_whose_answer_was_lost(team: Team) -> None:
    team.keep("one")
    team.store.faults.unanswered.add("leases.write")
    team.tick += SPAN / 4
    with pytest.raises(StoreUnavailable):
        team.keep("one")

    team.release("one")

    assert team.lease == ("", 3)


def test_who_is_in_a_hurry_looks_at_once_and_finds_a_lease_that_was_given_back(team: Team) -> None:
    team.keep("one")
    team.keep("two")
    team.release("one")

    assert not team.keep("two")
    team.worker("two").hurry()

    assert team.keep("two")


def test_what_a_standby_has_seen_counts_however_often_it_is_in_a_hurry(team: Team) -> None:
    team.keep("one")
    team.keep("two")
    team.tick += SPAN
    team.worker("two").hurry()

    assert team.keep("two")


def test_taking_the_lease_is_logged(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    team.keep("one")

    assert [(record.message, vars(record)["holder"]) for record in caplog.records] == [
        ("This worker holds the lease.", "one")
    ]


def test_a_round_that_takes_long_loses_no_lease_that_is_renewed_beside_it(team: Team) -> None:
    team.keep("one", waiting=3)

    for _ in range(3):
        team.tick += SPAN / 2
        team.worker("one").renew(START + seconds(team.tick), team.tick)
        team.keep("two")

    assert (team.acts("one"), team.acts("two")) == (True, False)
    found = team.store.leases.read(NAME)
    assert found == (Lease("one", 4, START + seconds(team.tick)), {"waiting": 3})


def test_a_lease_that_is_not_held_is_not_renewed(team: Team) -> None:
    team.worker("one").renew(START, team.tick)

    assert team.asked() == 0


def test_a_lease_that_was_given_back_is_not_renewed(team: Team) -> None:
    team.keep("one")
    team.release("one")
    team.tick += SPAN

    team.worker("one").renew(START, team.tick)

    assert team.lease == ("", 2)


@pytest.mark.parametrize("is_given_back", [True, False], ids=["given back", "left"])
def test_who_takes_a_lease_knows_whether_it_was_abandoned(team: Team, is_given_back: bool) -> None:
    team.keep("one")
    if is_given_back:
        team.release("one")
    team.keep("two")
    team.tick += SPAN

    team.keep("two")

    assert team.acts("two")
    assert team.worker("two").was_abandoned is not is_given_back
