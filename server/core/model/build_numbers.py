"""Sets of build numbers, as ranges: small however many builds a repository has had."""

# Ascending, without overlap, and never side by side.
Ranges = tuple[tuple[int, int], ...]


def with_range(ranges: Ranges, low: int, high: int) -> Ranges:
    """Add the numbers from *low* to *high*, both included; none if they are in the wrong order."""
    if low > high:
        return ranges
    apart = [one for one in ranges if one[1] < low - 1 or one[0] > high + 1]
    joined = [one for one in ranges if one not in apart]
    whole = (min([low, *(one[0] for one in joined)]), max([high, *(one[1] for one in joined)]))
    return tuple(sorted([*apart, whole]))


def newest_gap(ranges: Ranges, top: int) -> int:
    """Return the highest number from 1 to *top* that is in none of the ranges; 0 if all are."""
    for low, high in reversed(ranges):
        if high < top:
            return top
        if low <= top:
            top = low - 1
    return max(top, 0)
