"""A file of rules is read as the design says; what is wrong is told with line and column."""

from datetime import time, timedelta

import pytest
from routes import CHANNELS

from server.core.routing.rule_file.file import LARGEST, read_rules
from server.core.routing.rule_file.problem import BadRules
from server.core.routing.rules import (
    Channel,
    Criterion,
    Layout,
    Ping,
    PingOn,
    Quiet,
    QuietEffect,
    Route,
    RoutingRules,
    Show,
    Silent,
    Thread,
)

EVERY_KEY = """\
[channels]
builds = "111111111111111111"
alerts = "222222222222222222"
reds   = { id = "333333333333333333", tags = { failed = "444444444444444444" }, board = true }

[people]                       # login at the forge → Discord user
Octocat = "555555555555555555"

[defaults]
show = "ended"
layout = "short"
exclude = { author = "renovate*" }

[[route]]
name    = "main is red"
repo    = ["acme/*"]
branch  = ["main", "release/*"]
event   = ["push", "cron"]
author  = "octocat"
message = "feat*"
exclude = { author = ["dependabot*"], message = ["*[skip notify]*"] }
channel = "alerts"
show    = "changes"
ping    = { on = ["broken"], who = ["author", "role:666666666666666666"], every = "30m" }
remind  = "24h"
silent  = true
quiet   = { from = "22:00", to = "07:00", zone = "Europe/Berlin", effect = "no-ping" }
thread  = "branch"
layout  = "full"
stop    = true

[[route]]
fallback = true
channel  = "builds"
silent   = "progress"
"""
BUILDS = Channel("builds", "111111111111111111")
ALERTS = Channel("alerts", "222222222222222222")


def test_every_key_is_read() -> None:
    expected = RoutingRules(
        channels={
            "builds": BUILDS,
            "alerts": ALERTS,
            "reds": Channel("reds", "333333333333333333", {"failed": "444444444444444444"}, True),
        },
        people={"octocat": "555555555555555555"},
        routes=(
            Route(
                name="main is red",
                channel=ALERTS,
                include=(
                    Criterion("repo", ("acme/*",)),
                    Criterion("branch", ("main", "release/*")),
                    Criterion("event", ("push", "cron")),
                    Criterion("author", ("octocat",)),
                    Criterion("message", ("feat*",)),
                ),
                exclude=(
                    Criterion("author", ("dependabot*",)),
                    Criterion("message", ("*[skip notify]*",)),
                ),
                show=Show.CHANGES,
                ping=Ping(
                    frozenset({PingOn.BROKEN}),
                    ("author", "role:666666666666666666"),
                    timedelta(minutes=30),
                ),
                remind=timedelta(hours=24),
                silent=Silent.YES,
                quiet=Quiet(time(22), time(7), "Europe/Berlin", QuietEffect.NO_PING),
                thread=Thread.BRANCH,
                layout=Layout.FULL,
                stop=True,
            ),
            Route(
                name="route 2",
                channel=BUILDS,
                exclude=(Criterion("author", ("renovate*",)),),
                show=Show.ENDED,
                silent=Silent.PROGRESS,
                layout=Layout.SHORT,
                fallback=True,
            ),
        ),
    )

    assert read_rules(EVERY_KEY.encode()) == expected


def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing() -> None:
    windows = b"\xef\xbb\xbf" + EVERY_KEY.replace("\n", "\r\n").encode()

    assert read_rules(windows) == read_rules(EVERY_KEY.encode())


def test_a_route_can_leave_out_what_the_defaults_say() -> None:
    text = f"""{CHANNELS}
    [defaults]
    ping = {{ on = ["bad"], who = ["author"] }}
    remind = "1d"
    quiet = {{ from = "22:00", to = "07:00", zone = "UTC" }}
    exclude = {{ author = "*[bot]" }}
    silent = true
    stop = true
    channel = "builds"
    [[route]]
    name = "plain"
    ping = {{}}
    remind = "never"
    quiet = {{}}
    exclude = {{}}
    silent = false
    stop = false
    """

    assert read_rules(text.encode()).routes == (Route("plain", BUILDS),)


def problems(routes: str, head: str = CHANNELS) -> list[str]:
    """Return what is wrong with *routes*; the first of their lines is line 6."""
    with pytest.raises(BadRules) as caught:
        read_rules((head + routes).encode())
    return str(caught.value).split("\n")


ROUTE = "[[route]]\nchannel = 'builds'\n"

