"""Which kinds of request a channel refuses: one refusal proves nothing, two of two cards do."""

from dataclasses import replace

import pytest

from server.core.discord.answers import Barred
from server.core.discord.refusals import BARRED_SECONDS, GONE_SECONDS, Kind, Refusals

NOW = 1000.0
FORBIDDEN = Barred("http_403_50013", by_body=True)
UNKNOWN = Barred("http_404_10003", is_gone=True)


def meets(
    refusals: Refusals,
    card: str,
    plain: bool = True,
    kind: Kind = Kind.CREATE,
    outcome: Barred = FORBIDDEN,
    now: float = NOW,
) -> bool:
    """Meet a refusal; return whether it holds for the whole kind now."""
    return refusals.met("1", kind, outcome, card, plain, now).is_proved


def waits(refusals: Refusals, now: float = NOW) -> dict[Kind, float]:
    """Return the kinds that have to wait, and how long."""
    pauses = {kind: refusals.open_at("1", kind) - now for kind in Kind}
    return {kind: pause for kind, pause in pauses.items() if pause > 0}


def shut() -> Refusals:
    """Return what is known of a channel that takes no creates."""
    refusals = Refusals()
    assert [meets(refusals, "a"), meets(refusals, "b")] == [False, True]
    return refusals


def test_a_second_card_that_is_refused_closes_its_kind_alone() -> None:
    assert waits(shut()) == {Kind.CREATE: BARRED_SECONDS}


def test_edits_of_any_age_are_one_kind() -> None:
    refusals = Refusals()
    meets(refusals, "a", kind=Kind.EDIT_OLD)

    assert meets(refusals, "b", kind=Kind.EDIT)
    assert waits(refusals) == {Kind.EDIT: BARRED_SECONDS, Kind.EDIT_OLD: BARRED_SECONDS}


PROVES_NOTHING = {
    "one card, however often": [("a", True, Kind.CREATE)] * 9,
    "two cards with files": [("a", False, Kind.CREATE), ("b", False, Kind.CREATE)],
    "two kinds": [("a", True, Kind.CREATE), ("b", True, Kind.EDIT), ("c", True, Kind.DELETE)],
}


@pytest.mark.parametrize("met", PROVES_NOTHING.values(), ids=PROVES_NOTHING)
def test_nothing_waits_after(met: list[tuple[str, bool, Kind]]) -> None:
    refusals = Refusals()

    assert [meets(refusals, *one) for one in met] == [False] * len(met)
    assert waits(refusals) == {}


def test_what_is_taken_in_between_takes_the_doubt_away() -> None:
    refusals = Refusals()
    meets(refusals, "a")
    refusals.passed("1", Kind.CREATE)

    assert not meets(refusals, "b")


def test_a_kind_stays_closed_while_plain_requests_are_refused() -> None:
    refusals = shut()
    later = NOW + BARRED_SECONDS

    assert [meets(refusals, "c", False, now=later), meets(refusals, "c", True, now=later)] == [
        False,
        True,
    ]
    assert waits(refusals, later) == {Kind.CREATE: BARRED_SECONDS}


def test_a_kind_opens_when_one_request_is_taken() -> None:
    refusals = shut()
    refusals.passed("1", Kind.CREATE)

    assert (waits(refusals), refusals.channels({"1"}, "1")) == ({}, 0)


def test_a_new_message_opens_a_thread_for_edits_as_well() -> None:
    refusals = Refusals()
    refusals.wait("1", Kind.EDIT, NOW + 15)
    refusals.wait("1", Kind.DELETE, NOW + 15)
    refusals.wait("2", Kind.EDIT, NOW + 15)

    refusals.passed("1", Kind.CREATE)

    assert waits(refusals) == {}
    assert refusals.open_at("2", Kind.EDIT) == NOW + 15


def test_an_edit_that_is_taken_opens_no_creates() -> None:
    refusals = shut()
    refusals.passed("1", Kind.EDIT)

    assert waits(refusals) == {Kind.CREATE: BARRED_SECONDS}


def test_it_is_known_since_when_there_is_no_such_channel() -> None:
    refusals = Refusals()
    first = refusals.met("1", Kind.EDIT, UNKNOWN, "a", True, NOW)
    second = refusals.met("1", Kind.CREATE, UNKNOWN, "b", True, NOW + 7)
    third = refusals.met("1", Kind.CREATE, UNKNOWN, "c", True, NOW + 9)

    assert [first, second, third] == [
        replace(UNKNOWN, gone_seconds=0.0),
        replace(UNKNOWN, gone_seconds=7.0),
        replace(UNKNOWN, gone_seconds=9.0, is_proved=True),
    ]
    assert waits(refusals, NOW + 9) == {Kind.CREATE: GONE_SECONDS}
    refusals.given_up("1", Kind.CREATE)
    assert waits(refusals, NOW + 9) == {}


def test_a_channel_counts_while_something_waits_for_it() -> None:
    refusals = shut()

    assert [refusals.channels({"1", "2"}, "2"), refusals.channels({"2"}, "2")] == [1, 0]
    assert refusals.channels(set(), "1") == 1


def test_a_channel_counts_while_one_card_waits_for_it() -> None:
    refusals = Refusals()
    meets(refusals, "a")

    assert [refusals.channels({"1"}, "1"), refusals.channels(set(), "1")] == [1, 0]


def test_it_grows_with_channels_and_not_with_refusals() -> None:
    refusals = Refusals()
    for number in range(5000):
        for kind in Kind:
            meets(refusals, str(number), kind=kind, outcome=UNKNOWN, now=NOW + number)

    assert sum(len(held) for held in vars(refusals).values()) < 20
