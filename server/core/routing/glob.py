"""Globs of routing rules: those of names as Drone reads them in `when:`, and those of free text.

Drone matches with github.com/bmatcuk/doublestar v1.1.1 (drone/runner-go go.mod, manifest/cond.go):
`*` and `?` stop at a slash, `**` between slashes takes any number of parts, `[a-z]` is a class,
`[^a-z]` its opposite, `{a,b}` is either, and a backslash takes the next sign as it is. What cannot
match there, such as `[` without `]`, is refused here.

Text that people write has no path in it and often has brackets (`[skip ci]`, `renovate[bot]`):
there `*` takes everything, `?` one sign, upper and lower case are alike, all else is literal.

A star gives nothing back once what follows it was found, so the time is at most that of the text
times that of the pattern, whatever a stranger writes.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import chain, product

LONGEST = 200  # signs of a pattern
MOST_ALTERNATIVES = 64
CACHED = 8192

Matcher = Callable[[str], object]

_SIGN = re.compile(r"\\.|\[\^?(?:\\.|[^\\\]])+\]|.", re.DOTALL)
_RANGE = re.compile(r"(\\.|[^\\-])(?:-(\\.|[^\\-]))?", re.DOTALL)
_PART_END = r"(?=/|\Z)"


class BadGlob(ValueError):
    """Say what is wrong with a pattern, in a sentence."""


@lru_cache(CACHED)
def name_matcher(globs: tuple[str, ...]) -> Matcher:
    """Compile globs for names with slashes, of which one must match; raise BadGlob."""
    found = [_name(signs) for glob in globs for signs in _expanded(_signs(_checked(glob)))]
    return re.compile("|".join(found), re.DOTALL).fullmatch


@lru_cache(CACHED)
def text_matcher(globs: tuple[str, ...]) -> Matcher:
    """Compile globs for free text that was case-folded, of which one must match; raise BadGlob."""
    several = [_text(_checked(glob).casefold()) for glob in globs]
    return lambda folded: any(matches(folded) for matches in several)


def is_literal(glob: str, is_text: bool) -> bool:
    """Tell whether a glob matches nothing but itself."""
    return not re.search(r"[*?]" if is_text else r"[*?\[{\\]", glob)


def _checked(glob: str) -> str:
    if not glob:
        raise BadGlob("an empty pattern matches nothing; leave the key out to match everything")
    if len(glob) > LONGEST:
        raise BadGlob(f"a pattern has at most {LONGEST} signs")
    return glob


def _text(glob: str) -> Matcher:
    if "?" not in glob:
        return partial(_stands_in, glob.split("*"))
    first, *others = [re.escape(piece).replace(r"\?", ".") for piece in glob.split("*")]
    between = "".join(rf"(?>.*?{piece})" for piece in others[:-1] if piece)
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + between + last, re.DOTALL).fullmatch


def _stands_in(pieces: list[str], text: str) -> bool:
    """Find *pieces* one after the other: the first at the beginning, the last at the end."""
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return text == first
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in pieces[1:-1]:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _signs(glob: str) -> list[str]:
    signs = _SIGN.findall(glob)
    for sign in signs:
        if sign == "[":
            raise BadGlob("a [ has no ] behind it, or nothing between; write \\[ for the sign")
        if sign == "\\":
            raise BadGlob("a backslash at the end has nothing to protect")
        if len(sign) > 1 and "/" in sign:
            raise BadGlob("a slash stands for itself, with no backslash and no brackets around it")
    if signs[-1] == "/":
        raise BadGlob("a slash at the end says nothing; write /** for everything below")
    return list(signs)


def _expanded(signs: list[str]) -> list[list[str]]:
    """Write out every choice between alternatives."""
    choices: list[list[list[str]]] = []
    count = 1
    rest = iter(signs)
    for sign in rest:
        choices.append(_alternatives(rest) if sign == "{" else [[sign]])
        count *= len(choices[-1])
        if count > MOST_ALTERNATIVES:
            raise BadGlob(f"its braces stand for more than {MOST_ALTERNATIVES} patterns")
    return [list(chain.from_iterable(chosen)) for chosen in product(*choices)]


def _alternatives(rest: Iterator[str]) -> list[list[str]]:
    options: list[list[str]] = [[]]
    for sign in rest:
        if sign in ("{", "/") or len(sign) > 2:
            raise BadGlob("braces hold no slash, class or other braces; write two patterns")
        if sign == "," or sign == "}":
            if not options[-1]:
                raise BadGlob("braces hold an empty alternative, which matches nothing")
            if sign == "}":
                return options
            options.append([])
        else:
            options[-1].append(sign)
    raise BadGlob("a { has no } behind it; write \\{ for the sign itself")


def _name(signs: list[str]) -> str:
    """Write a glob as a regular expression that never takes back what a star took."""
    runs: list[list[str]] = [[]]  # the parts before, between and after those that are `**`
    for part in _split(signs, "/"):
        if part == ["*", "*"]:
            runs.append([])
        else:
            runs[-1].append(_part(part))
    first, *others = ["/".join(run) for run in runs]
    if not others:
        return first
    some = r"(?:[^/]*/)*?"
    between = "".join(rf"(?>{some}{run}/)" for run in others[:-1] if run)
    return (first and f"{first}/") + between + (some + others[-1] if others[-1] else ".*")


def _part(signs: list[str]) -> str:
    """Write what stands between two slashes; only the last star may look for its place twice."""
    first, *others = ["".join(map(_sign, piece)) for piece in _split(signs, "*")]
    if not others:
        return first + _PART_END
    between = "".join(rf"(?>[^/]*?{piece})" for piece in others[:-1] if piece)
    return rf"{first}{between}[^/]*{others[-1]}{_PART_END}"


def _split(signs: list[str], at: str) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    for sign in signs:
        if sign == at:
            pieces.append([])
        else:
            pieces[-1].append(sign)
    return pieces


def _sign(sign: str) -> str:
    if sign == "?":
        return "[^/]"
    if len(sign) < 2:
        return re.escape(sign)
    return _class(sign[1:-1]) if sign[0] == "[" else re.escape(sign[1])


def _class(inner: str) -> str:
    opposite = inner.startswith("^")
    ranges = inner[opposite:]
    written = ""
    while ranges:
        found = _RANGE.match(ranges)
        if found is None:
            raise BadGlob("in brackets a - stands between two signs; write \\- for the sign itself")
        low = found[1][-1]
        high = (found[2] or low)[-1]
        if low > high:
            raise BadGlob(f"in brackets {low}-{high} goes backwards")
        written += f"{re.escape(low)}-{re.escape(high)}"
        ranges = ranges[found.end() :]
    return f"(?!/)[{'^' if opposite else ''}{written}]"
