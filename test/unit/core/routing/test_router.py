"""What each key of a routing rule does: rules as people write them, a build, what is shown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from routes import rules

from server.core.model.status import Status
from server.core.routing.facts import BuildFacts
from server.core.routing.reason import Reason, ReasonCode, Verdict, sentence
from server.core.routing.router import Asked, Placement, answers, place
from server.core.routing.rules import (
    Channel,
    Layout,
    Ping,
    PingOn,
    Thread,
    everything_to,
)
from server.core.routing.transition import NO_TRANSITION, Change, Transition

NOON = datetime(2030, 1, 15, 12, tzinfo=UTC)
NIGHT = datetime(2030, 1, 15, 23, tzinfo=UTC)

PUSH = BuildFacts(
    repo="acme/shop",
    branch="main",
    event="push",
    author="octocat",
    message="Greet the world",
    number=41,
    status=Status.SUCCESS,
)
FAILED = replace(PUSH, status=Status.FAILURE, failed_steps=frozenset({"unit tests"}))
RUNNING = replace(PUSH, status=Status.RUNNING)
FAILING = replace(FAILED, status=Status.RUNNING)


def shown(routes: str, build: BuildFacts, change: Change = Change.NONE) -> dict[str, str]:
    """Tell what becomes of a build in each channel, by which route and why."""
    placements = place(rules(routes), build, Transition(change), NOON)
    return {
        one.channel.name: f"{one.verdict} by {one.route}: {sentence(one.reason)}"
        for one in placements
    }


ALL = "it shows every build"

ROWS = [
    pytest.param(
        """
        [[route]]
        name = "everything"
        channel = "builds"
        """,
        PUSH,
        {"builds": f"shown by everything: {ALL}"},
        id="a rule without patterns takes every build",
    ),
    pytest.param(
        """
        [[route]]
        name = "shop"
        repo = ["other/*", "acme/*"]
        channel = "builds"
        """,
        PUSH,
        {"builds": f"shown by shop: repo = acme/*; {ALL}"},
        id="a list matches if one of its patterns does",
    ),
    pytest.param(
        """
        [[route]]
        name = "shop on main"
        repo = "acme/shop"
        branch = "main"
        event = "push"
        author = "OctoCat"
        message = "greet*"
        channel = "builds"
        """,
        PUSH,
        {
            "builds": "shown by shop on main: repo = acme/shop, branch = main, event = push, "
            f"author = OctoCat, message = greet*; {ALL}"
        },
        id="all keys must match, people's text in upper and lower case alike",
    ),
    pytest.param(
        """
        [[route]]
        repo = ["acme/*"]
        branch = ["release/*"]
        channel = "builds"
        """,
        PUSH,
        {},
        id="one key that does not match is enough for no",
    ),
    pytest.param(
        """
        [[route]]
        channel = "builds"
        exclude = { author = ["renovate*"], message = ["*[skip notify]*"] }
        """,
        replace(PUSH, author="renovate[bot]"),
        {},
        id="exclude wins by one of its keys",
    ),
    pytest.param(
        """
        [[route]]
        message = ["*[SKIP NOTIFY]*"]
        channel = "builds"
        exclude = { message = ["*[skip notify]*"] }
        """,
        replace(PUSH, message="Tidy up\n\n[Skip Notify] please"),
        {},
        id="exclude wins over what the rule itself asks for",
    ),
    pytest.param(
        """
        [[route]]
        name = "one"
        channel = "builds"
        [[route]]
        name = "two"
        channel = "alerts"
        """,
        PUSH,
        {"builds": f"shown by one: {ALL}", "alerts": f"shown by two: {ALL}"},
        id="all rules that match apply",
    ),
    pytest.param(
        """
        [[route]]
        name = "first"
        channel = "builds"
        show = "none"
        [[route]]
        name = "second"
        channel = "builds"
        """,
        PUSH,
        {"builds": "suppressed by first: it shows no build"},
        id="in one channel the first rule that matches decides",
    ),
    pytest.param(
        """
        [[route]]
        name = "first"
        channel = "builds"
        stop = true
        [[route]]
        name = "second"
        channel = "alerts"
        """,
        PUSH,
        {"builds": f"shown by first: {ALL}"},
        id="stop ends the search",
    ),
    pytest.param(
        """
        [[route]]
        name = "first"
        branch = "release/*"
        channel = "builds"
        stop = true
        [[route]]
        name = "second"
        channel = "alerts"
        """,
        PUSH,
        {"alerts": f"shown by second: {ALL}"},
        id="a rule that does not match stops nothing",
    ),
    pytest.param(
        """
        [[route]]
        name = "rest"
        fallback = true
        channel = "alerts"
        [[route]]
        name = "shop"
        repo = "acme/shop"
        channel = "builds"
        show = "none"
        """,
        PUSH,
        {"builds": "suppressed by shop: repo = acme/shop; it shows no build"},
        id="a fallback is not asked if any other rule took the build, wherever it stands",
    ),
    pytest.param(
        """
        [[route]]
        name = "rest"
        fallback = true
        channel = "alerts"
        [[route]]
        name = "other"
        repo = "acme/other"
        channel = "builds"
        [[route]]
        name = "more rest"
        fallback = true
        branch = "main"
        channel = "builds"
        """,
        PUSH,
        {
            "alerts": f"shown by rest: no other route took it; {ALL}",
            "builds": f"shown by more rest: no other route took it; branch = main; {ALL}",
        },
        id="fallbacks take what no other rule took",
    ),
    pytest.param(
        """
        [[route]]
        name = "rest"
        fallback = true
        stop = true
        channel = "alerts"
        [[route]]
        name = "more rest"
        fallback = true
        channel = "builds"
        """,
        PUSH,
        {"alerts": f"shown by rest: no other route took it; {ALL}"},
        id="a fallback can stop the search too",
    ),
]


@pytest.mark.parametrize(("routes", "build", "expected"), ROWS)
def test_a_rule_takes_builds_by_its_keys(
    routes: str, build: BuildFacts, expected: dict[str, str]
) -> None:
    assert shown(routes, build) == expected


SHOW_ROWS = [
    ("all", RUNNING, Change.NONE, "shown", ALL),
    ("none", FAILED, Change.BROKEN, "suppressed", "it shows no build"),
    ("ended", RUNNING, Change.NONE, "waits", "it waits for the ending"),
    ("ended", PUSH, Change.PASSED, "shown", "it shows builds that have ended"),
    (
        "ended",
        replace(PUSH, status=Status.KILLED),
        Change.NONE,
        "shown",
        "it shows builds that have ended",
    ),
    (
        "bad",
        RUNNING,
        Change.NONE,
        "waits",
        "it shows builds that have failed, and this one has not",
    ),
    ("bad", FAILING, Change.NONE, "shown", "it shows builds that have failed"),
    ("bad", FAILED, Change.STILL_FAILING, "shown", "it shows builds that have failed"),
    (
        "bad",
        replace(PUSH, status=Status.ERROR),
        Change.BROKEN,
        "shown",
        "it shows builds that have failed",
    ),
    (
        "bad",
        replace(PUSH, status=Status.KILLED, is_timed_out=True),
        Change.BROKEN,
        "shown",
        "it shows builds that have failed",
    ),
    (
        "bad",
        replace(FAILED, status=Status.KILLED),
        Change.NONE,
        "shown",
        "it shows builds that have failed",
    ),
    (
        "bad",
        replace(PUSH, status=Status.KILLED),
        Change.NONE,
        "suppressed",
        "it shows builds that have failed, and this one has not",
    ),
    (
        "bad",
        PUSH,
        Change.FIXED,
        "suppressed",
        "it shows builds that have failed, and this one has not",
    ),
    ("changes", FAILING, Change.NONE, "waits", "it waits for the ending"),
    ("changes", FAILED, Change.BROKEN, "shown", "it shows changes: the branch broke"),
    ("changes", FAILED, Change.NEW_STEP, "shown", "it shows changes: another step broke"),
    ("changes", PUSH, Change.FIXED, "shown", "it shows changes: the branch is fixed"),
    (
        "changes",
        FAILED,
        Change.STILL_FAILING,
        "suppressed",
        "it shows changes, and this one ended as the build before it did",
    ),
    (
        "changes",
        PUSH,
        Change.PASSED,
        "suppressed",
        "it shows changes, and this one ended as the build before it did",
    ),
    (
        "changes",
        FAILED,
        Change.OUTDATED,
        "suppressed",
        "it shows changes, and a later build had ended before this one",
    ),
    (
        "changes",
        replace(PUSH, status=Status.DECLINED),
        Change.NONE,
        "suppressed",
        "it shows changes, and this ending does not say whether all is well",
    ),
]


@pytest.mark.parametrize(
    ("show", "build", "change", "verdict", "why"),
    SHOW_ROWS,
    ids=[f"{show}: {build.status}, {change}" for show, build, change, *_ in SHOW_ROWS],
)
def test_show_decides_which_builds_are_shown(
    show: str, build: BuildFacts, change: Change, verdict: str, why: str
) -> None:
    routes = f"""
    [[route]]
    name = "rule"
    channel = "alerts"
    show = "{show}"
    """

    assert shown(routes, build, change) == {"alerts": f"{verdict} by rule: {why}"}


WITH_EVERYTHING = """
[[route]]
name = "all keys"
channel = "alerts"
thread = "branch"
layout = "short"
silent = "progress"
ping = { on = ["broken"], who = ["author"] }
quiet = { from = "22:00", to = "07:00", zone = "UTC", effect = "EFFECT" }
"""
PING = Ping(frozenset({PingOn.BROKEN}), ("author",))


def test_a_placement_says_how_a_build_is_shown() -> None:
    found = place(rules(WITH_EVERYTHING.replace("EFFECT", "silent")), FAILED, NO_TRANSITION, NOON)

    assert found == (
        Placement(
            channel=Channel("alerts", "222222222222222222"),
            route="all keys",
            verdict=Verdict.SHOWN,
            reason=Reason(ReasonCode.SHOWS_ALL),
            is_silent=False,
            thread=Thread.BRANCH,
            layout=Layout.SHORT,
            ping=PING,
        ),
    )


@pytest.mark.parametrize(
    ("build", "effect", "now", "is_silent", "ping"),
    [
        pytest.param(RUNNING, "silent", NOON, True, PING, id="progress is silent"),
        pytest.param(FAILED, "silent", NOON, False, PING, id="a failure is not"),
        pytest.param(FAILED, "silent", NIGHT, True, PING, id="at night it is"),
        pytest.param(FAILED, "no-ping", NIGHT, False, None, id="or it pings nobody at night"),
        pytest.param(FAILED, "no-ping", NOON, False, PING, id="and pings by day"),
    ],
)
def test_silent_messages_give_no_notification(
    build: BuildFacts, effect: str, now: datetime, is_silent: bool, ping: Ping | None
) -> None:
    routes = rules(WITH_EVERYTHING.replace("EFFECT", effect))

    (found,) = place(routes, build, NO_TRANSITION, now)

    assert (found.is_silent, found.ping) == (is_silent, ping)


def test_a_silent_rule_is_silent_about_failures_too() -> None:
    routes = rules("[[route]]\nchannel = 'builds'\nsilent = true")

    (found,) = place(routes, FAILED, NO_TRANSITION, NOON)

    assert found.is_silent


def test_without_a_file_every_build_goes_to_the_default_channel() -> None:
    (found,) = place(everything_to("9" * 18), RUNNING, NO_TRANSITION, NOON)

    assert found == Placement(
        Channel("default", "9" * 18), "default", Verdict.SHOWN, Reason(ReasonCode.SHOWS_ALL)
    )


BAD_ONLY = """
[[route]]
name = "only bad"
channel = "alerts"
show = "bad"
thread = "repo"
"""
BEGUN = Placement(
    channel=Channel("alerts", "222222222222222222"),
    route="old rule",
    verdict=Verdict.SHOWN,
    reason=Reason(ReasonCode.SHOWS_ALL, (("branch", "main"),)),
    thread=Thread.BRANCH,
    ping=PING,
)


@pytest.mark.parametrize("routes", [BAD_ONLY, "[[route]]\nchannel = 'alerts'\nrepo = 'x/y'"])
def test_what_was_begun_in_a_channel_is_finished_there_when_rules_change(routes: str) -> None:
    found = place(rules(routes), PUSH, NO_TRANSITION, NOON, {BEGUN.channel.id: BEGUN})

    assert found == (
        replace(BEGUN, reason=Reason(ReasonCode.BEGUN, (("branch", "main"),)), ping=None),
    )


def test_what_was_begun_follows_a_rule_that_shows_it_but_stays_in_its_thread() -> None:
    begun = {BEGUN.channel.id: BEGUN}

    (found,) = place(rules(BAD_ONLY), FAILED, NO_TRANSITION, NOON, begun)

    assert (found.route, found.reason.code, found.thread) == (
        "only bad",
        ReasonCode.BAD,
        Thread.BRANCH,
    )


def test_every_route_says_what_became_of_it() -> None:
    routes = """
    [[route]]
    name = "bots"
    channel = "builds"
    exclude = { author = "octo*" }
    [[route]]
    name = "releases"
    channel = "builds"
    branch = ["release/*", "v*"]
    [[route]]
    name = "main"
    channel = "builds"
    branch = "main"
    [[route]]
    name = "again"
    channel = "builds"
    [[route]]
    name = "last"
    channel = "alerts"
    stop = true
    [[route]]
    name = "too late"
    channel = "reds"
    [[route]]
    name = "rest"
    channel = "reds"
    fallback = true
    """

    found = [
        (one.route.name, one.asked, one.matched, one.by) for one in answers(rules(routes), PUSH)
    ]

    assert found == [
        ("bots", Asked.EXCLUDED, (("author", "octo*"),), ""),
        ("releases", Asked.NO_MATCH, (("branch", "release/*, v*"),), ""),
        ("main", Asked.DECIDES, (("branch", "main"),), "main"),
        ("again", Asked.TAKES, (), "main"),
        ("last", Asked.DECIDES, (), "last"),
        ("too late", Asked.STOPPED, (), "last"),
        ("rest", Asked.NOT_NEEDED, (), "main"),
    ]


def test_a_fallback_behind_one_that_stops_is_not_asked() -> None:
    routes = """
    [[route]]
    name = "rest"
    channel = "reds"
    fallback = true
    stop = true
    [[route]]
    name = "more rest"
    channel = "alerts"
    fallback = true
    """

    found = [(one.route.name, one.asked, one.by) for one in answers(rules(routes), PUSH)]

    assert found == [("rest", Asked.DECIDES, "rest"), ("more rest", Asked.STOPPED, "rest")]