WRONG = [
    (
        "[[route]]\nchanel = 'builds'\n",
        [
            "line 6, column 1: a route needs a channel of [channels]; "
            "there are builds, alerts, reds.",
            "line 7, column 1: the key 'chanel' is not known; did you mean 'channel'?",
        ],
    ),
    (
        "[[route]]\nchannel = 'bilds'\n",
        ["line 7, column 1: 'bilds' is no channel of [channels]; did you mean 'builds'?"],
    ),
    (
        "[[route]]\nchannel = 3\n",
        [
            "line 7, column 1: a route needs a channel of [channels]; "
            "there are builds, alerts, reds."
        ],
    ),
    ("", ["line 1, column 1: there is no list of routes: nothing is shown without one."]),
    (
        "[route]\nchannel = 'builds'",
        ["line 6, column 1: there is no list of routes: write [[route]] with two brackets."],
    ),
    (
        ROUTE + "name = ''",
        ["line 8, column 1: 'name' must be a text of one line, at most 100 signs."],
    ),
    (
        ROUTE + "name = 3",
        ["line 8, column 1: 'name' must be a text of one line, at most 100 signs."],
    ),
    (
        ROUTE + 'name = "a\\nb"',
        ["line 8, column 1: 'name' must be a text of one line, at most 100 signs."],
    ),
    (
        ROUTE + "name = 'a'\n" + ROUTE + "name = 'b'\n" + ROUTE + "name = 'a'",
        ["line 14, column 1: two routes are called 'a'."],
    ),
    (ROUTE + "repo = 3", ["line 8, column 1: 'repo' must be a list of texts with one at least."]),
    (ROUTE + "repo = []", ["line 8, column 1: 'repo' must be a list of texts with one at least."]),
    (ROUTE + "repo = ['a', 3]", ["line 8, column 14: 'repo' must hold texts alone."]),
    (
        ROUTE + f"repo = {['a'] * 101}",
        ["line 8, column 1: 'repo' must have at most 100 items."],
    ),
    (
        ROUTE + "branch = [\n  'main',  # [\n  'rel[ease',\n]",
        [
            "line 10, column 3: the pattern 'rel[ease': a [ has no ] behind it, "
            "or nothing between; write \\[ for the sign."
        ],
    ),
    (
        ROUTE + "exclude = { athor = 'x' }",
        ["line 8, column 13: the key 'athor' is not known; did you mean 'author'?"],
    ),
    (ROUTE + "exclude = 3", ["line 8, column 1: 'exclude' must be a table."]),
    (
        ROUTE + "show = 'never'",
        ["line 8, column 1: 'show' must be one of all, bad, changes, ended, none."],
    ),
    (
        ROUTE + "show = 3",
        ["line 8, column 1: 'show' must be one of all, bad, changes, ended, none."],
    ),
    (
        ROUTE + "thread = 'x'\nlayout = 'x'",
        [
            "line 8, column 1: 'thread' must be one of never, pull_request, branch, repo.",
            "line 9, column 1: 'layout' must be one of full, short.",
        ],
    ),
    (
        ROUTE + "silent = 'yes'",
        ["line 8, column 1: 'silent' must be true, false or \"progress\"."],
    ),
    (ROUTE + "stop = 'yes'", ["line 8, column 1: 'stop' must be true or false."]),
    (
        ROUTE + "remind = '0h'",
        ['line 8, column 1: \'remind\' must be a span such as "30m", "24h" or "7d".'],
    ),
    (
        ROUTE + "remind = 24",
        ['line 8, column 1: \'remind\' must be a span such as "30m", "24h" or "7d".'],
    ),
    (
        ROUTE
        + "ping = { on = ['broke'], who = ['octocat', 'role:12', 'user:777777777777777777'] }",
        [
            "line 8, column 16: 'on' must be one of approval, fixed, new-step, broken, bad.",
            'line 8, column 33: \'octocat\' must be "author", "role:<id>" or "user:<id>".',
            'line 8, column 44: \'role:12\' must be "author", "role:<id>" or "user:<id>".',
        ],
    ),
    (
        ROUTE + "ping = { every = 'x' }",
        [
            "line 8, column 1: 'on' must be a list of texts with one at least.",
            "line 8, column 1: 'who' must be a list of texts with one at least.",
            'line 8, column 10: \'every\' must be a span such as "30m", "24h" or "7d".',
        ],
    ),
    (
        ROUTE + f"ping = {{ on = 'bad', who = {['author'] * 21} }}",
        ["line 8, column 22: 'who' must have at most 20 items."],
    ),
    (
        ROUTE + "ping.on = ['bad']\nping.who = ['x']",
        ['line 9, column 13: \'x\' must be "author", "role:<id>" or "user:<id>".'],
    ),
    (
        ROUTE + "quiet = { from = 22:00:00, to = '24:00', zone = 'Berlin', efect = 'silent' }",
        [
            "line 8, column 11: 'from' must be a time of day such as \"22:00\", in quotes.",
            "line 8, column 28: 'to' must be a time of day such as \"22:00\", in quotes.",
            "line 8, column 42: 'zone' must be a time zone such as \"Europe/Berlin\".",
            "line 8, column 59: the key 'efect' is not known; did you mean 'effect'?",
        ],
    ),
    (
        ROUTE + "quiet = { from = '22:00', to = '22:00', zone = 'Europe' }",
        [
            "line 8, column 27: 'from' and 'to' are the same time, so no hour is quiet.",
            "line 8, column 41: 'zone' must be a time zone such as \"Europe/Berlin\".",
        ],
    ),
    (
        ROUTE + "quiet = { from = '22:00', to = '07:00' }",
        ["line 8, column 1: 'zone' must be a time zone such as \"Europe/Berlin\"."],
    ),
    (
        ROUTE + "quiet = { from = '22:00', to = '07:00', zone = '../UTC' }",
        ["line 8, column 41: 'zone' must be a time zone such as \"Europe/Berlin\"."],
    ),
    (
        "[defaults]\nname = 'x'\nshow = 'x'\n" + ROUTE + ROUTE,
        [
            "line 7, column 1: the key 'name' is not known; there are repo, branch, event, author, "
            "message, exclude, channel, show, ping, remind, silent, quiet, thread, layout, stop.",
            "line 8, column 1: 'show' must be one of all, bad, changes, ended, none.",
        ],
    ),
    (
        "[defaults]\nshow = 'x'\n" + ROUTE + "show = 'bad'",
        ["line 7, column 1: 'show' must be one of all, bad, changes, ended, none."],
    ),
    (
        ROUTE + "[peple]\n",
        ["line 8, column 1: the key 'peple' is not known; did you mean 'people'?"],
    ),
    (
        ROUTE + "[people]\noctocat = 555555555555555555\nOctoCat = '555555555555555555'",
        [
            "line 9, column 1: the Discord user of 'octocat' must be an id of 17 to 20 digits "
            "in quotes.",
            "line 10, column 1: 'OctoCat' stands here twice; upper and lower case are alike.",
        ],
    ),
]


