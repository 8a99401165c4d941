"""The cards of builds as people see them: every kind and every status, written out."""

from dataclasses import replace
from typing import Any

import pytest
from drone_shapes import COMMIT, PICTURE, PUSH, SERVER, SHA, build, card, description, stage, step

from server.core.model.build import BuildState
from server.core.render.message import render

PAGE = f"{SERVER}/octocat/hello-world/42"
PARENT = f"{SERVER}/octocat/hello-world/41"
TREE = f"{SERVER}/link/octocat/hello-world/tree"
PULL = f"{TREE}/refs/pull/5/head?sha={SHA}"
TAG = f"{TREE}/refs/tags/v1.2.0?sha={SHA}"
TO_MAIN = f"{COMMIT}?ref=refs/heads/main"
BY_AUTHOR = f"[7fd1a60]({TO_MAIN}) by **The Octocat**"


def passed(text: str, *buttons: tuple[str, str], **author: str) -> dict[str, object]:
    """Write the whole message of a passed build: what differs is the line of its origin."""
    row = [{"type": 2, "style": 5, "label": label, "url": url} for label, url in buttons]
    return {
        "embeds": [
            {
                "author": author,
                "title": "octocat/hello-world #42 · ✅ passed",
                "description": f"> Greet the world\n{text}\nTook 1m 12s · queued 10s",
                "color": 0x42C768,
                "url": PAGE,
                "timestamp": "2023-11-14T22:13:20+00:00",
            }
        ],
        "components": [{"type": 1, "components": row}],
        "allowed_mentions": {"parse": []},
    }


KINDS = [
    pytest.param(
        build(),
        passed(
            f"Push to **main** · [7fd1a60]({TO_MAIN})",
            ("Build", PAGE),
            ("Commit", TO_MAIN),
            name="The Octocat",
            icon_url=PICTURE,
        ),
        id="push",
    ),
    pytest.param(
        build(
            event="pull_request",
            ref="refs/pull/5/head",
            source="greet-42",
            title="Greet the world",
            message="<!-- template 1 -->",
        ),
        passed(
            f"Pull request [#5]({PULL}): **greet\\-42** → **main** · [7fd1a60]({COMMIT})",
            ("Build", PAGE),
            ("Commit", COMMIT),
            ("Pull request", PULL),
            name="The Octocat",
            icon_url=PICTURE,
        ),
        id="pull request",
    ),
    pytest.param(
        build(event="tag", ref="refs/tags/v1.2.0", source="", target="", sender="deployer"),
        passed(
            f"Tag **v1.2.0** · [7fd1a60]({TAG})",
            ("Build", PAGE),
            ("Tag", TAG),
            name="The Octocat",
        ),
        id="tag",
    ),
    pytest.param(
        build(event="promote", trigger="hubot", parent=41, deploy_to="production"),
        passed(
            f"Promotion of [#41]({PARENT}) to **production** · **main** · {BY_AUTHOR}",
            ("Build", PAGE),
            ("Commit", TO_MAIN),
            name="hubot",
        ),
        id="promotion",
    ),
    pytest.param(
        build(event="rollback", trigger="hubot", parent=41, deploy_to="production"),
        passed(
            f"Rollback to [#41]({PARENT}) on **production** · **main** · {BY_AUTHOR}",
            ("Build", PAGE),
            ("Commit", TO_MAIN),
            name="hubot",
        ),
        id="rollback",
    ),
    pytest.param(
        build(event="cron", trigger="@cron", cron="nightly", source=""),
        passed(
            f"Cron **nightly** on **main** · [7fd1a60]({TO_MAIN})",
            ("Build", PAGE),
            ("Commit", TO_MAIN),
            name="The Octocat",
        ),
        id="cron",
    ),
    pytest.param(
        build(event="custom", trigger="hubot"),
        passed(
            f"Custom build of **main** · {BY_AUTHOR}",
            ("Build", PAGE),
            ("Commit", TO_MAIN),
            name="hubot",
        ),
        id="custom",
    ),
    pytest.param(
        build(trigger="hubot", parent=41),
        passed(
            f"Restart of [#41]({PARENT}) · Push to **main** · {BY_AUTHOR}",
            ("Build", PAGE),
            ("Commit", TO_MAIN),
            name="hubot",
        ),
        id="restart",
    ),
]


