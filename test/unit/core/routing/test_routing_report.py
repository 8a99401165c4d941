"""What `routes check`, `routes test` and `routes explain` print."""

import re
from datetime import UTC, datetime

import pytest
from routes import CHANNELS, rules

from server.core.model.status import Status
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import NOTHING_KNOWN
from server.core.routing.reason import Reason, ReasonCode, Verdict
from server.core.routing.report import (
    BadQuestion,
    check_lines,
    explain_lines,
    read_question,
    trial_lines,
    unexpected,
)
from server.core.routing.router import Placement
from server.core.routing.rule_file.file import read_rules
from server.core.routing.rule_file.problem import BadRules
from server.core.routing.rule_file.warnings import warnings
from server.core.routing.rules import Channel
from server.core.routing.transition import Change

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)

ROUTES = """
[[route]]
name = "bots"
author = "*[bot]"
channel = "builds"
stop = true
[[route]]
name = "main is red"
branch = "main"
channel = "alerts"
show = "changes"
thread = "branch"
layout = "short"
silent = true
ping = { on = ["broken"], who = ["author", "role:666666666666666666"] }
exclude = { message = "*[skip notify]*" }
[[route]]
name = "again"
channel = "alerts"
[[route]]
name = "rest"
channel = "builds"
fallback = true
"""
FAILED_ON_MAIN = ["repo=acme/shop", "branch=main", "status=failure", "author=octocat", "step=unit"]


def trial(*words: str) -> list[str]:
    """Print what the routes do with the build that *words* describe."""
    return trial_lines(rules(ROUTES), *read_question(words), NOW)


def test_a_trial_names_each_channel_with_rule_and_reason_then_the_other_routes() -> None:
    assert trial(*FAILED_ON_MAIN, "before=success") == [
        "alerts shown: by 'main is red': branch = main; it shows changes: the branch broke "
        "[thread by branch, silent, short, pings author, role:666666666666666666 (broken)]",
        "",
        "'bots' does not match author = *[bot]",
        "'again' takes it, but 'main is red' decides in alerts",
        "'rest' is a fallback, and 'main is red' takes it",
    ]


def test_a_trial_says_why_a_build_is_not_shown() -> None:
    assert trial(*FAILED_ON_MAIN, "before=failure")[:2] == [
        "alerts suppressed: by 'main is red': branch = main; "
        "it shows changes, and this one ended as the build before it did",
        "",
    ]


def test_a_trial_names_the_route_that_stops_and_what_excludes() -> None:
    assert trial("author=renovate[bot]", "message=Tidy [skip notify]", "branch=main") == [
        "builds shown: by 'bots': author = *[bot]; it shows every build",
        "",
        "'main is red' excludes it by message = *[skip notify]*",
        "'again' is not asked: 'bots' stops",
        "'rest' is a fallback, and 'bots' takes it",
    ]


def test_a_trial_says_that_a_build_is_shown_nowhere() -> None:
    lines = trial_lines(
        rules("[[route]]\nchannel = 'builds'\nrepo = 'a/b'"), *read_question([]), NOW
    )

    assert lines == [
        "No route takes it: it is shown nowhere.",
        "",
        "'route 1' does not match repo = a/b",
    ]


def test_a_question_describes_a_build() -> None:
    facts, change = read_question(
        [
            *("repo=acme/shop", "branch=main", "event=cron", "status=failure", "author=octocat"),
            *("message=a=b", "before=success", "step=unit"),
        ]
    )

    assert facts == BuildFacts(
        repo="acme/shop",
        branch="main",
        event="cron",
        author="octocat",
        message="a=b",
        number=2,
        status=Status.FAILURE,
        failed_steps=frozenset({"unit"}),
    )
    assert change.change is Change.BROKEN


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ["rep=x"],
            "'rep=x' is not known; write key=value with repo, branch, event, status, author, "
            "message, before, step.",
        ),
        (
            ["main"],
            "'main' is not known; write key=value with repo, branch, event, status, author, "
            "message, before, step.",
        ),
        (["repo=a", "repo=b"], "repo is there twice."),
        (
            ["event=pushed"],
            "event=pushed is not known; there are push, pull_request, tag, cron, custom, promote, "
            "rollback.",
        ),
        (
            ["status=red"],
            "status=red is not known; there are pending, waiting_on_dependencies, blocked, "
            "running, success, failure, error, killed, skipped, declined, unknown.",
        ),
        (["before=red"], "before=red is not known; there are success, failure."),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(words: list[str], why: str) -> None:
    with pytest.raises(BadQuestion, match=f"^{re.escape(why)}$"):
        read_question(words)


@pytest.mark.parametrize(
    ("expected", "lines"),
    [
        (["alerts"], []),
        ([], ["It is shown in alerts, which was not expected."]),
        (
            ["builds"],
            ["It is not shown in builds.", "It is shown in alerts, which was not expected."],
        ),
        (["alert"], ["There is no channel 'alert' in [channels]."]),
    ],
)
def test_an_expectation_is_compared_with_the_channels_that_show_a_build(
    expected: list[str], lines: list[str]
) -> None:
    facts, change = read_question([*FAILED_ON_MAIN, "before=success"])

    assert unexpected(rules(ROUTES), facts, change, NOW, expected) == lines


def test_an_explanation_tells_what_is_stored_and_what_the_rules_say_now() -> None:
    kept = Placement(
        Channel("", "999999999999999999"),
        "old rule",
        Verdict.SHOWN,
        Reason(ReasonCode.SHOWS_ALL, (("repo", "acme/*"),)),
    )
    facts = BuildFacts("acme/shop", "dev\x1b[31m", "push", number=42, status=Status.SUCCESS)
    routes = rules("[[route]]\nname = 'all'\nchannel = 'builds'")

    lines = explain_lines("acme/shop#42", [kept], routes, facts, NOTHING_KNOWN, NOW)

    assert lines == [
        "acme/shop#42: push of dev, success",
        "999999999999999999 shown: by 'old rule': repo = acme/*; it shows every build",
        "",
        "By the rules in force it would be:",
        "builds shown: by 'all': it shows every build",
    ]


def test_an_explanation_of_a_build_without_a_card_says_so() -> None:
    routes = rules("[[route]]\nname = 'all'\nchannel = 'builds'")

    lines = explain_lines("a/b#1", [], routes, BuildFacts(event="push"), NOTHING_KNOWN, NOW)

    assert lines[:2] == ["a/b#1: push of ?, running", "It has no card."]


def test_a_check_counts_what_is_right_and_lists_warnings() -> None:
    raw = (CHANNELS + "[people]\na = '555555555555555555'\n" + ROUTES).encode()
    read = read_rules(raw)

    assert check_lines("bridge.toml", read, [], warnings(raw, read)) == [
        "bridge.toml: warning: line 5, column 1: no route sends anything to 'reds'.",
        "bridge.toml: warning: line 27, column 1: the fallback 'rest' never applies: "
        "'again' takes all that it matches.",
        "bridge.toml is right: 4 routes, 3 channels, 1 person.",
    ]


def test_a_check_lists_what_is_wrong() -> None:
    with pytest.raises(BadRules) as caught:
        read_rules(b"[channels]")

    assert check_lines("bridge.toml", None, caught.value.problems, []) == [
        "bridge.toml: line 1, column 1: there is no list of routes: nothing is shown without one.",
        "bridge.toml is wrong; what was read last stays in force.",
    ]