@pytest.mark.parametrize(("routes", "expected"), WRONG, ids=[row[1][0] for row in WRONG])
def test_everything_that_is_wrong_is_told_with_its_place(routes: str, expected: list[str]) -> None:
    assert problems(routes) == expected


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (
            "builds = 111111111111111111",
            "line 2, column 1: the channel 'builds' must be an id of 17 to 20 digits in quotes.",
        ),
        (
            "builds = { id = '1', board = 1 }",
            "line 2, column 12: the channel 'builds' must be an id of 17 to 20 digits.",
        ),
        (
            'builds = "111111111111111111"\n"a b" = { id = "222222222222222222", '
            'tags = { failed = "x", "fai\\u006Ced2" = "x" } }',
            "line 3, column 47: the tag 'failed' must be an id of 17 to 20 digits.",
        ),
    ],
)
def test_a_wrong_channel_is_told_with_its_place(channels: str, expected: str) -> None:
    assert problems(f"\n{ROUTE}", f"[channels]\n{channels}")[0] == expected


def test_a_route_that_is_no_table_is_told_with_its_place() -> None:
    assert problems("", "route = [1]\nchannels = { a = '111111111111111111' }") == [
        "line 1, column 10: 'route' must be a table.",
        "line 1, column 10: a route needs a channel of [channels]; there are a.",
    ]


def test_a_route_without_any_channel_says_what_to_do() -> None:
    assert problems(ROUTE, "") == [
        "line 2, column 1: a route needs a channel; name one in [channels]."
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"[a]\nx = \n", "line 2, column 5: this is no TOML: Invalid value."),
        (b'[a]\nx = "', "line 2, column 6: this is no TOML: Unterminated string."),
        (
            b"x = " + b"1" * 5000,
            "line 1, column 1: this is no TOML: a number is too long, or brackets go too deep.",
        ),
        (
            b"x = " + b"[" * 100_000,
            "line 1, column 1: this is no TOML: a number is too long, or brackets go too deep.",
        ),
        ("\ufeffa = 'ä'\r\nb = '".encode() + b"\xff'", "line 2, column 6: the file is not UTF-8."),
        (b"#" * (LARGEST + 1), "line 1, column 1: the file has more than 262,144 bytes."),
    ],
    ids=["a value is missing", "a quote is missing", "digits", "depth", "bytes", "size"],
)
def test_what_is_no_toml_is_refused(raw: bytes, expected: str) -> None:
    with pytest.raises(BadRules) as caught:
        read_rules(raw)

    assert str(caught.value) == expected


def test_there_are_limits_on_how_much_a_file_says() -> None:
    channels = "".join(f"c{n} = '{10**17 + n}'\n" for n in range(501))
    people = "".join(f"p{n} = '{10**17 + n}'\n" for n in range(5001))

    found = problems(
        "[[route]]\nchannel = 'c0'\n" * 501, f"[channels]\n{channels}[people]\n{people}"
    )

    assert found == [
        "line 1, column 1: there are more than 500 channels.",
        "line 503, column 1: there are more than 5000 people.",
        "line 6505, column 1: there are more than 500 routes.",
    ]


def test_of_many_problems_the_first_are_told() -> None:
    found = problems("[[route]]\n" * 60)

    assert (len(found), found[-1]) == (51, "and 10 more")