@pytest.mark.parametrize(("state", "message"), KINDS)
def test_each_kind_of_build_says_what_started_it(
    state: BuildState, message: dict[str, object]
) -> None:
    assert render(state) == message


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"ref": "", "target": "", "source": ""}, "Push to an unknown branch"),
        ({"ref": "", "target": "", "source": "refs/heads/x"}, "Push to **x**"),
        ({"ref": "refs/heads/refs/tags/x"}, "Push to **refs/tags/x**"),
        ({"ref": "", "event": "pull_request"}, "Pull request: **main** → **main**"),
        (
            {"ref": "refs/pull-requests/5/from", "event": "pull_request", "target": ""},
            "Pull request #5: **main** → **unknown**",
        ),
        ({"ref": "", "target": "v1", "event": "tag"}, "Tag **v1**"),
        ({"ref": "", "target": "", "source": "", "event": "tag"}, "Tag **unknown**"),
        ({"event": "cron"}, "Cron **unnamed** on **main**"),
        (
            {"event": "pull_request", "ref": "refs/pull/5/head", "source_repo": "hubot/hello"},
            f"Pull request [#5]({TREE}/refs/pull/5/head): **hubot/hello:main** → **main**",
        ),
        (
            {
                "event": "pull_request",
                "ref": "refs/pull/5/head",
                "source_repo": "Octocat/Hello-World",
            },
            f"Pull request [#5]({TREE}/refs/pull/5/head): **main** → **main**",
        ),
        ({"event": "merge"}, "Build of **main**"),
        ({"debug": True}, "Push to **main** · debug mode"),
        ({"trigger": "hubot", "debug": True, "parent": 0}, "Push to **main** · debug mode"),
        ({"event": ""}, "Build of **main**"),
        (
            {"event": "promote", "deploy_to": "qa", "ref": "", "target": "", "source": ""},
            "Promotion to **qa**",
        ),
        ({"event": "promote", "deploy_to": ""}, "Promotion to **unknown** · **main**"),
        ({"event": "rollback", "deploy_to": "qa"}, "Rollback on **qa** · **main**"),
        (
            {"event": "promote", "deploy_to": "qa", "ref": "refs/pull-requests/5/from"},
            "Promotion to **qa** · pull request #5: **main** → **main**",
        ),
        (
            {"event": "promote", "deploy_to": "qa", "ref": "refs/heads/fix-42"},
            "Promotion to **qa** · **fix\\-42**",
        ),
        (
            {"event": "promote", "deploy_to": "qa", "ref": "refs/tags/v2"},
            "Promotion to **qa** · tag **v2**",
        ),
    ],
)
def test_a_gap_in_what_drone_knows_leaves_a_sentence(changes: dict[str, Any], line: str) -> None:
    state = build(message="", after="", finished=0, **changes)

    assert description(state) == line


STATUSES = [
    ("success", 0x42C768, "✅ passed"),
    ("failure", 0xBB3030, "❌ failed"),
    ("error", 0xBB3030, "💥 could not run"),
    ("running", 0xDDB231, "🔄 running"),
    ("pending", 0x21B7FD, "🕒 queued"),
    ("waiting_on_dependencies", 0x21B7FD, "⏳ waiting"),
    ("blocked", 0x21B7FD, "✋ needs approval"),
    ("killed", 0x747F8D, "🛑 cancelled"),
    ("skipped", 0x747F8D, "⏭️ superseded"),
    ("declined", 0x747F8D, "🚫 declined"),
    ("levitating", 0x747F8D, "❔ unknown"),
]


@pytest.mark.parametrize(("status", "color", "words"), STATUSES)
def test_each_status_has_its_colour_sign_and_word(status: str, color: int, words: str) -> None:
    embed = card(build(status=status))

    assert (embed["color"], embed["title"]) == (color, f"octocat/hello-world #42 · {words}")


