"""Sets of build numbers behave as sets, and stay small."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.core.model.build_numbers import Ranges, newest_gap, with_range

SPANS = st.lists(st.tuples(st.integers(1, 40), st.integers(-1, 6)), max_size=12)


def joined(spans: list[tuple[int, int]]) -> tuple[Ranges, set[int]]:
    """Return ranges and a set of the same numbers."""
    ranges: Ranges = ()
    numbers: set[int] = set()
    for low, length in spans:
        ranges = with_range(ranges, low, low + length)
        numbers |= set(range(low, low + length + 1))
    return ranges, numbers


@given(SPANS)
def test_the_ranges_hold_what_was_added(spans: list[tuple[int, int]]) -> None:
    ranges, numbers = joined(spans)

    assert {one for low, high in ranges for one in range(low, high + 1)} == numbers


@given(SPANS)
def test_no_two_ranges_touch(spans: list[tuple[int, int]]) -> None:
    ranges, _ = joined(spans)

    assert all(left[1] + 1 < right[0] for left, right in pairwise(ranges))


@given(SPANS, st.integers(0, 50))
def test_the_newest_gap_is_the_highest_number_that_is_missing(
    spans: list[tuple[int, int]], top: int
) -> None:
    ranges, numbers = joined(spans)

    assert newest_gap(ranges, top) == max(set(range(1, top + 1)) - numbers, default=0)
