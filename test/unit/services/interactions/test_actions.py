"""Actions on builds from Discord: who may, what Drone is asked, and what members read."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from discord_signing import PERSON
from fakes import HOST, START, seconds
from interaction_bridge import (
    LOOKER,
    MANAGER,
    OPERATOR,
    SLUG,
    Bridge,
    at_once,
    build,
    finished,
    said,
    text_of,
)

from server.core.delivery import Delivery
from server.core.drone.action_answers import Cause
from server.core.drone.payload import decode, read
from server.core.http_answer import Answer
from server.core.model.build import BuildState
from server.core.model.user_action import ActionKind
from server.core.render.actions import custom_id
from server.core.render.replies import NOT_DONE
from server.errors import AnsweredBefore


@pytest.fixture
def bridge() -> Bridge:
    return Bridge()


def acts_of(delivery: Delivery) -> tuple[int, list[tuple[str, str, str, int]]]:
    """Return the number of the build that a delivery is about, and what was done to it."""
    state = read(decode(delivery.body))
    assert isinstance(state, BuildState)
    return state.build.number, [(a.what, a.name, a.target, a.number) for a in state.acts]


# -- Each act ---------------------------------------------------------------------------------


def test_a_build_is_cancelled(bridge: Bridge) -> None:
    bridge.has("running")
    bridge.drone.acts.append(said(200, **build("killed", version=3)))

    content = finished(bridge, bridge.command("cancel", repo=SLUG, number=7))

    assert content == "🛑 Cancelled **octocat/hello\\-world** #7"
    assert bridge.drone.calls == [("cancel", SLUG, 7)]
    assert [acts_of(one) for one in bridge.kept] == [(7, [("cancel", "Ada", "", 0)])]
    assert bridge.result() == "done"


def test_a_delivery_has_a_cancelled_build_as_drone_has_it_then(bridge: Bridge) -> None:
    bridge.has("running")
    bridge.drone.acts.append(said(200, **build("killed", version=3)))

    finished(bridge, bridge.command("cancel", repo=SLUG, number=7))

    body = json.loads(bridge.kept[0].body)
    assert bridge.kept[0].event == "drone:act"
    assert (body["build"]["status"], body["repo"]["slug"], body["system"]["host"]) == (
        "killed",
        SLUG,
        HOST,
    )
    assert body["acts"] == [
        {
            "at": int(START.timestamp()),
            "id": "500000000000000001",
            "what": "cancel",
            "user_id": PERSON,
            "name": "Ada",
            "target": "",
            "number": 0,
        }
    ]


def test_a_build_is_restarted_with_params(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.drone.acts.append(said(200, **build("pending", 8, parent=7)))

    reply = bridge.command("restart", repo=SLUG, number=7, params="A=1 B='2 3'")
    content = finished(bridge, reply)

    assert content == "🔁 Restarted **octocat/hello\\-world** #7 as #8"
    assert bridge.drone.calls == [("restart", SLUG, 7, {"A": "1", "B": "2 3"})]
    assert [acts_of(one) for one in bridge.kept] == [
        (7, [("restart", "Ada", "", 8)]),
        (8, [("start", "Ada", "", 0)]),
    ]
    assert bridge.result() == "done_8"


def test_the_answer_links_the_new_build(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.drone.acts.append(said(200, **build("pending", 8)))

    finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    (row,) = bridge.responder.edits[-1]["components"]
    assert [(one["label"], one["url"]) for one in row["components"]] == [
        ("Build #8", f"https://{HOST}/{SLUG}/8")
    ]


DEPLOYS = {
    "promote": "🚀 Promoted **octocat/hello\\-world** #7 to **production** as #8",
    "rollback": "⏪ Rolled back to **octocat/hello\\-world** #7 on **production** as #8",
}


@pytest.mark.parametrize(("name", "sentence"), DEPLOYS.items(), ids=DEPLOYS)
def test_a_build_is_deployed_by(bridge: Bridge, name: str, sentence: str) -> None:
    bridge.has("success")
    bridge.drone.acts.append(said(200, **build("pending", 8, deploy_to="production")))

    reply = bridge.command(name, repo=SLUG, number=7, target="production", params="A=1")
    content = finished(bridge, reply)

    assert content == sentence
    assert bridge.drone.calls == [(name, SLUG, 7, "production", {"A": "1"})]
    assert acts_of(bridge.kept[0]) == (7, [(name, "Ada", "production", 8)])


@pytest.mark.parametrize(("name", "word"), [("approve", "👍 Approved"), ("decline", "🚫 Declined")])
def test_every_blocked_stage_is_decided_on(bridge: Bridge, name: str, word: str) -> None:
    bridge.has("pending", 7, "blocked")
    bridge.drone.builds[7]["stages"] += [
        {"id": 2, "number": 2, "name": "later", "status": "blocked"},
        {"id": 3, "number": 3, "name": "free", "status": "pending"},
    ]

    content = finished(bridge, bridge.command(name, repo=SLUG, number=7))

    assert content == f"{word} **octocat/hello\\-world** #7"
    assert bridge.drone.calls == [(name, SLUG, 7, 1), (name, SLUG, 7, 2)]
    assert [acts_of(one) for one in bridge.kept] == [(7, [(name, "Ada", "", 0)])]


@pytest.mark.parametrize("status", ["pending", "running"])
def test_the_restart_of_a_blocked_build_says_that_it_runs_unapproved(
    bridge: Bridge, status: str
) -> None:
    bridge.has(status, 7, "blocked")
    bridge.drone.acts.append(said(200, **build("pending", 8)))

    content = finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    assert content == (
        "🔁 Restarted **octocat/hello\\-world** #7 as #8\n"
        "✋ It was waiting for approval. The new build runs without one."
    )


def test_a_build_that_no_card_knows_gets_none_by_a_promotion(bridge: Bridge) -> None:
    bridge.drone.builds[7] = build("success", 7)
    bridge.drone.repos[SLUG] = {"id": 1, "slug": SLUG, "private": True}
    bridge.drone.acts.append(said(200, **build("pending", 8)))

    finished(bridge, bridge.command("promote", repo=SLUG, number=7, target="production"))

    assert [acts_of(one) for one in bridge.kept] == [(8, [("start", "Ada", "production", 0)])]
    body = json.loads(bridge.kept[0].body)
    assert (body["system"]["host"], body["repo"]["private"]) == (HOST, True)


def test_what_another_build_of_the_repository_knows_need_not_be_asked(bridge: Bridge) -> None:
    bridge.knows("success", 6)
    bridge.drone.builds[7] = build("success", 7)
    bridge.drone.acts.append(said(200, **build("pending", 8)))

    finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    assert json.loads(bridge.kept[0].body)["repo"]["id"] == 1


# -- Buttons ----------------------------------------------------------------------------------


def test_a_button_acts_on_the_build_of_its_card(bridge: Bridge) -> None:
    bridge.has("running")
    bridge.drone.acts.append(said(200, **build("killed", version=3)))

    content = finished(bridge, bridge.press(custom_id(ActionKind.CANCEL, 7, HOST), OPERATOR))

    assert content == "🛑 Cancelled **octocat/hello\\-world** #7"


STRANGE = [
    "",
    "x",
    "build:promote:7:drone.example.com",
    "build:start:7:drone.example.com",
    "build:cancel:0:drone.example.com",
    "build:cancel:٧:drone.example.com",
    "build:cancel:7:",
    "build:cancel:7:a b",
    "build:cancel:7:drone.example.com\n",
    "BUILD:cancel:7:drone.example.com",
]


@pytest.mark.parametrize("name", STRANGE)
def test_a_button_that_is_not_ours_does_nothing(bridge: Bridge, name: str) -> None:
    bridge.has("running")

    content = at_once(bridge.press(name))

    assert content == "The bridge does not know this button; use /drone instead."
    assert bridge.drone.calls == []


def test_a_button_of_a_forgotten_card_does_nothing(bridge: Bridge) -> None:
    content = at_once(bridge.press(custom_id(ActionKind.CANCEL, 7, HOST)))

    assert content == "The bridge has forgotten this build; use /drone instead."


def test_a_build_of_another_drone_is_left_alone(bridge: Bridge) -> None:
    bridge.has("running")
    bridge.hears_of("acme/shop", 5, "drone.example.net")
    bridge.server = "https://drone.example.net"

    content = finished(bridge, bridge.press(custom_id(ActionKind.CANCEL, 7, HOST)))

    assert content == "This build is of another Drone server than the one of DRONE_SERVER."
    assert (bridge.drone.calls, bridge.result()) == ([], "another_drone")


# -- Repositories that are called otherwise, or are others ---------------------------------------


def anew(bridge: Bridge) -> None:
    """Have the repository made anew in Drone, with a build of the same number."""
    bridge.has("failure")
    bridge.drone.builds[7] |= {"id": 70_000, "repo_id": 2}
    bridge.drone.repos[SLUG] = {"id": 2, "slug": SLUG}
    bridge.drone.acts.append(said(200, **build("pending", 8, repo_id=2)))


def test_a_button_does_not_act_on_the_build_that_has_the_number_now(bridge: Bridge) -> None:
    anew(bridge)

    content = finished(bridge, bridge.press(custom_id(ActionKind.RESTART, 7, HOST)))

    assert content == NOT_DONE[Cause.GONE]
    assert (bridge.drone.calls, bridge.kept, bridge.result()) == ([], [], "gone")


def test_a_command_acts_on_the_build_that_has_the_number_now(bridge: Bridge) -> None:
    anew(bridge)

    content = finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    assert content == "🔁 Restarted **octocat/hello\\-world** #7 as #8"
    assert [acts_of(one) for one in bridge.kept] == [(8, [("start", "Ada", "", 0)])]
    assert json.loads(bridge.kept[0].body)["repo"]["id"] == 2


NEW = "octocat/renamed"


@pytest.mark.parametrize("has_webhook", [True, False], ids=["by a webhook", "by Drone's list"])
def test_a_button_on_an_old_card_acts_under_the_new_name(bridge: Bridge, has_webhook: bool) -> None:
    bridge.has("failure")
    bridge.drone.unknown.add(SLUG)
    bridge.drone.repos[NEW] = {"id": 1, "slug": NEW}
    if has_webhook:
        bridge.hears_of(NEW)
    bridge.drone.acts.append(said(200, **build("pending", 8)))

    content = finished(bridge, bridge.press(custom_id(ActionKind.RESTART, 7, HOST)))

    assert content == "🔁 Restarted **octocat/renamed** #7 as #8"
    assert bridge.drone.calls == [("restart", NEW, 7, {})]
    assert [acts_of(one)[0] for one in bridge.kept] == [7, 8]


@pytest.mark.parametrize("slug", [SLUG, NEW])
def test_a_command_finds_a_build_from_before_the_rename(bridge: Bridge, slug: str) -> None:
    bridge.has("failure")
    bridge.drone.unknown.add(SLUG)
    bridge.hears_of(NEW)
    bridge.drone.acts.append(said(200, **build("pending", 8)))

    finished(bridge, bridge.command("restart", repo=slug, number=7))

    assert bridge.drone.calls == [("restart", NEW, 7, {})]
    assert [acts_of(one)[0] for one in bridge.kept] == [7, 8]


def test_a_repository_that_has_an_old_name_now_is_left_alone(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.drone.builds[7] |= {"id": 70_000}
    bridge.drone.repos[NEW] = {"id": 1, "slug": NEW}

    finished(bridge, bridge.press(custom_id(ActionKind.RESTART, 7, HOST)))

    assert bridge.result() == "gone"
    assert bridge.drone.calls == []


# -- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["restart", "cancel", "promote", "rollback", "approve", "decline"])
def test_a_member_who_may_only_look_may_not(bridge: Bridge, name: str) -> None:
    bridge.has("pending", 7, "blocked")

    content = at_once(bridge.command(name, LOOKER, repo=SLUG, number=7, target="production"))

    assert content.startswith("You may look, but not act:")
    assert (bridge.drone.calls, bridge.kept, bridge.result()) == ([], [], "not_allowed")


def test_a_member_who_may_only_look_may_not_press(bridge: Bridge) -> None:
    bridge.has("pending", 7, "blocked")

    content = at_once(bridge.press(custom_id(ActionKind.APPROVE, 7, HOST), LOOKER))

    assert content.startswith("You may look, but not act:")
    assert bridge.drone.calls == []


def test_without_drones_api_no_member_can_act(bridge: Bridge) -> None:
    bridge.has_drone = False
    bridge.has("running")

    content = at_once(bridge.command("cancel", repo=SLUG, number=7))

    assert content.startswith("The bridge cannot ask Drone: put DRONE_SERVER")


# -- What makes no sense ----------------------------------------------------------------------

NOT_NOW: dict[str, tuple[str, str, str, str]] = {
    "cancel what has passed": ("cancel", "success", "", "is over already: ✅ passed."),
    "cancel what was cancelled": ("cancel", "killed", "", "is over already: 🛑 cancelled."),
    "restart what was declined": ("restart", "declined", "", "Drone restarts no such build."),
    "approve what runs": ("approve", "running", "running", "does not wait for approval: 🔄"),
    "decline what is queued": ("decline", "pending", "pending", "does not wait for approval: 🕒"),
}


@pytest.mark.parametrize(("name", "status", "stage", "sentence"), NOT_NOW.values(), ids=NOT_NOW)
def test_no_member_can(bridge: Bridge, name: str, status: str, stage: str, sentence: str) -> None:
    bridge.has(status, 7, stage)

    content = finished(bridge, bridge.command(name, repo=SLUG, number=7))

    assert sentence in content
    assert (bridge.drone.calls, bridge.result()) == ([], "not_now")


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no repository": ({"number": 7}, "Write the repository as owner/name"),
    "a number in words": ({"repo": SLUG, "number": "7"}, "The number of a build"),
    "no target": ({"repo": SLUG, "number": 7}, "Name the target"),
    "wrong params": (
        {"repo": SLUG, "number": 7, "target": "x", "params": "A"},
        "Write params as KEY=value",
    ),
}


@pytest.mark.parametrize(("options", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_answered_at_once(
    bridge: Bridge, options: dict[str, Any], sentence: str
) -> None:
    content = at_once(bridge.command("promote", **options))

    assert content.startswith(sentence)
    assert bridge.result() == "mistake"


# -- What Drone says --------------------------------------------------------------------------

REFUSALS: dict[str, tuple[Answer, str, str]] = {
    "nothing begun": (said(200), "Drone started nothing: no pipeline matches.", "nothing_started"),
    "a refusal": (
        said(400, message="Cannot *do* that"),
        "Drone refused it: Cannot \\*do\\* that.",
        "http_400",
    ),
    "no configuration": (
        said(500, message="Not Found"),
        "Drone could not start it: Not Found. Perhaps the commit or its configuration is gone.",
        "http_500",
    ),
    "a fault": (said(500, message="no disk."), "Drone could not start it: no disk.", "http_500"),
    "no reason": (said(500), "Drone could not start it: without a reason.", "http_500"),
    "a wrong token": (
        said(401),
        "Drone refuses the bridge's token: see to DRONE_TOKEN.",
        "http_401",
    ),
    "too few rights": (
        said(404),
        "Drone knows no such build, or the account of DRONE_TOKEN may not do that.",
        "http_404",
    ),
    "a race": (
        said(409),
        "Something else changed the build at that moment: try again.",
        "http_409",
    ),
    "silence": (
        Answer(0, {}, {}, "timeout"),
        "Drone did not answer. It may have done it all the same: look before you try again.",
        "timeout",
    ),
    "the end of the process": (
        Answer(0, {}, {}, "interrupted"),
        "The bridge is being restarted. It may have done it all the same: look before you try "
        "again.",
        "interrupted",
    ),
    "a proxy": (
        said(502),
        "Drone did not answer. It may have done it all the same: look before you try again.",
        "http_502",
    ),
}


@pytest.mark.parametrize(("given", "sentence", "result"), REFUSALS.values(), ids=REFUSALS)
def test_drone_answers_with(bridge: Bridge, given: Answer, sentence: str, result: str) -> None:
    bridge.has("failure")
    bridge.drone.acts.append(given)

    content = finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    assert (content, bridge.result(), bridge.kept) == (sentence, result, [])


@pytest.mark.parametrize(
    ("outage", "sentence"),
    [
        (Answer(0, {}, {}, "timeout"), "Drone did not answer; nothing was done."),
        (said(404), "Drone knows no such build, or the account of DRONE_TOKEN may not do that."),
        (said(503), "Drone did not answer; nothing was done."),
    ],
    ids=["silence", "no such build", "a proxy"],
)
def test_what_cannot_be_read_is_not_acted_on(bridge: Bridge, outage: Answer, sentence: str) -> None:
    bridge.has("failure")
    bridge.drone.outage = outage

    content = finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    assert (content, bridge.drone.calls) == (sentence, [])


def test_after_silence_no_other_stage_is_decided_on(bridge: Bridge) -> None:
    bridge.has("pending", 7, "blocked")
    bridge.drone.builds[7]["stages"].append({"id": 2, "number": 2, "status": "blocked"})
    bridge.drone.acts.append(Answer(0, {}, {}, "timeout"))

    content = finished(bridge, bridge.command("approve", repo=SLUG, number=7))

    assert content.startswith("Drone did not answer. It may have done it all the same")
    assert bridge.drone.calls == [("approve", SLUG, 7, 1)]


def test_one_stage_that_another_member_approved_does_not_matter(bridge: Bridge) -> None:
    bridge.has("pending", 7, "blocked")
    bridge.drone.builds[7]["stages"].append({"id": 2, "number": 2, "status": "blocked"})
    bridge.drone.acts += [said(400, message="Cannot approve"), said(204)]

    content = finished(bridge, bridge.command("approve", repo=SLUG, number=7))

    assert content == "👍 Approved **octocat/hello\\-world** #7"


# -- Once -------------------------------------------------------------------------------------


def test_a_second_press_does_nothing(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.drone.acts.append(said(200, **build("pending", 8)))
    name = custom_id(ActionKind.RESTART, 7, HOST)
    finished(bridge, bridge.press(name))

    content = finished(bridge, bridge.press(name, OPERATOR))

    assert content == (
        "**Ada** has done that to **octocat/hello\\-world** #7 a moment ago. It is #8."
    )
    assert (len(bridge.drone.calls), bridge.result()) == (1, "already")


def test_two_presses_at_once_do_one_thing(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.drone.acts += [said(200, **build("pending", 8)), said(200, **build("pending", 9))]
    replies = [bridge.press(custom_id(ActionKind.RESTART, 7, HOST)) for _ in range(8)]

    with ThreadPoolExecutor(8) as threads:
        for reply in replies:
            assert reply.work is not None
            threads.submit(reply.work)

    assert len(bridge.drone.calls) == 1
    content = sorted(text_of(message) for message in bridge.responder.edits)
    assert len([one for one in content if one.startswith("🔁")]) == 1


def test_after_a_while_it_can_be_done_again(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.drone.acts += [said(200, **build("pending", 8)), said(200, **build("pending", 9))]
    finished(bridge, bridge.command("restart", repo=SLUG, number=7))
    bridge.now += seconds(60)

    assert finished(bridge, bridge.command("restart", repo=SLUG, number=7)).endswith("as #9")


def test_what_drone_refused_can_be_tried_again_at_once(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.drone.acts += [said(500, message="Not Found"), said(200, **build("pending", 8))]
    finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    assert finished(bridge, bridge.command("restart", repo=SLUG, number=7)).endswith("as #8")


def test_what_drone_may_have_done_cannot_be_repeated_at_once(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.drone.acts += [Answer(0, {}, {}, "timeout"), said(200, **build("pending", 8))]
    finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    content = finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    assert content.startswith("**Ada** has done that")
    assert len(bridge.drone.calls) == 1


def test_one_build_can_be_promoted_to_two_places_at_once(bridge: Bridge) -> None:
    bridge.has("success")
    bridge.drone.acts += [said(200, **build("pending", 8)), said(200, **build("pending", 9))]
    for target in ("staging", "production"):
        finished(bridge, bridge.command("promote", repo=SLUG, number=7, target=target))

    assert [call[3] for call in bridge.drone.calls] == ["staging", "production"]


def test_an_interaction_is_answered_once(bridge: Bridge) -> None:
    bridge.has("running")
    bridge.command("cancel", repo=SLUG, number=7)
    bridge.count -= 1

    with pytest.raises(AnsweredBefore):
        bridge.command("cancel", repo=SLUG, number=7)


# -- When something is away -------------------------------------------------------------------


def test_without_the_database_nothing_is_done(bridge: Bridge) -> None:
    bridge.has("running")
    bridge.store.faults.is_away = True

    content = at_once(bridge.command("cancel", repo=SLUG, number=7))

    assert content == "The bridge's database does not answer; try again in a minute."
    assert bridge.drone.calls == []


def test_a_database_that_goes_away_before_the_act_prevents_it(bridge: Bridge) -> None:
    bridge.has("failure")
    reply = bridge.command("restart", repo=SLUG, number=7)
    bridge.store.faults.is_away = True

    content = finished(bridge, reply)

    assert content == "The bridge's database does not answer; try again in a minute."
    assert bridge.drone.calls == []


def test_a_member_learns_what_was_done_even_if_it_cannot_be_noted(bridge: Bridge) -> None:
    bridge.has("failure")
    bridge.cannot_keep = True
    bridge.store.faults.refused = {"actions.keep", "actions.finish"}
    bridge.drone.acts.append(said(200, **build("pending", 8)))

    content = finished(bridge, bridge.command("restart", repo=SLUG, number=7))

    assert content == "🔁 Restarted **octocat/hello\\-world** #7 as #8"


def test_a_member_learns_of_a_mistake_of_ours(bridge: Bridge) -> None:
    bridge.has("failure")
    reply = bridge.command("restart", repo=SLUG, number=7)
    bridge.drone.build = None  # type: ignore[assignment,method-assign]  # anything that cannot be

    assert finished(bridge, reply) == "The bridge made a mistake; its log has the details."
    assert bridge.result() == "failed_TypeError"


# -- Finishing --------------------------------------------------------------------------------

NOT_YET = Answer(404, {}, {"code": 10015})
TRIES: dict[str, tuple[list[Answer], list[float]]] = {
    "at once": ([], []),
    "too early for Discord": ([NOT_YET, NOT_YET], [0.5, 1.0]),
    "never": ([NOT_YET] * 9, [0.5, 1.0, 2.0, 4.0]),
    "a lost answer": ([Answer(0, {}, {}, "timeout")], [0.5]),
    "a fault of Discord's": ([Answer(503, {}, {})], [0.5]),
    "a limit": ([Answer(429, {}, {"retry_after": 3.5})], [3.5]),
    "a limit that is too long": ([Answer(429, {}, {"retry_after": 60})], []),
    "a limit in odd words": ([Answer(429, {}, {"retry_after": "soon"})], [0.5]),
    "an expired token": ([Answer(401, {}, {"code": 50027})], []),
    "a refused body": ([Answer(400, {}, {"code": 50035})], []),
}


@pytest.mark.parametrize(("answers", "pauses"), TRIES.values(), ids=TRIES)
def test_an_answer_is_finished(bridge: Bridge, answers: list[Answer], pauses: list[float]) -> None:
    bridge.has("success")
    bridge.responder.script.extend(answers)

    finished(bridge, bridge.command("cancel", repo=SLUG, number=7))

    assert bridge.paused == pauses
    assert len(bridge.responder.edits) == len(pauses) + 1


def test_a_first_answer_can_be_given_by_a_request_of_our_own(bridge: Bridge) -> None:
    bridge.has("running")
    reply = bridge.command("cancel", repo=SLUG, number=7)

    assert reply.acknowledge is not None
    assert reply.acknowledge()
    assert bridge.responder.callbacks == [{"type": 5, "data": {"flags": 64}}]


def test_a_first_answer_that_discord_does_not_take_is_no_answer(bridge: Bridge) -> None:
    bridge.has("running")
    bridge.responder.script.append(Answer(404, {}, {"code": 10062}))
    reply = bridge.command("cancel", repo=SLUG, number=7)

    assert reply.acknowledge is not None
    assert not reply.acknowledge()


def test_a_manager_and_an_operator_may_both(bridge: Bridge) -> None:
    bridge.has("success")

    for who in (MANAGER, OPERATOR):
        content = finished(bridge, bridge.command("cancel", who, repo=SLUG, number=7))
        assert content.endswith("is over already: ✅ passed.")