def test_a_pending_build_with_a_blocked_stage_needs_approval() -> None:
    state = build(stage(1, "default", "blocked"), status="pending", started=0, finished=0)

    embed = card(state)

    assert embed["title"] == "octocat/hello-world #42 · ✋ needs approval"
    assert embed["color"] == 0x21B7FD
    assert embed["description"] == (
        "✋ Approve or decline it on the build page\n"
        "> Greet the world\n"
        f"Push to **main** · [7fd1a60]({TO_MAIN})\n"
        "Created <t:1700000000:R>"
    )


def test_a_superseded_build_says_why_it_ended() -> None:
    state = build(status="skipped", started=1700000005, finished=1700000005)

    assert description(state) == (
        "⏭️ A newer build took its place\n"
        "> Greet the world\n"
        f"Push to **main** · [7fd1a60]({TO_MAIN})\n"
        "Never started · queued 5s"
    )


@pytest.mark.parametrize(
    ("started", "stopped", "timeout", "words"),
    [
        (1700000000, 1700003600, 60, "⏰ timed out after 60m"),
        (1700000000, 1700003594, 60, "🛑 cancelled"),
        (1700000000, 1700003600, 0, "🛑 cancelled"),
        (1700000000, 0, 60, "🛑 cancelled"),
        (0, 1700003600, 60, "🛑 cancelled"),
    ],
)
def test_a_stage_killed_at_the_limit_timed_out(
    started: int, stopped: int, timeout: int, words: str
) -> None:
    killed = stage(1, "default", "killed", started=started, stopped=stopped)
    state = build(killed, status="killed", repo={"timeout": timeout})

    assert card(state)["title"] == f"octocat/hello-world #42 · {words}"


@pytest.mark.parametrize("status", ["success", "running", "pending"])
def test_only_a_killed_stage_times_out(status: str) -> None:
    long = stage(1, "default", status, started=1700000010, stopped=1700009999)

    assert card(build(long, status="killed"))["title"].endswith("🛑 cancelled")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"status": "running"}, "Started <t:1700000010:R> · queued 10s"),
        ({"status": "running", "created": 1700000006}, "Started <t:1700000010:R>"),
        ({"status": "pending", "started": 0}, "Created <t:1700000000:R>"),
        ({"status": "blocked"}, "Created <t:1700000000:R>"),
        ({"status": "success", "finished": 1700000000}, "Took 0s · queued 10s"),
        ({"status": "failure", "finished": 1700007510}, "Took 2h 5m · queued 10s"),
        ({"status": "success", "created": 0}, "Took 1m 12s"),
        ({"status": "success", "created": 1700000006}, "Took 1m 12s"),
        ({"status": "killed", "finished": 1700000010}, "Never started · queued 10s"),
        ({"repo": {"protected": True}}, "Took 1m 12s · waited 10s"),
        ({"status": "killed"}, "Took 1m 12s · queued 10s"),
    ],
)
def test_the_time_is_how_long_or_since_when(changes: dict[str, Any], line: str) -> None:
    assert description(build(**changes)).split("\n")[-1] == line


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "running", "started": 0},
        {"status": "pending", "created": 0},
        {"status": "success", "finished": 0},
        {"status": "declined", "finished": 0},
    ],
)
def test_an_unknown_time_is_not_made_up(changes: dict[str, Any]) -> None:
    assert description(build(**changes)) == (
        f"> Greet the world\nPush to **main** · [7fd1a60]({TO_MAIN})"
    )


def test_a_build_of_an_unknown_instant_has_no_timestamp() -> None:
    assert "timestamp" not in card(build(created=0))


