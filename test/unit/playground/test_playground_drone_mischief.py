"""Disturb deliveries with chance that is passed in."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.drone.mischief import drop, duplicate, shuffle

ITEMS = list(range(100))


def chance(seed: int = 1) -> Random:
    return Random(seed)


@given(st.lists(st.integers()), st.integers())
def test_shuffling_loses_nothing(items: list[int], seed: int) -> None:
    assert sorted(shuffle(items, chance(seed))) == sorted(items)


def test_shuffling_changes_the_order() -> None:
    assert shuffle(ITEMS, chance()) != ITEMS


@pytest.mark.parametrize(
    ("probability", "count"), [pytest.param(0, 1, id="never"), pytest.param(1, 2, id="always")]
)
def test_duplicates_follow_their_original(probability: float, count: int) -> None:
    expected = [item for item in ITEMS for _ in range(count)]

    assert duplicate(ITEMS, probability, chance()) == expected


@pytest.mark.parametrize(
    ("probability", "kept"), [pytest.param(0, ITEMS, id="never"), pytest.param(1, [], id="always")]
)
def test_dropping_loses_by_chance(probability: float, kept: list[int]) -> None:
    assert drop(ITEMS, probability, chance()) == kept


@given(st.floats(0, 1), st.integers())
def test_the_same_chance_gives_the_same_deliveries(probability: float, seed: int) -> None:
    def disturbed() -> list[int]:
        random = chance(seed)
        return duplicate(drop(shuffle(ITEMS, random), probability, random), probability, random)

    assert disturbed() == disturbed()


def test_nothing_is_changed_in_place() -> None:
    items = list(ITEMS)

    shuffle(items, chance())

    assert items == ITEMS
