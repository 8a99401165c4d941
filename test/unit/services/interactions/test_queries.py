"""Looking at builds from Discord: lists, single builds, logs, and what is suggested meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fakes import CHANNEL, HOST, START, MemoryStore, payload, seconds
from interaction_bridge import LOOKER, OPERATOR, SLUG, Bridge, at_once, build, finished, said

from server.core.drone.payload import read_state
from server.core.http_answer import Answer
from server.core.interactions.autocomplete import suggest
from server.core.interactions.request import Member
from server.core.interactions.response import CommandResult, autocomplete_response, text_result
from server.core.model.failure import choose_step
from server.core.render.build_list import build_list
from server.core.render.step_log import log_message
from server.services.interactions.dispatch import UNKNOWN_COMMAND
from server.services.interactions.handle import Handled
from server.services.interactions.queries import HIDDEN, PRIVATE
from server.services.interactions.query_limit import BUSY, STILL_AT_IT, QueryLimit

PAGE = f"https://{HOST}/{SLUG}"


@pytest.fixture
def bridge() -> Bridge:
    return Bridge()


ADA = Member("300000000000000001", "Ada", 0, frozenset())
DONE = text_result("done", "done")


def embed(reply: Handled) -> Any:
    """Return the embed of an answer that is given at once, to the one who asked."""
    assert (reply.work, reply.response["type"], reply.response["data"]["flags"]) == (None, 4, 64)
    (shown,) = reply.response["data"]["embeds"]
    return shown


def embed_later(bridge: Bridge, reply: Handled) -> Any:
    """Do the work of a reply, and return the embed that the person sees."""
    assert reply.work is not None
    reply.work()
    (shown,) = bridge.responder.edits[-1]["embeds"]
    return shown


# -- Lists ------------------------------------------------------------------------------------


def test_the_latest_builds_are_listed(bridge: Bridge) -> None:
    bridge.knows(
        "success", 6, ref="refs/heads/main", message="Add *a*\n\nmore", finished=1700000000
    )
    bridge.knows("running", 7, ref="refs/heads/fix", started=1700000100)

    shown = embed(bridge.command("builds", LOOKER))

    assert shown == {
        "title": "Latest builds",
        "description": (
            f"🔄 octocat/hello\\-world [#7]({PAGE}/7) · **fix** · <t:1700000100:R>\n"
            f"✅ octocat/hello\\-world [#6]({PAGE}/6) · **main** · Add \\*a\\* · <t:1700000000:R>"
        ),
        "color": 0xDDB231,
    }


def test_the_builds_of_one_repository_and_branch_are_listed(bridge: Bridge) -> None:
    bridge.knows("success", 6, ref="refs/heads/main")
    bridge.knows("failure", 7, ref="refs/heads/fix")
    bridge.knows("failure", 8, event="pull_request", source="main", ref="refs/pull/5/head")

    shown = embed(bridge.command("builds", LOOKER, repo=SLUG, branch="main"))

    assert shown["title"] == "Latest builds of octocat/hello-world on main"
    assert shown["description"] == f"✅ [#6]({PAGE}/6) · **main** · <t:1600000006:R>"


def test_an_empty_list_says_so(bridge: Bridge) -> None:
    shown = embed(bridge.command("builds", LOOKER, repo="acme/none"))

    assert (shown["description"], shown["color"]) == ("None that this bridge knows.", 0x747F8D)


def test_no_more_than_ten_builds_are_listed() -> None:
    states = [read_state(payload("success", build_id=n)) for n in range(1, 20)]

    assert len(build_list(states, "", "", "")["description"].splitlines()) == 10


# -- One build --------------------------------------------------------------------------------


def test_a_known_build_is_shown_at_once(bridge: Bridge) -> None:
    bridge.knows("failure")

    assert embed(bridge.command("build", LOOKER, repo=SLUG, number=7))["title"] == (
        "octocat/hello-world #7 · ❌ failed"
    )


def test_an_unknown_build_is_asked_of_drone(bridge: Bridge) -> None:
    bridge.drone.builds[7] = build("success")
    bridge.drone.repos[SLUG] = {"id": 1, "slug": SLUG}

    shown = embed_later(bridge, bridge.command("build", LOOKER, repo=SLUG, number=7))

    assert (shown["title"], shown["url"]) == ("octocat/hello-world #7 · ✅ passed", f"{PAGE}/7")


def test_an_answer_says_that_there_is_no_such_build(bridge: Bridge) -> None:
    content = finished(bridge, bridge.command("build", LOOKER, repo=SLUG, number=7))

    assert content.startswith("Drone knows no such build")


def test_without_drones_api_an_unknown_build_cannot_be_shown(bridge: Bridge) -> None:
    bridge.has_drone = False

    content = at_once(bridge.command("build", LOOKER, repo=SLUG, number=7))

    assert content.startswith("The bridge cannot ask Drone")


def test_an_answer_says_that_a_command_is_unknown(bridge: Bridge) -> None:
    assert at_once(bridge.command("dance", LOOKER)) == UNKNOWN_COMMAND


def test_looking_is_noted_too(bridge: Bridge) -> None:
    bridge.command("builds", LOOKER)

    assert bridge.result() == "answered"


# -- Logs -------------------------------------------------------------------------------------


def step(number: int, name: str, status: str, **fields: Any) -> Any:
    return {"id": number, "number": number, "name": name, "status": status, **fields}


STAGES = [
    {
        "id": 1,
        "number": 1,
        "name": "one",
        "status": "success",
        "steps": [
            step(1, "clone", "success", started=1),
            step(2, "flaky", "failure", errignore=True, started=2),
        ],
    },
    {
        "id": 2,
        "number": 2,
        "name": "two",
        "status": "failure",
        "steps": [
            step(3, "clone", "success", started=1),
            step(4, "test", "failure", started=2, exit_code=1),
            step(5, "deploy", "skipped"),
        ],
    },
]
LOG = said(200, items=[{"pos": 0, "out": "a\n", "time": 0}, {"pos": 1, "out": "b ``` c\n"}])


def has_log(bridge: Bridge, **repo: Any) -> None:
    """Have a build in Drone whose failing step has a log."""
    bridge.drone.builds[7] = {**build("failure"), "stages": STAGES}
    bridge.drone.repos[SLUG] = {"id": 1, "slug": SLUG, "visibility": "public", **repo}
    bridge.drone.logs[2, 4] = LOG


def test_the_end_of_a_log_is_shown(bridge: Bridge) -> None:
    has_log(bridge)

    shown = embed_later(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7))

    assert shown == {
        "title": "octocat/hello-world #7 · test in two",
        "description": "❌ failed · exit code 1\n```\na\nb `\u200b`\u200b` c\n```",
        "color": 0xBB3030,
        "url": f"{PAGE}/7/2/4",
    }


def test_a_log_of_the_only_stage_does_not_name_it() -> None:
    steps = [step(1, "test", "success", started=1)]
    stages = [{"id": 1, "number": 1, "name": "default", "status": "success", "steps": steps}]
    body = {**payload(), "system": {}, "build": {**build("success"), "stages": stages}}
    state = read_state(body)
    stage = state.stages[0]

    shown = log_message(state, stage, stage.steps[0], "a\n", "")

    assert shown == {
        "embeds": [
            {
                "title": "octocat/hello-world #7 · test",
                "description": "✅ passed\n```\na\n```",
                "color": 0x42C768,
            }
        ],
        "components": [],
        "allowed_mentions": {"parse": []},
    }


@pytest.mark.parametrize(
    "repo",
    [{"private": True}, {"visibility": "internal"}, {"id": 0}],
    ids=["private", "internal", "unknown"],
)
def test_the_logs_of_a_repository_are_not_shown_that_is(
    bridge: Bridge, repo: dict[str, Any]
) -> None:
    has_log(bridge, **repo)

    content = finished(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7))

    assert content == PRIVATE


def test_a_step_that_printed_nothing_says_so(bridge: Bridge) -> None:
    has_log(bridge)
    bridge.drone.logs[2, 4] = said(200)

    shown = embed_later(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7))

    assert shown["description"] == "❌ failed · exit code 1\nIt printed nothing."


NO_LOG: dict[str, tuple[Answer, str]] = {
    "not handed in": (said(404), "Drone has no log of this step."),
    "silence": (Answer(0, {}, {}, "timeout"), "Drone did not answer; try again."),
    "more than a log has": (
        Answer(0, {}, {}, "too_large"),
        "Drone's answer is too large for the bridge; look at it there.",
    ),
    "the end of the process": (
        Answer(0, {}, {}, "interrupted"),
        "The bridge is being restarted; try again.",
    ),
}


@pytest.mark.parametrize(("given", "sentence"), NO_LOG.values(), ids=NO_LOG)
def test_a_log_cannot_be_read(bridge: Bridge, given: Answer, sentence: str) -> None:
    has_log(bridge)
    bridge.drone.logs[2, 4] = given

    content = finished(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7))

    assert content == sentence


WITHOUT_LOG: dict[str, tuple[dict[str, Any], str]] = {
    "left out": ({"status": "skipped"}, "This step was left out, so it printed nothing."),
    "running": (
        {"status": "running", "started": 1},
        "Drone has no log of this step yet; it gets one when the step has ended.",
    ),
    "not begun": ({"status": "pending"}, "This step has not begun."),
    "cancelled": ({"status": "killed"}, "Drone has no log of this step: it was cancelled."),
    "passed": ({"status": "success"}, "Drone has no log of this step."),
}


@pytest.mark.parametrize(("fields", "sentence"), WITHOUT_LOG.values(), ids=WITHOUT_LOG)
def test_a_step_without_a_log_says_why(
    bridge: Bridge, fields: dict[str, Any], sentence: str
) -> None:
    has_log(bridge)
    steps = [step(1, "deploy", **fields)]
    bridge.drone.builds[7]["stages"] = [
        {"id": 1, "number": 1, "name": "ci", "status": "running", "steps": steps}
    ]

    assert finished(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7)) == sentence


YAML = "\x1b[31mError:\x1b(B\x1b[m yaml: line 3: mapping values are not allowed"
WITHOUT_STEPS: dict[str, tuple[dict[str, Any], str]] = {
    "a configuration that cannot be read": (
        {"status": "error", "error": YAML, "stages": []},
        "```\nError: yaml: line 3: mapping values are not allowed\n```",
    ),
    "a stage that is refused": (
        {
            "status": "error",
            "stages": [
                {"id": 1, "number": 1, "name": "ci", "status": "error", "error": "linter: no"}
            ],
        },
        "```\nlinter: no\n```",
    ),
    "a step that could not run": (
        {
            "status": "error",
            "stages": [
                {
                    **{"id": 1, "number": 1, "name": "ci", "status": "error"},
                    "steps": [step(1, "test", "error", error="no such image", exit_code=255)],
                }
            ],
        },
        "```\nno such image\n```",
    ),
}


@pytest.mark.parametrize(("fields", "shown"), WITHOUT_STEPS.values(), ids=WITHOUT_STEPS)
def test_instead_of_a_log_the_error_is_shown(
    bridge: Bridge, fields: dict[str, Any], shown: str
) -> None:
    has_log(bridge)
    bridge.drone.builds[7] = {**build("error"), **fields}

    found = embed_later(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7))

    assert found == {
        "title": "octocat/hello-world #7 · 💥 could not run",
        "description": shown,
        "color": 0xBB3030,
        "url": f"{PAGE}/7",
    }


def test_there_is_no_log_of_a_build_that_does_not_exist(bridge: Bridge) -> None:
    content = finished(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7))

    assert content.startswith("Drone knows no such build")


def test_while_drone_is_away_nothing_is_said_to_be_done(bridge: Bridge) -> None:
    has_log(bridge)
    bridge.drone.outage = Answer(0, {}, {}, "ConnectionError")

    content = finished(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7))

    assert content == "Drone did not answer; try again."


def test_an_answer_says_that_there_is_no_such_step(bridge: Bridge) -> None:
    has_log(bridge)

    content = finished(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7, step="none"))

    assert content == "This build has no such step, or none yet."


# -- Private repositories ----------------------------------------------------------------------

ELSEWHERE = "100000000000000009"


@pytest.fixture
def private(bridge: Bridge) -> Bridge:
    """Give a bridge that knows a build as public, which Drone calls private by now."""
    bridge.repo = {"private": False, "visibility": "public"}
    bridge.has("failure", stages=STAGES)
    bridge.drone.repos[SLUG] = {"id": 1, "slug": SLUG, "private": True, "visibility": "private"}
    bridge.drone.logs[2, 4] = LOG
    bridge.channel = ELSEWHERE
    return bridge


def make_public(bridge: Bridge, **repo: Any) -> None:
    """Let Drone say that the repository is public."""
    bridge.drone.repos[SLUG] = {"id": 1, "slug": SLUG, "visibility": "public", **repo}


def test_a_private_build_is_shown_where_its_card_is(private: Bridge) -> None:
    private.channel = CHANNEL

    assert embed(private.command("build", LOOKER, repo=SLUG, number=7))["title"]
    assert "#7" in embed(private.command("builds", LOOKER))["description"]
    assert private.typing("build", "repo", repo="") == [(SLUG, SLUG)]


def test_a_private_build_is_hidden_elsewhere(private: Bridge) -> None:
    assert finished(private, private.command("build", LOOKER, repo=SLUG, number=7)) == HIDDEN
    shown = embed_later(private, private.command("builds", LOOKER))
    assert shown["description"] == "None that this bridge knows."
    assert private.typing("build", "repo", repo="") == []
    assert private.typing("build", "number", repo=SLUG, number="") == []


def test_a_private_build_is_shown_to_those_who_may_act_everywhere(private: Bridge) -> None:
    assert embed(private.command("build", OPERATOR, repo=SLUG, number=7))["title"]
    assert "#7" in embed(private.command("builds", OPERATOR))["description"]


def test_a_private_build_that_drone_alone_knows_is_hidden_elsewhere(private: Bridge) -> None:
    private.drone.builds[8] = build("success", 8)

    assert finished(private, private.command("build", LOOKER, repo=SLUG, number=8)) == HIDDEN


def test_no_member_learns_elsewhere_which_builds_do_not_exist(private: Bridge) -> None:
    assert finished(private, private.command("build", LOOKER, repo=SLUG, number=9)) == HIDDEN
    assert finished(private, private.command("log", LOOKER, repo=SLUG, number=9)) == HIDDEN


def test_a_private_log_is_hidden_elsewhere(private: Bridge) -> None:
    assert finished(private, private.command("log", LOOKER, repo=SLUG, number=7)) == HIDDEN


def test_a_log_of_what_became_private_is_hidden_where_its_card_is(private: Bridge) -> None:
    private.channel = CHANNEL

    assert finished(private, private.command("log", LOOKER, repo=SLUG, number=7)) == PRIVATE


DOUBTS: dict[str, Callable[[Bridge], object]] = {
    "silence": lambda bridge: setattr(bridge.drone, "outage", Answer(0, {}, {}, "timeout")),
    "a repository that is not there": lambda bridge: bridge.drone.repos.clear(),
    "a repository without a word on it": lambda bridge: bridge.drone.repos[SLUG].pop("visibility"),
    "no API": lambda bridge: setattr(bridge, "has_drone", False),
}


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)
def test_in_doubt_a_build_is_private(private: Bridge, doubt: Callable[[Bridge], object]) -> None:
    make_public(private)
    doubt(private)

    reply = private.command("builds", LOOKER)

    if reply.work is None:
        assert at_once(reply) == HIDDEN
    else:
        assert embed_later(private, reply)["description"] == "None that this bridge knows."
    if private.has_drone:
        assert finished(private, private.command("build", LOOKER, repo=SLUG, number=7)) == HIDDEN
        assert finished(private, private.command("log", LOOKER, repo=SLUG, number=7)) == HIDDEN
        assert private.typing("build", "repo", repo="") == []


def test_a_public_build_is_shown_everywhere(private: Bridge) -> None:
    make_public(private)

    shown = embed_later(private, private.command("build", LOOKER, repo=SLUG, number=7))
    assert shown["title"] == "octocat/hello-world #7 · ❌ failed"
    assert "#7" in embed_later(private, private.command("builds", LOOKER))["description"]
    assert private.typing("build", "repo", repo="") == [(SLUG, SLUG)]


def test_builds_of_a_repository_before_it_was_made_anew_stay_hidden(private: Bridge) -> None:
    make_public(private, id=2)

    shown = embed_later(private, private.command("builds", LOOKER))

    assert shown["description"] == "None that this bridge knows."
    assert private.typing("build", "repo", repo="") == []


def test_who_may_see_what_is_asked_once_a_minute_while_people_type(private: Bridge) -> None:
    make_public(private)
    assert private.typing("build", "repo", repo="") != []
    public = private.services().directory.is_public
    repo = private.store.builds.newest(SLUG, 1)[0].repo
    assert public(repo)

    private.drone.repos[SLUG]["visibility"] = "private"

    assert public(repo)
    private.now += seconds(60)
    assert not public(repo)


# -- One at a time -----------------------------------------------------------------------------


def test_a_member_has_one_command_under_way(bridge: Bridge) -> None:
    has_log(bridge)
    first = bridge.command("log", LOOKER, repo=SLUG, number=7)
    second = bridge.command("log", LOOKER, repo=SLUG, number=7)
    content: list[str] = []
    read = bridge.drone.step_log

    def reading(*place: Any) -> Answer:
        content.append(finished(bridge, second))
        return read(*place)

    bridge.drone.step_log = reading  # type: ignore[method-assign]  # while it is read

    assert embed_later(bridge, first)["title"] == "octocat/hello-world #7 · test in two"
    assert content == [STILL_AT_IT]
    bridge.drone.step_log = read  # type: ignore[method-assign]
    assert embed_later(bridge, bridge.command("log", LOOKER, repo=SLUG, number=7))


def test_a_process_has_two_commands_under_way() -> None:
    ledger, content = MemoryStore().actions, []
    query_limit = QueryLimit(ledger, lambda: START)
    people = [replace(ADA, user_id=str(number)) for number in range(3)]

    def third() -> CommandResult:
        content.append(query_limit.run("3", people[2], lambda: DONE))
        return DONE

    def second() -> CommandResult:
        content.append(query_limit.run("2", people[1], third))
        return DONE

    assert query_limit.run("1", people[0], second) == DONE
    assert content == [text_result(BUSY, "busy"), DONE]
    assert query_limit.run("4", people[2], lambda: DONE) == DONE


def test_a_command_that_fails_is_not_under_way_any_more() -> None:
    query_limit = QueryLimit(MemoryStore().actions, lambda: START)

    def fail() -> CommandResult:
        raise ZeroDivisionError

    for number in range(3):
        with pytest.raises(ZeroDivisionError):
            query_limit.run(str(number), ADA, fail)


CHOICES: dict[str, tuple[str, str, tuple[str, str] | None]] = {
    "the one that failed": ("", "", ("two", "test")),
    "by name": ("one", "clone", ("one", "clone")),
    "by number": ("1", "1", ("one", "clone")),
    "the last that has begun": ("one", "", ("one", "flaky")),
    "one that never began": ("", "deploy", ("two", "deploy")),
    "no such stage": ("three", "", None),
}


@pytest.mark.parametrize(("stage", "name", "found"), CHOICES.values(), ids=CHOICES)
def test_a_step_is_chosen(stage: str, name: str, found: tuple[str, str] | None) -> None:
    state = read_state({**payload(), "build": {**build("failure"), "stages": STAGES}})

    chosen = choose_step(state, stage, name)

    assert (chosen and (chosen[0].name, chosen[1].name)) == found


def test_of_a_cancelled_build_the_step_that_was_killed_is_chosen() -> None:
    steps = [step(1, "clone", "success", started=1), step(2, "test", "killed", started=2)]
    stages = [{"id": 1, "number": 1, "name": "ci", "status": "killed", "steps": steps}]
    state = read_state({**payload(), "build": {**build("killed"), "stages": stages}})

    chosen = choose_step(state, "", "")

    assert chosen is not None
    assert chosen[1].name == "test"


# -- Suggestions ------------------------------------------------------------------------------


def test_repositories_are_suggested(bridge: Bridge) -> None:
    bridge.knows("success", 6)

    assert bridge.typing("build", "repo", repo="hello") == [(SLUG, SLUG)]
    assert bridge.typing("build", "repo", repo="zzz") == []


def test_numbers_are_suggested_newest_first(bridge: Bridge) -> None:
    bridge.knows("success", 6, ref="refs/heads/main", message="Greet")
    bridge.knows("running", 7)

    assert bridge.typing("build", "number", repo=SLUG, number="") == [
        ("#7 🔄", 7),
        ("#6 ✅ · main · Greet", 6),
    ]


def test_targets_are_suggested_that_were_used(bridge: Bridge) -> None:
    bridge.knows("success", 6, event="promote", deploy_to="qa")

    assert bridge.typing("promote", "target", repo=SLUG, number=6, target="") == [("qa", "qa")]


def test_usual_targets_are_suggested_while_none_is_known(bridge: Bridge) -> None:
    assert bridge.typing("promote", "target", repo=SLUG, number=6, target="p") == [
        ("production", "production")
    ]


def test_stages_are_suggested_with_their_state(bridge: Bridge) -> None:
    bridge.knows("failure", 7, stages=STAGES)

    assert bridge.typing("log", "stage", repo=SLUG, number=7, stage="") == [
        ("✅ one", "1"),
        ("❌ two", "2"),
    ]


@pytest.mark.parametrize("stage", ["two", "2"])
def test_the_steps_of_a_stage_are_suggested(bridge: Bridge, stage: str) -> None:
    bridge.knows("failure", 7, stages=STAGES)

    suggested = bridge.typing("log", "step", repo=SLUG, number=7, stage=stage, step="")

    assert suggested == [("✅ clone", "3"), ("❌ test", "4"), ("⏭️ deploy", "5")]


def test_branches_are_suggested_once(bridge: Bridge) -> None:
    for number, name in ((5, "main"), (6, "fix"), (7, "main")):
        bridge.knows("success", number, ref=f"refs/heads/{name}")

    assert bridge.typing("builds", "branch", branch="") == [("main", "main"), ("fix", "fix")]


NOTHING: dict[str, Callable[[Bridge], list[Any]]] = {
    "a number of steps that is no number": lambda bridge: bridge.typing(
        "log", "stage", repo=SLUG, number="4", stage=""
    ),
    "an unknown build": lambda bridge: bridge.typing("log", "step", repo=SLUG, number=9, step=""),
    "an option without suggestions": lambda bridge: bridge.typing("promote", "params", params="A"),
    "no option at all": lambda bridge: bridge.typing("promote", "", repo=SLUG),
}


@pytest.mark.parametrize("typed", NOTHING.values(), ids=NOTHING)
def test_nothing_is_suggested_for(bridge: Bridge, typed: Callable[[Bridge], list[Any]]) -> None:
    bridge.knows("failure", 7, stages=STAGES)

    assert typed(bridge) == []


def test_nothing_is_suggested_while_the_database_is_away(bridge: Bridge) -> None:
    bridge.store.faults.is_away = True

    assert bridge.typing("build", "repo", repo="") == []


def test_nothing_is_suggested_after_a_mistake_of_ours(bridge: Bridge) -> None:
    bridge.store.builds.newest = None  # type: ignore[assignment,method-assign]  # cannot be

    assert bridge.typing("build", "repo", repo="") == []


def test_suggestions_fit_discord() -> None:
    many = [(f"{n}" + "x" * 200, n) for n in range(40)]

    choices = autocomplete_response([("", 1), ("long", "v" * 101), ("empty", ""), *many])["data"][
        "choices"
    ]

    assert len(choices) == 25
    assert {len(one["name"]) for one in choices} == {100}
    assert choices[0]["value"] == 0


def test_what_begins_with_the_words_comes_first() -> None:
    slugs = ["acme/the-shop", "acme/shop", "shop/acme"]

    found = suggest("repo", "shop", {}, [], slugs)

    assert [value for _, value in found] == ["acme/shop", "shop/acme", "acme/the-shop"]


def test_known_repositories_and_targets_are_suggested_as_well() -> None:
    assert suggest("repo", "", {}, [], ["a/b"]) == [("a/b", "a/b")]
    assert suggest("target", "", {}, [], (), ["qa"]) == [("qa", "qa")]