def test_a_failed_step_is_named_first_while_the_build_still_runs() -> None:
    backend = stage(
        1,
        "backend",
        "running",
        step(1, "clone"),
        step(2, "test", "failure", exit_code=1),
        step(3, "lint", "running"),
        step(4, "publish", "pending"),
    )
    release = stage(2, "release", "waiting_on_dependencies")
    state = build(backend, release, status="running", finished=0)

    embed = card(state)

    assert embed["color"] == 0xDDB231
    assert embed["title"] == "octocat/hello-world #42 · 🔄 running"
    assert embed["description"] == (
        "❌ **test** failed in **backend** · exit code 1\n"
        "> Greet the world\n"
        f"Push to **main** · [7fd1a60]({TO_MAIN})\n"
        "Started <t:1700000010:R> · queued 10s\n"
        "\n"
        "🔄 **backend** · started <t:1700000010:R>\n"
        "\u2003✅ clone · 1s\n"
        "\u2003❌ test · 2s · exit code 1\n"
        "\u2003🔄 lint · started <t:1700000010:R>\n"
        "\u2003🕒 publish · queued\n"
        "⏳ **release** · waiting"
    )


def first_line(*stages: dict[str, object]) -> str:
    return description(build(*stages, status="failure")).split("\n")[0]


FAILED = step(2, "test", "failure", exit_code=1)


@pytest.mark.parametrize(
    ("stages", "line"),
    [
        pytest.param(
            [stage(1, "default", "failure", FAILED)],
            "❌ **test** failed · exit code 1",
            id="one unnamed stage",
        ),
        pytest.param(
            [stage(1, "backend", "failure", FAILED)],
            "❌ **test** failed in **backend** · exit code 1",
            id="one named stage",
        ),
        pytest.param(
            [
                stage(2, "b", "failure", FAILED),
                stage(1, "a", "failure", FAILED, step(1, "x", "error")),
            ],
            "💥 **x** could not run in **a** · and 2 more",
            id="several",
        ),
        pytest.param(
            [
                stage(
                    1, "a", "failure", step(1, "x", "failure", errignore=True, exit_code=1), FAILED
                )
            ],
            "❌ **test** failed in **a** · exit code 1",
            id="an ignored step",
        ),
        pytest.param(
            [stage(1, "a", "failure", FAILED, errignore=True), stage(2, "b", "failure")],
            "❌ **b** failed",
            id="an ignored stage",
        ),
        pytest.param(
            [stage(1, "a", "error", step(1, "x", "skipped"), error="no space left", exit_code=255)],
            "💥 **a** could not run · no space left",
            id="a stage",
        ),
        pytest.param(
            [stage(1, "a", "error", step(1, "x", "error", error="pull\naccess denied"))],
            "💥 **x** could not run in **a** · pull access denied",
            id="the error of a step",
        ),
        pytest.param(
            [stage(1, "a", "error", step(1, "x", "error"), error="lost the runner")],
            "💥 **x** could not run in **a** · lost the runner",
            id="the error of its stage",
        ),
        pytest.param(
            [stage(1, "", "failure", step(1, " ", "failure", exit_code=-3))],
            "❌ **unnamed** failed",
            id="without names",
        ),
    ],
)
def test_the_first_line_names_what_broke(stages: list[dict[str, object]], line: str) -> None:
    assert first_line(*stages) == line


@pytest.mark.parametrize(
    "stages",
    [
        pytest.param([], id="no stages"),
        pytest.param(
            [stage(1, "a", "success", step(1, "x", "failure", errignore=True))], id="ignored"
        ),
        pytest.param([stage(1, "a", "killed", step(1, "x", "killed", exit_code=137))], id="killed"),
    ],
)
def test_what_did_not_break_the_build_is_not_named_first(stages: list[dict[str, object]]) -> None:
    assert first_line(*stages) == "> Greet the world"


def test_a_configuration_that_cannot_be_read_shows_its_error() -> None:
    state = build(
        status="error",
        error="yaml: line 3:\n  did not find expected ```",
        trigger="",
        started=1700000000,
        finished=1700000000,
    )

    assert description(state) == (
        "```\nyaml: line 3:\n  did not find expected `\u200b`\u200b`\n```\n"
        "> Greet the world\n"
        f"Push to **main** · [7fd1a60]({TO_MAIN})"
    )


