"""Acting on builds from Discord: who may, what is asked of Drone, and what everybody is told."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from discord_signing import PERSON
from fakes import HOST, START, seconds
from interaction_desk import (
    LOOKER,
    MANAGER,
    OPERATOR,
    SLUG,
    Shop,
    at_once,
    build,
    finished,
    said,
    text_of,
)

from server.core.delivery import Delivery
from server.core.drone.payload import decode, read
from server.core.http_answer import Answer
from server.core.model.build import BuildState
from server.core.model.user_action import ActionKind
from server.core.render.actions import custom_id
from server.errors import AnsweredBefore
from server.services.interactions.locate import GONE


@pytest.fixture
def shop() -> Shop:
    return Shop()


def acts_of(delivery: Delivery) -> tuple[int, list[tuple[str, str, str, int]]]:
    """Return the number of the build that a delivery is about, and what was done to it."""
    state = read(decode(delivery.body))
    assert isinstance(state, BuildState)
    return state.build.number, [(a.what, a.name, a.target, a.number) for a in state.acts]


# -- Each act ---------------------------------------------------------------------------------


def test_a_build_is_cancelled(shop: Shop) -> None:
    shop.has("running")
    shop.drone.acts.append(said(200, **build("killed", version=3)))

    told = finished(shop, shop.command("cancel", repo=SLUG, number=7))

    assert told == "🛑 Cancelled **octocat/hello\\-world** #7"
    assert shop.drone.calls == [("cancel", SLUG, 7)]
    assert [acts_of(one) for one in shop.kept] == [(7, [("cancel", "Ada", "", 0)])]
    assert shop.result() == "done"


def test_a_cancelled_build_is_told_as_drone_has_it_then(shop: Shop) -> None:
    shop.has("running")
    shop.drone.acts.append(said(200, **build("killed", version=3)))

    finished(shop, shop.command("cancel", repo=SLUG, number=7))

    body = json.loads(shop.kept[0].body)
    assert shop.kept[0].event == "drone:act"
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


def test_a_build_is_restarted_with_params(shop: Shop) -> None:
    shop.has("failure")
    shop.drone.acts.append(said(200, **build("pending", 8, parent=7)))

    reply = shop.command("restart", repo=SLUG, number=7, params="A=1 B='2 3'")
    told = finished(shop, reply)

    assert told == "🔁 Restarted **octocat/hello\\-world** #7 as #8"
    assert shop.drone.calls == [("restart", SLUG, 7, {"A": "1", "B": "2 3"})]
    assert [acts_of(one) for one in shop.kept] == [
        (7, [("restart", "Ada", "", 8)]),
        (8, [("start", "Ada", "", 0)]),
    ]
    assert shop.result() == "done_8"


def test_the_answer_links_the_new_build(shop: Shop) -> None:
    shop.has("failure")
    shop.drone.acts.append(said(200, **build("pending", 8)))

    finished(shop, shop.command("restart", repo=SLUG, number=7))

    (row,) = shop.responder.edits[-1]["components"]
    assert [(one["label"], one["url"]) for one in row["components"]] == [
        ("Build #8", f"https://{HOST}/{SLUG}/8")
    ]


DEPLOYS = {
    "promote": "🚀 Promoted **octocat/hello\\-world** #7 to **production** as #8",
    "rollback": "⏪ Rolled back to **octocat/hello\\-world** #7 on **production** as #8",
}


@pytest.mark.parametrize(("name", "sentence"), DEPLOYS.items(), ids=DEPLOYS)
def test_a_build_is_deployed_by(shop: Shop, name: str, sentence: str) -> None:
    shop.has("success")
    shop.drone.acts.append(said(200, **build("pending", 8, deploy_to="production")))

    reply = shop.command(name, repo=SLUG, number=7, target="production", params="A=1")
    told = finished(shop, reply)

    assert told == sentence
    assert shop.drone.calls == [(name, SLUG, 7, "production", {"A": "1"})]
    assert acts_of(shop.kept[0]) == (7, [(name, "Ada", "production", 8)])


@pytest.mark.parametrize(("name", "word"), [("approve", "👍 Approved"), ("decline", "🚫 Declined")])
def test_every_blocked_stage_is_decided_on(shop: Shop, name: str, word: str) -> None:
    shop.has("pending", 7, "blocked")
    shop.drone.builds[7]["stages"] += [
        {"id": 2, "number": 2, "name": "later", "status": "blocked"},
        {"id": 3, "number": 3, "name": "free", "status": "pending"},
    ]

    told = finished(shop, shop.command(name, repo=SLUG, number=7))

    assert told == f"{word} **octocat/hello\\-world** #7"
    assert shop.drone.calls == [(name, SLUG, 7, 1), (name, SLUG, 7, 2)]
    assert [acts_of(one) for one in shop.kept] == [(7, [(name, "Ada", "", 0)])]


@pytest.mark.parametrize("status", ["pending", "running"])
def test_the_restart_of_a_blocked_build_says_that_it_runs_unapproved(
    shop: Shop, status: str
) -> None:
    shop.has(status, 7, "blocked")
    shop.drone.acts.append(said(200, **build("pending", 8)))

    told = finished(shop, shop.command("restart", repo=SLUG, number=7))

    assert told == (
        "🔁 Restarted **octocat/hello\\-world** #7 as #8\n"
        "✋ It was waiting for approval. The new build runs without one."
    )


def test_a_build_that_no_card_knows_gets_none_by_a_promotion(shop: Shop) -> None:
    shop.drone.builds[7] = build("success", 7)
    shop.drone.repos[SLUG] = {"id": 1, "slug": SLUG, "private": True}
    shop.drone.acts.append(said(200, **build("pending", 8)))

    finished(shop, shop.command("promote", repo=SLUG, number=7, target="production"))

    assert [acts_of(one) for one in shop.kept] == [(8, [("start", "Ada", "production", 0)])]
    body = json.loads(shop.kept[0].body)
    assert (body["system"]["host"], body["repo"]["private"]) == (HOST, True)


def test_what_another_build_of_the_repository_knows_need_not_be_asked(shop: Shop) -> None:
    shop.knows("success", 6)
    shop.drone.builds[7] = build("success", 7)
    shop.drone.acts.append(said(200, **build("pending", 8)))

    finished(shop, shop.command("restart", repo=SLUG, number=7))

    assert json.loads(shop.kept[0].body)["repo"]["id"] == 1


# -- Buttons ----------------------------------------------------------------------------------


def test_a_button_acts_on_the_build_of_its_card(shop: Shop) -> None:
    shop.has("running")
    shop.drone.acts.append(said(200, **build("killed", version=3)))

    told = finished(shop, shop.press(custom_id(ActionKind.CANCEL, 7, HOST), OPERATOR))

    assert told == "🛑 Cancelled **octocat/hello\\-world** #7"


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
def test_a_button_that_is_not_ours_does_nothing(shop: Shop, name: str) -> None:
    shop.has("running")

    told = at_once(shop.press(name))

    assert told == "The bridge does not know this button; use /drone instead."
    assert shop.drone.calls == []


def test_a_button_of_a_forgotten_card_does_nothing(shop: Shop) -> None:
    told = at_once(shop.press(custom_id(ActionKind.CANCEL, 7, HOST)))

    assert told == "The bridge has forgotten this build; use /drone instead."


def test_a_build_of_another_drone_is_left_alone(shop: Shop) -> None:
    shop.has("running")
    shop.hears_of("acme/shop", 5, "drone.example.net")
    shop.server = "https://drone.example.net"

    told = finished(shop, shop.press(custom_id(ActionKind.CANCEL, 7, HOST)))

    assert told == "This build is of another Drone server than the one of DRONE_SERVER."
    assert (shop.drone.calls, shop.result()) == ([], "another_drone")


# -- Repositories that are called otherwise, or are others ---------------------------------------


def anew(shop: Shop) -> None:
    """Have the repository made anew in Drone, with a build of the same number."""
    shop.has("failure")
    shop.drone.builds[7] |= {"id": 70_000, "repo_id": 2}
    shop.drone.repos[SLUG] = {"id": 2, "slug": SLUG}
    shop.drone.acts.append(said(200, **build("pending", 8, repo_id=2)))


def test_a_button_does_not_act_on_the_build_that_has_the_number_now(shop: Shop) -> None:
    anew(shop)

    told = finished(shop, shop.press(custom_id(ActionKind.RESTART, 7, HOST)))

    assert told == GONE
    assert (shop.drone.calls, shop.kept, shop.result()) == ([], [], "gone")


def test_a_command_acts_on_the_build_that_has_the_number_now(shop: Shop) -> None:
    anew(shop)

    told = finished(shop, shop.command("restart", repo=SLUG, number=7))

    assert told == "🔁 Restarted **octocat/hello\\-world** #7 as #8"
    assert [acts_of(one) for one in shop.kept] == [(8, [("start", "Ada", "", 0)])]
    assert json.loads(shop.kept[0].body)["repo"]["id"] == 2


NEW = "octocat/renamed"


@pytest.mark.parametrize("is_told", [True, False], ids=["by a webhook", "by Drone's list"])
def test_a_button_on_an_old_card_acts_under_the_new_name(shop: Shop, is_told: bool) -> None:
    shop.has("failure")
    shop.drone.unknown.add(SLUG)
    shop.drone.repos[NEW] = {"id": 1, "slug": NEW}
    if is_told:
        shop.hears_of(NEW)
    shop.drone.acts.append(said(200, **build("pending", 8)))

    told = finished(shop, shop.press(custom_id(ActionKind.RESTART, 7, HOST)))

    assert told == "🔁 Restarted **octocat/renamed** #7 as #8"
    assert shop.drone.calls == [("restart", NEW, 7, {})]
    assert [acts_of(one)[0] for one in shop.kept] == [7, 8]


@pytest.mark.parametrize("slug", [SLUG, NEW])
def test_a_command_finds_a_build_from_before_the_rename(shop: Shop, slug: str) -> None:
    shop.has("failure")
    shop.drone.unknown.add(SLUG)
    shop.hears_of(NEW)
    shop.drone.acts.append(said(200, **build("pending", 8)))

    finished(shop, shop.command("restart", repo=slug, number=7))

    assert shop.drone.calls == [("restart", NEW, 7, {})]
    assert [acts_of(one)[0] for one in shop.kept] == [7, 8]


def test_a_repository_that_has_an_old_name_now_is_left_alone(shop: Shop) -> None:
    shop.has("failure")
    shop.drone.builds[7] |= {"id": 70_000}
    shop.drone.repos[NEW] = {"id": 1, "slug": NEW}

    finished(shop, shop.press(custom_id(ActionKind.RESTART, 7, HOST)))

    assert shop.result() == "gone"
    assert shop.drone.calls == []


# -- Who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["restart", "cancel", "promote", "rollback", "approve", "decline"])
def test_somebody_who_may_only_look_may_not(shop: Shop, name: str) -> None:
    shop.has("pending", 7, "blocked")

    told = at_once(shop.command(name, LOOKER, repo=SLUG, number=7, target="production"))

    assert told.startswith("You may look, but not act:")
    assert (shop.drone.calls, shop.kept, shop.result()) == ([], [], "not_allowed")


def test_somebody_who_may_only_look_may_not_press(shop: Shop) -> None:
    shop.has("pending", 7, "blocked")

    told = at_once(shop.press(custom_id(ActionKind.APPROVE, 7, HOST), LOOKER))

    assert told.startswith("You may look, but not act:")
    assert shop.drone.calls == []


def test_without_drones_api_nobody_can_act(shop: Shop) -> None:
    shop.has_drone = False
    shop.has("running")

    told = at_once(shop.command("cancel", repo=SLUG, number=7))

    assert told.startswith("The bridge cannot ask Drone: put DRONE_SERVER")


# -- What makes no sense ----------------------------------------------------------------------

NOT_NOW: dict[str, tuple[str, str, str, str]] = {
    "cancel what has passed": ("cancel", "success", "", "is over already: ✅ passed."),
    "cancel what was cancelled": ("cancel", "killed", "", "is over already: 🛑 cancelled."),
    "restart what was declined": ("restart", "declined", "", "Drone restarts no such build."),
    "approve what runs": ("approve", "running", "running", "does not wait for approval: 🔄"),
    "decline what is queued": ("decline", "pending", "pending", "does not wait for approval: 🕒"),
}


@pytest.mark.parametrize(("name", "status", "stage", "sentence"), NOT_NOW.values(), ids=NOT_NOW)
def test_nobody_can(shop: Shop, name: str, status: str, stage: str, sentence: str) -> None:
    shop.has(status, 7, stage)

    told = finished(shop, shop.command(name, repo=SLUG, number=7))

    assert sentence in told
    assert (shop.drone.calls, shop.result()) == ([], "not_now")


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
def test_a_mistake_is_told_at_once(shop: Shop, options: dict[str, Any], sentence: str) -> None:
    told = at_once(shop.command("promote", **options))

    assert told.startswith(sentence)
    assert shop.result() == "mistake"


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
def test_drone_answers_with(shop: Shop, given: Answer, sentence: str, result: str) -> None:
    shop.has("failure")
    shop.drone.acts.append(given)

    told = finished(shop, shop.command("restart", repo=SLUG, number=7))

    assert (told, shop.result(), shop.kept) == (sentence, result, [])


@pytest.mark.parametrize(
    ("outage", "sentence"),
    [
        (Answer(0, {}, {}, "timeout"), "Drone did not answer; nothing was done."),
        (said(404), "Drone knows no such build, or the account of DRONE_TOKEN may not do that."),
        (said(503), "Drone did not answer; nothing was done."),
    ],
    ids=["silence", "no such build", "a proxy"],
)
def test_what_cannot_be_read_is_not_acted_on(shop: Shop, outage: Answer, sentence: str) -> None:
    shop.has("failure")
    shop.drone.outage = outage

    told = finished(shop, shop.command("restart", repo=SLUG, number=7))

    assert (told, shop.drone.calls) == (sentence, [])


def test_after_silence_no_other_stage_is_decided_on(shop: Shop) -> None:
    shop.has("pending", 7, "blocked")
    shop.drone.builds[7]["stages"].append({"id": 2, "number": 2, "status": "blocked"})
    shop.drone.acts.append(Answer(0, {}, {}, "timeout"))

    told = finished(shop, shop.command("approve", repo=SLUG, number=7))

    assert told.startswith("Drone did not answer. It may have done it all the same")
    assert shop.drone.calls == [("approve", SLUG, 7, 1)]


def test_one_stage_that_somebody_else_approved_does_not_matter(shop: Shop) -> None:
    shop.has("pending", 7, "blocked")
    shop.drone.builds[7]["stages"].append({"id": 2, "number": 2, "status": "blocked"})
    shop.drone.acts += [said(400, message="Cannot approve"), said(204)]

    told = finished(shop, shop.command("approve", repo=SLUG, number=7))

    assert told == "👍 Approved **octocat/hello\\-world** #7"


# -- Once -------------------------------------------------------------------------------------


def test_a_second_press_does_nothing(shop: Shop) -> None:
    shop.has("failure")
    shop.drone.acts.append(said(200, **build("pending", 8)))
    name = custom_id(ActionKind.RESTART, 7, HOST)
    finished(shop, shop.press(name))

    told = finished(shop, shop.press(name, OPERATOR))

    assert told == ("**Ada** has done that to **octocat/hello\\-world** #7 a moment ago. It is #8.")
    assert (len(shop.drone.calls), shop.result()) == (1, "already")


def test_two_presses_at_once_do_one_thing(shop: Shop) -> None:
    shop.has("failure")
    shop.drone.acts += [said(200, **build("pending", 8)), said(200, **build("pending", 9))]
    replies = [shop.press(custom_id(ActionKind.RESTART, 7, HOST)) for _ in range(8)]

    with ThreadPoolExecutor(8) as threads:
        for reply in replies:
            assert reply.work is not None
            threads.submit(reply.work)

    assert len(shop.drone.calls) == 1
    told = sorted(text_of(message) for message in shop.responder.edits)
    assert len([one for one in told if one.startswith("🔁")]) == 1


def test_after_a_while_it_can_be_done_again(shop: Shop) -> None:
    shop.has("failure")
    shop.drone.acts += [said(200, **build("pending", 8)), said(200, **build("pending", 9))]
    finished(shop, shop.command("restart", repo=SLUG, number=7))
    shop.now += seconds(60)

    assert finished(shop, shop.command("restart", repo=SLUG, number=7)).endswith("as #9")


def test_what_drone_refused_can_be_tried_again_at_once(shop: Shop) -> None:
    shop.has("failure")
    shop.drone.acts += [said(500, message="Not Found"), said(200, **build("pending", 8))]
    finished(shop, shop.command("restart", repo=SLUG, number=7))

    assert finished(shop, shop.command("restart", repo=SLUG, number=7)).endswith("as #8")


def test_what_drone_may_have_done_cannot_be_repeated_at_once(shop: Shop) -> None:
    shop.has("failure")
    shop.drone.acts += [Answer(0, {}, {}, "timeout"), said(200, **build("pending", 8))]
    finished(shop, shop.command("restart", repo=SLUG, number=7))

    told = finished(shop, shop.command("restart", repo=SLUG, number=7))

    assert told.startswith("**Ada** has done that")
    assert len(shop.drone.calls) == 1


def test_one_build_can_be_promoted_to_two_places_at_once(shop: Shop) -> None:
    shop.has("success")
    shop.drone.acts += [said(200, **build("pending", 8)), said(200, **build("pending", 9))]
    for target in ("staging", "production"):
        finished(shop, shop.command("promote", repo=SLUG, number=7, target=target))

    assert [call[3] for call in shop.drone.calls] == ["staging", "production"]


def test_an_interaction_is_answered_once(shop: Shop) -> None:
    shop.has("running")
    shop.command("cancel", repo=SLUG, number=7)
    shop.count -= 1

    with pytest.raises(AnsweredBefore):
        shop.command("cancel", repo=SLUG, number=7)


# -- When something is away -------------------------------------------------------------------


def test_without_the_database_nothing_is_done(shop: Shop) -> None:
    shop.has("running")
    shop.store.faults.is_away = True

    told = at_once(shop.command("cancel", repo=SLUG, number=7))

    assert told == "The bridge's database does not answer; try again in a minute."
    assert shop.drone.calls == []


def test_a_database_that_goes_away_before_the_act_prevents_it(shop: Shop) -> None:
    shop.has("failure")
    reply = shop.command("restart", repo=SLUG, number=7)
    shop.store.faults.is_away = True

    told = finished(shop, reply)

    assert told == "The bridge's database does not answer; try again in a minute."
    assert shop.drone.calls == []


def test_what_was_done_is_told_even_if_it_cannot_be_noted(shop: Shop) -> None:
    shop.has("failure")
    shop.cannot_keep = True
    shop.store.faults.refused = {"actions.keep", "actions.finish"}
    shop.drone.acts.append(said(200, **build("pending", 8)))

    told = finished(shop, shop.command("restart", repo=SLUG, number=7))

    assert told == "🔁 Restarted **octocat/hello\\-world** #7 as #8"


def test_a_person_is_told_of_a_mistake_of_ours(shop: Shop) -> None:
    shop.has("failure")
    reply = shop.command("restart", repo=SLUG, number=7)
    shop.drone.build = None  # type: ignore[assignment,method-assign]  # anything that cannot be

    assert finished(shop, reply) == "The bridge made a mistake; its log has the details."
    assert shop.result() == "failed_TypeError"


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
def test_an_answer_is_finished(shop: Shop, answers: list[Answer], pauses: list[float]) -> None:
    shop.has("success")
    shop.responder.script.extend(answers)

    finished(shop, shop.command("cancel", repo=SLUG, number=7))

    assert shop.paused == pauses
    assert len(shop.responder.edits) == len(pauses) + 1


def test_a_first_answer_can_be_given_by_a_request_of_our_own(shop: Shop) -> None:
    shop.has("running")
    reply = shop.command("cancel", repo=SLUG, number=7)

    assert reply.acknowledge is not None
    assert reply.acknowledge()
    assert shop.responder.callbacks == [{"type": 5, "data": {"flags": 64}}]


def test_a_first_answer_that_discord_does_not_take_is_no_answer(shop: Shop) -> None:
    shop.has("running")
    shop.responder.script.append(Answer(404, {}, {"code": 10062}))
    reply = shop.command("cancel", repo=SLUG, number=7)

    assert reply.acknowledge is not None
    assert not reply.acknowledge()


def test_a_manager_and_an_operator_may_both(shop: Shop) -> None:
    shop.has("success")

    for who in (MANAGER, OPERATOR):
        told = finished(shop, shop.command("cancel", who, repo=SLUG, number=7))
        assert told.endswith("is over already: ✅ passed.")
