"""Which kinds of request a channel refuses: one refusal proves nothing, two of two cards do."""

from dataclasses import replace

import pytest

from server.core.discord.answers import Barred
from server.core.discord.refusals import BARRED_SECONDS, GONE_SECONDS, ChannelRefusals, RequestKind

NOW = 1000.0
FORBIDDEN = Barred("http_403_50013", by_body=True)
UNKNOWN = Barred("http_404_10003", is_gone=True)


def meets(
    refusals: ChannelRefusals,
    card: str,
    plain: bool = True,
    kind: RequestKind = RequestKind.CREATE,
    outcome: Barred = FORBIDDEN,
    now: float = NOW,
) -> bool:
    """Meet a refusal; return whether it holds for the whole kind now."""
    return refusals.met("1", kind, outcome, card, plain, now).is_proved


def waits(refusals: ChannelRefusals, now: float = NOW) -> dict[RequestKind, float]:
    """Return the kinds that have to wait, and how long."""
    pauses = {kind: refusals.open_at("1", kind) - now for kind in RequestKind}
    return {kind: pause for kind, pause in pauses.items() if pause > 0}


def shut() -> ChannelRefusals:
    """Return what is known of a channel that takes no creates."""
    refusals = ChannelRefusals()
    assert [meets(refusals, "a"), meets(refusals, "b")] == [False, True]
    return refusals


def test_a_second_card_that_is_refused_closes_its_kind_alone() -> None:
    assert waits(shut()) == {RequestKind.CREATE: BARRED_SECONDS}


def test_edits_of_any_age_are_one_kind() -> None:
    refusals = ChannelRefusals()
    meets(refusals, "a", kind=RequestKind.EDIT_OLD)

    assert meets(refusals, "b", kind=RequestKind.EDIT)
    assert waits(refusals) == {
        RequestKind.EDIT: BARRED_SECONDS,
        RequestKind.EDIT_OLD: BARRED_SECONDS,
    }


PROVES_NOTHING = {
    "one card, however often": [("a", True, RequestKind.CREATE)] * 9,
    "two cards with files": [("a", False, RequestKind.CREATE), ("b", False, RequestKind.CREATE)],
    "two kinds": [
        ("a", True, RequestKind.CREATE),
        ("b", True, RequestKind.EDIT),
        ("c", True, RequestKind.DELETE),
    ],
}


@pytest.mark.parametrize("met", PROVES_NOTHING.values(), ids=PROVES_NOTHING)
def test_nothing_waits_after(met: list[tuple[str, bool, RequestKind]]) -> None:
    refusals = ChannelRefusals()

    assert [meets(refusals, *one) for one in met] == [False] * len(met)
    assert waits(refusals) == {}


def test_what_is_taken_in_between_takes_the_doubt_away() -> None:
    refusals = ChannelRefusals()
    meets(refusals, "a")
    refusals.passed("1", RequestKind.CREATE)

    assert not meets(refusals, "b")


def test_a_kind_stays_closed_while_plain_requests_are_refused() -> None:
    refusals = shut()
    later = NOW + BARRED_SECONDS

    assert [meets(refusals, "c", False, now=later), meets(refusals, "c", True, now=later)] == [
        False,
        True,
    ]
    assert waits(refusals, later) == {RequestKind.CREATE: BARRED_SECONDS}


def test_a_kind_opens_when_one_request_is_taken() -> None:
    refusals = shut()
    refusals.passed("1", RequestKind.CREATE)

    assert (waits(refusals), refusals.channels({"1"}, "1")) == ({}, 0)


def test_a_new_message_opens_a_thread_for_edits_as_well() -> None:
    refusals = ChannelRefusals()
    refusals.wait("1", RequestKind.EDIT, NOW + 15)
    refusals.wait("1", RequestKind.DELETE, NOW + 15)
    refusals.wait("2", RequestKind.EDIT, NOW + 15)

    refusals.passed("1", RequestKind.CREATE)

    assert waits(refusals) == {}
    assert refusals.open_at("2", RequestKind.EDIT) == NOW + 15


def test_an_edit_that_is_taken_opens_no_creates() -> None:
    refusals = shut()
    refusals.passed("1", RequestKind.EDIT)

    assert waits(refusals) == {RequestKind.CREATE: BARRED_SECONDS}


def test_it_is_known_since_when_there_is_no_such_channel() -> None:
    refusals = ChannelRefusals()
    first = refusals.met("1", RequestKind.EDIT, UNKNOWN, "a", True, NOW)
    second = refusals.met("1", RequestKind.CREATE, UNKNOWN, "b", True, NOW + 7)
    third = refusals.met("1", RequestKind.CREATE, UNKNOWN, "c", True, NOW + 9)

    assert [first, second, third] == [
        replace(UNKNOWN, gone_seconds=0.0),
        replace(UNKNOWN, gone_seconds=7.0),
        replace(UNKNOWN, gone_seconds=9.0, is_proved=True),
    ]
    assert waits(refusals, NOW + 9) == {RequestKind.CREATE: GONE_SECONDS}
    refusals.given_up("1", RequestKind.CREATE)
    assert waits(refusals, NOW + 9) == {}


def test_a_channel_counts_while_something_waits_for_it() -> None:
    refusals = shut()

    assert [refusals.channels({"1", "2"}, "2"), refusals.channels({"2"}, "2")] == [1, 0]
    assert refusals.channels(set(), "1") == 1


def test_a_channel_counts_while_one_card_waits_for_it() -> None:
    refusals = ChannelRefusals()
    meets(refusals, "a")

    assert [refusals.channels({"1"}, "1"), refusals.channels(set(), "1")] == [1, 0]


def test_it_grows_with_channels_and_not_with_refusals() -> None:
    refusals = ChannelRefusals()
    for number in range(5000):
        for kind in RequestKind:
            meets(refusals, str(number), kind=kind, outcome=UNKNOWN, now=NOW + number)

    assert sum(len(held) for held in vars(refusals).values()) < 20