@pytest.mark.parametrize(
    ("changes", "author"),
    [
        ({}, {"name": "The Octocat", "icon_url": PICTURE}),
        ({"trigger": "hubot"}, {"name": "hubot"}),
        ({"trigger": "@cron"}, {"name": "The Octocat"}),
        ({"sender": "merger"}, {"name": "The Octocat"}),
        ({"author_login": "", "sender": ""}, {"name": "The Octocat"}),
        ({"author_avatar": "http://gitea/avatars/1"}, {"name": "The Octocat"}),
        ({"author_avatar": "https://10.0.0.5/avatars/1"}, {"name": "The Octocat"}),
        ({"author_name": " \u200b"}, {"name": "octocat", "icon_url": PICTURE}),
        ({"author_name": "", "author_login": "", "sender": "pusher"}, {"name": "pusher"}),
        ({"author_name": "", "author_login": "", "sender": ""}, {"name": "@hook"}),
        (
            {"author_name": "", "author_login": "", "sender": "", "trigger": ""},
            {"name": "unknown"},
        ),
        (
            {"author_name": "*The*\n\u202eOctocat"},
            {"name": "*The* Octocat", "icon_url": PICTURE},
        ),
    ],
)
def test_the_person_is_who_acted(changes: dict[str, Any], author: dict[str, str]) -> None:
    assert card(build(**changes))["author"] == author


@pytest.mark.parametrize(
    ("slug", "start"),
    [
        ("Diesel-Net/plex", "Diesel-Net/plex #42"),
        ("~user/my_repo", "\\~user/my\\_repo #42"),
        ("", "unknown repository #42"),
        ("o/" + "r" * 300, "o/" + "r" * 118 + "…" + "r" * 120 + " #42"),
    ],
)
def test_the_title_starts_with_slug_and_number(slug: str, start: str) -> None:
    title = card(build(repo={"slug": slug}))["title"]

    assert title == f"{start} · ✅ passed"
    assert len(title) <= 256


def test_links_point_at_the_public_address() -> None:
    message = render(build(link="http://drone"), "https://ci.example.com/")

    assert message["embeds"][0]["url"] == "https://ci.example.com/octocat/hello-world/42"
    assert "https://ci.example.com/link/octocat/" in message["embeds"][0]["description"]


@pytest.mark.parametrize("link", ["", "http://drone", "http://localhost:8080", "drone.example.com"])
def test_a_server_that_discord_cannot_link_is_not_linked(link: str) -> None:
    state = build(stage(1, "release"), link=link, parent=41, trigger="hubot")

    assert render(state) == {
        "embeds": [
            {
                "author": {"name": "hubot"},
                "title": "octocat/hello-world #42 · ✅ passed",
                "description": (
                    "> Greet the world\n"
                    "Restart of #41 · Push to **main** · 7fd1a60 by **The Octocat**\n"
                    "Took 1m 12s · queued 10s\n"
                    "\n"
                    "✅ **release** · 1m 1s"
                ),
                "color": 0x42C768,
                "timestamp": "2023-11-14T22:13:20+00:00",
            }
        ],
        "components": [],
        "allowed_mentions": {"parse": []},
    }


def test_an_address_too_long_for_a_button_is_left_out_of_the_row() -> None:
    ref = "refs/tags/" + "ä" * 200
    message = render(build(event="tag", ref=ref))

    assert [button["label"] for button in message["components"][0]["components"]] == ["Build"]


@pytest.mark.parametrize("secret", ["octocat@example.com", "waiting"])
def test_neither_e_mail_nor_the_whole_message_are_shown(secret: str) -> None:
    assert secret in str(PUSH)
    assert secret not in str(render(build()))


APPROVALS = {
    "all of it": ([stage(1, "ci", "blocked"), stage(2, "release", "blocked")], "it"),
    "one after another": ([stage(1, "ci"), stage(2, "release", "blocked")], "**release**"),
    "one beside another": ([stage(1, "ci", "running"), stage(2, "pub", "blocked")], "**pub**"),
    "two beside another": (
        [stage(1, "ci", "running"), stage(2, "pub", "blocked"), stage(3, "doc", "blocked")],
        "**pub** and 1 more",
    ),
}


