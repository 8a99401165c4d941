"""Which builds two routes share, told from their patterns alone, and always on the safe side."""

import re
from itertools import product

from server.core.routing.glob import is_literal
from server.core.routing.rules import TEXTS, Criterion, Route, comparable

_SPECIAL = re.compile(r"[*?\[{\\]")


def covers(wide: Route, narrow: Route) -> bool:
    """Tell whether *wide* surely matches everything that *narrow* matches."""
    by_field = {one.name: one for one in narrow.include}
    if not all(_covers(one, by_field.get(one.name)) for one in wide.include):
        return False
    excluded = {one.name: one for one in narrow.exclude}
    return all(
        one.name in excluded and set(one.globs) <= set(excluded[one.name].globs)
        for one in wide.exclude
    )


def may_share(one: Route, other: Route) -> bool:
    """Tell whether some build may match both; False is sure."""
    by_field = {criterion.name: criterion for criterion in other.include}
    return all(
        criterion.name not in by_field or _may_meet(criterion, by_field[criterion.name])
        for criterion in one.include
    )


def _covers(wide: Criterion, narrow: Criterion | None) -> bool:
    everything = "*" if wide.name in TEXTS else "**"
    if everything in wide.globs:
        return True
    return narrow is not None and all(
        glob in wide.globs
        or (_is_literal(narrow, glob) and bool(wide.matches(comparable(wide.name, glob))))
        for glob in narrow.globs
    )


def _may_meet(one: Criterion, other: Criterion) -> bool:
    for left, right in product(one.globs, other.globs):
        if _is_literal(one, left):
            if other.matches(comparable(one.name, left)):
                return True
        elif _is_literal(other, right):
            if one.matches(comparable(one.name, right)):
                return True
        elif _beginnings_agree(left, right):
            return True
    return False


def _is_literal(criterion: Criterion, glob: str) -> bool:
    return is_literal(glob, criterion.name in TEXTS)


def _beginnings_agree(left: str, right: str) -> bool:
    """Compare what stands before the first sign that is not itself."""
    ours, theirs = (_SPECIAL.split(glob, 1)[0].casefold() for glob in (left, right))
    return ours.startswith(theirs) or theirs.startswith(ours)
