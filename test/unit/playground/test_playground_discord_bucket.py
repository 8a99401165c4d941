"""Buckets fill and empty as Discord's do, by the time they are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.discord.core.bucket import Level, Rate, Standing, parse_rate, spend
from playground.discord.core.limit import Claim, Limits
from playground.discord.core.nonce import Nonces

FIXED = Rate(5, 5.0)
SLIDING = Rate(5, 5.0, "sliding")


def spend_all(rate: Rate, *instants: float) -> list[Standing]:
    """Spend one request at each instant."""
    level, standings = Level(), []
    for now in instants:
        level, standing = spend(level, rate, now)
        standings.append(standing)
    return standings


def test_a_fixed_window_allows_its_limit() -> None:
    standings = spend_all(FIXED, 100, 101, 102, 103, 104)

    assert standings[0] == Standing(True, remaining=4, reset_after=5.0, retry_after=0.0)
    assert standings[-1] == Standing(True, remaining=0, reset_after=1.0, retry_after=0.0)


def test_a_fixed_window_refuses_one_more_than_its_limit() -> None:
    standings = spend_all(FIXED, 100, 100, 100, 100, 100, 102)

    assert standings[-1] == Standing(False, remaining=0, reset_after=3.0, retry_after=3.0)


def test_a_fixed_window_is_full_again_when_it_is_over() -> None:
    standings = spend_all(FIXED, 100, 100, 100, 100, 100, 105)

    assert standings[-1] == Standing(True, remaining=4, reset_after=5.0, retry_after=0.0)


def test_a_sliding_window_gives_back_one_slot_at_a_time() -> None:
    standings = spend_all(SLIDING, 100, 100, 100, 100, 100, 100.5, 101, 101)

    assert [one.is_allowed for one in standings] == [True] * 5 + [False, True, False]
    assert standings[4] == Standing(True, remaining=0, reset_after=5.0, retry_after=0.0)
    assert standings[5] == Standing(False, remaining=0, reset_after=4.5, retry_after=0.5)


@pytest.mark.parametrize("style", ["fixed", "sliding"])
@given(waits=st.lists(st.floats(min_value=0, max_value=3), max_size=60))
def test_who_waits_reset_after_at_zero_is_never_refused(style: str, waits: list[float]) -> None:
    rate = Rate(5, 5.0, "sliding" if style == "sliding" else "fixed")
    level, now = Level(), 1000.0

    for wait in waits:
        now += wait
        level, standing = spend(level, rate, now)
        assert standing.is_allowed
        if standing.remaining == 0:
            now += standing.reset_after


@pytest.mark.parametrize("style", ["fixed", "sliding"])
@given(waits=st.lists(st.floats(min_value=0, max_value=1), max_size=60))
def test_who_waits_retry_after_is_allowed(style: str, waits: list[float]) -> None:
    rate = Rate(3, 6.0, "sliding" if style == "sliding" else "fixed")
    level, now = Level(), 1000.0

    for wait in waits:
        now += wait
        level, standing = spend(level, rate, now)
        if not standing.is_allowed:
            now += standing.retry_after + 1e-6
            level, standing = spend(level, rate, now)
            assert standing.is_allowed


@pytest.mark.parametrize(
    ("text", "rate"),
    [("5/5", FIXED), ("5/5 sliding", SLIDING), ("3/0.5", Rate(3, 0.5)), ("off", None)],
)
def test_a_rate_can_be_written(text: str, rate: Rate | None) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "5", "0/5", "5/0", "5/-1", "5/nan", "a/b", "5/5 leaky"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|literal|convert"):
        parse_rate(text)


def test_one_hash_has_a_counter_for_each_method() -> None:
    limits = Limits()

    posted = limits.judge(Claim("POST", "messages", "1"), 100.0)
    patched = limits.judge(Claim("PATCH", "messages", "1"), 100.0)

    assert posted.bucket == patched.bucket
    assert posted.standing == patched.standing == Standing(True, 4, 5.0, 0.0)


def test_channels_do_not_share_a_bucket() -> None:
    limits = Limits()

    limits.judge(Claim("POST", "messages", "1"), 100.0)
    other = limits.judge(Claim("POST", "messages", "2"), 100.0)

    assert other.standing == Standing(True, 4, 5.0, 0.0)


@pytest.mark.parametrize(("count", "scope"), [(50, None), (51, "global")])
def test_the_global_limit_is_fifty_a_second(count: int, scope: str | None) -> None:
    limits = Limits()

    verdicts = [limits.judge(Claim("GET", "", str(n)), 100.0) for n in range(count)]

    last = verdicts[-1].too_many
    assert (last.scope if last else None) == scope


def test_interactions_are_outside_the_global_limit() -> None:
    limits = Limits()

    verdicts = [limits.judge(Claim("POST", "", "t", is_global=False), 100.0) for _ in range(60)]

    assert all(one.too_many is None for one in verdicts)


@pytest.mark.parametrize(("count", "code"), [(3, None), (4, 30046)])
def test_three_edits_of_old_messages_are_allowed(count: int, code: int | None) -> None:
    limits = Limits()
    claim = Claim("PATCH", "messages", "1", edits_old=True)

    verdicts = [limits.judge(claim, 100.0) for _ in range(count)]

    last = verdicts[-1]
    assert (last.too_many.code if last.too_many else None) == code
    assert last.standing is not None
    assert last.standing.remaining == 5 - count


def test_a_nonce_is_known_for_its_window_only() -> None:
    nonces = Nonces(window_seconds=300)

    nonces.keep("bot", "n", "1", now=100.0)

    assert nonces.find("bot", "n", now=399.9) == "1"
    assert nonces.find("bot", "n", now=400.0) is None
    assert nonces.find("other", "n", now=100.0) is None


def test_nonces_are_forgotten_when_their_window_is_over() -> None:
    nonces = Nonces(window_seconds=300)

    for second in range(1000):
        nonces.keep("bot", str(second), "1", now=float(second))

    assert len(nonces.known) == 300
