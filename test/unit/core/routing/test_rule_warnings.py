"""Warnings about rules that are not wrong but can hardly be meant."""

import pytest

from server.core.routing.rule_file.file import read_rules
from server.core.routing.rule_file.warnings import warnings

CHANNELS = """
[channels]
builds = { id = "111111111111111111", board = true }
alerts = { id = "222222222222222222", board = true }
"""


def found(text: str) -> list[str]:
    """Return the warnings about a file."""
    raw = text.encode()
    return [str(warning) for warning in warnings(raw, read_rules(raw))]


def about(*routes: str) -> list[str]:
    """Return the warnings about routes, without their places; every channel has its use."""
    text = CHANNELS + "".join(f"\n[[route]]\n{route}\n" for route in routes)
    return [warning.split(": ", 1)[1] for warning in found(text)]


def test_usual_rules_give_no_warning() -> None:
    assert (
        about(
            "name = 'main'\nbranch = 'main'\nchannel = 'alerts'\nshow = 'changes'",
            "name = 'rest'\nfallback = true\nchannel = 'builds'",
        )
        == []
    )


def test_what_nothing_uses_is_told_with_its_place() -> None:
    text = """[channels]
    used = "111111111111111111"
    unused = "222222222222222222"
    same = "111111111111111111"
    board = { id = "333333333333333333", board = true }
    [people]
    octocat = "555555555555555555"
    [[route]]
    channel = "used"
    ping = { on = ["bad"], who = ["role:666666666666666666"] }
    """

    assert found(text) == [
        "line 3, column 5: no route sends anything to 'unused'.",
        "line 4, column 5: 'same' and 'used' are the same channel of Discord.",
        "line 4, column 5: no route sends anything to 'same'.",
        'line 6, column 5: nobody in [people] is ever pinged: no route pings the "author".',
    ]


NARROW = "name = 'narrow'\nrepo = 'acme/shop'\nchannel = 'alerts'\nshow = 'bad'"

FIRST = "'narrow' never decides: 'wide' takes all that it matches, and is first."
STOPPED = "'narrow' is never asked: 'wide' takes all that it matches, and stops."
BOTH = "some builds may match both 'one' and 'two'; then the first decides in this channel."


@pytest.mark.parametrize(
    ("wide", "expected"),
    [
        pytest.param("channel = 'alerts'", [FIRST], id="it takes everything"),
        pytest.param("repo = '**'\nchannel = 'alerts'", [FIRST], id="by a pattern"),
        pytest.param("repo = ['x', 'acme/*']\nchannel = 'alerts'", [FIRST], id="what matches it"),
        pytest.param("author = '*'\nchannel = 'alerts'", [FIRST], id="every author"),
        pytest.param("channel = 'builds'", [], id="in another channel"),
        pytest.param("channel = 'builds'\nstop = true", [STOPPED], id="anywhere, if it stops"),
        pytest.param("repo = 'acme/x'\nchannel = 'alerts'\nstop = true", [], id="something else"),
        pytest.param("channel = 'alerts'\nfallback = true", [], id="a fallback comes later"),
        pytest.param(
            "repo = 'acme/shop'\nexclude = { author = 'x*' }\nchannel = 'alerts'\nshow = 'bad'",
            [],
            id="what it excludes is left",
        ),
    ],
)
def test_a_rule_that_cannot_decide_is_told(wide: str, expected: list[str]) -> None:
    assert about(f"name = 'wide'\n{wide}", NARROW) == expected


def test_a_rule_behind_one_that_excludes_the_same_cannot_decide() -> None:
    excluded = "\nexclude = { author = ['a', 'b'] }"

    assert about(
        "name = 'wide'\nchannel = 'alerts'\nexclude = { author = 'a' }", NARROW + excluded
    ) == [FIRST]


@pytest.mark.parametrize("order", [1, -1], ids=["before the others", "after them"])
def test_a_fallback_that_can_never_apply_is_told(order: int) -> None:
    routes = [
        "name = 'rest'\nfallback = true\nchannel = 'builds'",
        "name = 'all'\nchannel = 'alerts'",
    ][::order]

    assert about(*routes) == ["the fallback 'rest' never applies: 'all' takes all that it matches."]


@pytest.mark.parametrize(
    ("one", "two", "is_told"),
    [
        pytest.param("repo = 'acme/*'", "branch = 'main'", True, id="by different keys"),
        pytest.param("repo = 'acme/*'", "repo = '*/shop'", True, id="by patterns that cross"),
        pytest.param("repo = ['a/*', 'x/y']", "repo = ['b/*', 'x/?']", True, id="by one of a list"),
        pytest.param("repo = ['a/*', 'x/?']", "repo = ['b/*', 'x/y']", True, id="or the other way"),
        pytest.param("repo = 'acme/*'", "repo = 'other/*'", False, id="not what never meets"),
        pytest.param("repo = 'acme/*'", "repo = 'other/x'", False, id="nor a name outside"),
        pytest.param("repo = 'acme/x'", "repo = 'acme/y'", False, id="nor two names"),
        pytest.param("repo = 'acme/x'", "repo = 'acme/*'", False, id="nor the narrow one first"),
    ],
)
def test_rules_of_a_channel_that_overlap_are_told(one: str, two: str, is_told: bool) -> None:
    routes = (
        f"name = 'one'\nchannel = 'alerts'\n{one}",
        f"name = 'two'\nchannel = 'alerts'\nshow = 'bad'\n{two}",
    )

    assert about(*routes) == ([BOTH] if is_told else [])


def test_rules_that_overlap_and_show_builds_alike_are_no_matter() -> None:
    assert (
        about(
            "name = 'one'\nchannel = 'alerts'\nrepo = 'acme/*'",
            "name = 'two'\nchannel = 'alerts'\nbranch = 'main'",
        )
        == []
    )


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (
            "show = 'bad'\nping = { on = ['fixed'], who = ['author'] }",
            ["'rule' never pings: it shows no such build."],
        ),
        ("show = 'bad'\nping = { on = ['fixed', 'bad'], who = ['author'] }", []),
        ("ping = { on = ['approval'], who = ['author'] }", []),
        ("show = 'none'\nremind = '1d'", ["'rule' has no card to remind below."]),
        (
            "event = ['pul_request']",
            ["Drone has no event 'pul_request'; did you mean 'pull_request'?"],
        ),
        ("event = ['pul_request', 'p*']", []),
    ],
)
def test_what_has_no_effect_is_told(route: str, expected: list[str]) -> None:
    assert about(f"name = 'rule'\nbranch = 'x'\nchannel = 'alerts'\n{route}") == expected