@pytest.mark.parametrize(("stages", "what"), APPROVALS.values(), ids=APPROVALS)
@pytest.mark.parametrize("has_controls", [False, True])
def test_what_waits_for_approval_is_named_first(
    stages: list[dict[str, object]], what: str, has_controls: bool
) -> None:
    where = "below" if has_controls else "on the build page"

    embed = render(build(*stages, status="running"), has_controls=has_controls)["embeds"][0]

    assert embed["description"].split("\n")[0] == f"✋ Approve or decline {what} {where}"


def test_a_build_that_no_button_can_name_is_approved_on_the_build_page() -> None:
    state = build(stage(1, "ci", "blocked"), status="pending", number=0)

    embed = render(state, has_controls=True)["embeds"][0]

    assert embed["description"].startswith("✋ Approve or decline it on the build page\n")


@pytest.mark.parametrize(
    ("event", "parent_event", "line"),
    [
        ("promote", "promote", f"Restart of [#41]({PARENT}) · Promotion to **qa**"),
        ("rollback", "rollback", f"Restart of [#41]({PARENT}) · Rollback on **qa**"),
        ("promote", "push", f"Promotion of [#41]({PARENT}) to **qa**"),
        ("promote", "rollback", f"Promotion of [#41]({PARENT}) to **qa**"),
        ("promote", "", f"Promotion of [#41]({PARENT}) to **qa**"),
    ],
)
def test_a_deployment_of_a_deployment_of_its_kind_is_a_restart(
    event: str, parent_event: str, line: str
) -> None:
    state = build(event=event, parent=41, deploy_to="qa", message="", after="")

    shown = description(replace(state, parent_event=parent_event))

    assert shown.split("\n")[0] == f"{line} · **main**"


def test_of_who_started_a_build_of_their_own_the_name_is_shown() -> None:
    state = build(event="custom", trigger="octocat")

    assert card(state)["author"] == {"name": "The Octocat"}
    assert description(state).split("\n")[1] == (f"Custom build of **main** · [7fd1a60]({TO_MAIN})")


LONG = "a step with a rather long name that goes on and on, number "


def test_names_that_differ_only_at_their_end_stay_apart() -> None:
    steps = [step(number, f"{LONG}{number}") for number in (1, 2)]
    state = build(stage(1, "ci", "failure", *steps, step(3, f"{LONG}3", "failure")))

    assert description(state).split("\n")[0].startswith(f"❌ **{LONG}3** failed")
    assert description(state).split("\n")[-3:] == [
        "\u2003✅ a step with a rather lon…oes on and on, number 1 · 1s",
        "\u2003✅ a step with a rather lon…oes on and on, number 2 · 2s",
        "\u2003❌ a step with a rather lon…oes on and on, number 3 · 3s",
    ]


TERMINAL = {
    "colours and links": (
        "\x1b[31mError:\x1b(B\x1b[m yaml: line 3: \x1b]8;;https://docs.example.com\x07"
        "mapping values\x1b]8;;\x07 are not allowed",
        "Error: yaml: line 3: mapping values are not allowed",
    ),
    "colours with colons": ("\x1b[38:5:196mbad\x1b[0m", "bad"),
    "written over": ("reading 10%\rreading 99%\rno such key", "no such key"),
}


@pytest.mark.parametrize(("said", "left"), TERMINAL.values(), ids=TERMINAL)
def test_an_error_is_shown_without_what_is_for_terminals(said: str, left: str) -> None:
    broken = build(status="error", error=said)
    failed = build(stage(1, "ci", "error", step(1, "x", "error", error=said)), status="error")

    assert description(broken).startswith(f"```\n{left}\n```\n")
    assert description(failed).split("\n")[0] == f"💥 **x** could not run in **ci** · {left}"


def test_what_a_runner_refuses_says_why_and_no_more() -> None:
    reason = "linter: untrusted repositories cannot mount host volumes"
    refused = stage(1, "default", "error", error=reason, exit_code=255)
    state = build(refused, status="error", started=1700000002, finished=1700000002)

    assert description(state) == (
        f"💥 {reason}\n> Greet the world\nPush to **main** · [7fd1a60]({TO_MAIN})"
    )
