"""Cards: the buttons by which people act, and the lines that say who did."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from drone_shapes import SERVER, build, stage
from fakes import CHANNEL, START, MemoryStore, delivery, payload, state

from server.core.cards.card import Card
from server.core.discord.urls import pages
from server.core.model.build import BuildState
from server.core.model.status import Status
from server.core.model.user_action import ActionKind, UserAction
from server.core.render.actions import action_lines, controls, custom_id, read_custom_id
from server.core.render.message import degraded, render
from server.services.worker.display import DisplayConfig, render_card
from server.services.worker.merge import merge_batch

HERE = pages("", SERVER, "octocat/hello-world")
ROOM = 4096

# -- Buttons ----------------------------------------------------------------------------------

OFFERED = {
    Status.PENDING: ["Cancel"],
    Status.RUNNING: ["Cancel"],
    Status.SUCCESS: [],
    Status.FAILURE: ["Restart"],
    Status.ERROR: ["Restart"],
    Status.KILLED: ["Restart"],
    Status.SKIPPED: [],
    Status.DECLINED: [],
    Status.WAITING: [],
    Status.OTHER: [],
}


@pytest.mark.parametrize(("status", "labels"), OFFERED.items(), ids=lambda value: str(value))
def test_a_build_offers_when_it_is(status: Status, labels: list[str]) -> None:
    assert [button["label"] for button in controls(build(status=status))] == labels


def test_a_blocked_build_offers_both_decisions() -> None:
    blocked = build(stage(1, "ci", "blocked"), status="pending")

    assert controls(blocked) == [
        {
            "type": 2,
            "style": 3,
            "label": "Approve",
            "custom_id": "build:approve:7:drone.example.com",
        },
        {
            "type": 2,
            "style": 4,
            "label": "Decline",
            "custom_id": "build:decline:7:drone.example.com",
        },
    ]


def test_buttons_stand_beside_the_links() -> None:
    (row,) = render(build(status="running"), has_controls=True)["components"]

    assert [button["label"] for button in row["components"]] == ["Build", "Commit", "Cancel"]


def rows_of(state: BuildState) -> list[list[str]]:
    rows = render(state, has_controls=True)["components"]
    return [[button["label"] for button in row["components"]] for row in rows]


def test_five_buttons_stand_in_one_row() -> None:
    blocked = build(
        stage(1, "ci", "blocked"), status="pending", event="promote", ref="refs/pull/5/head"
    )

    assert rows_of(blocked) == [["Build", "Commit", "Pull request", "Approve", "Decline"]]


def test_buttons_that_do_not_fit_have_a_row_of_their_own() -> None:
    half_approved = build(
        stage(1, "ci", "running"),
        stage(2, "publish", "blocked"),
        status="running",
        event="pull_request",
        ref="refs/pull/5/head",
    )

    assert rows_of(half_approved) == [
        ["Build", "Commit", "Pull request"],
        ["Approve", "Decline", "Cancel"],
    ]


def test_without_interactions_there_are_no_buttons() -> None:
    (row,) = render(build(status="running"))["components"]

    assert [button["label"] for button in row["components"]] == ["Build", "Commit"]


def test_a_card_without_links_keeps_its_buttons() -> None:
    message = degraded(render(build(status="running"), has_controls=True), 3)

    assert [one["label"] for row in message["components"] for one in row["components"]] == [
        "Cancel"
    ]


NAMELESS: dict[str, dict[str, Any]] = {
    "of a server without a name": {"host": "", "link": ""},
    "of a server with a very long name": {"host": "d" * 90, "link": SERVER},
    "of a server with an odd name": {"host": "dröne", "link": SERVER},
}


@pytest.mark.parametrize("system", NAMELESS.values(), ids=NAMELESS)
def test_a_build_has_no_buttons(system: dict[str, Any]) -> None:
    running = build(status="running")

    named = replace(running, system=replace(running.system, **system))

    assert controls(named) == []


@pytest.mark.parametrize("kind", [ActionKind.CANCEL, ActionKind.RESTART, ActionKind.APPROVE])
def test_what_a_button_reports_is_read_back(kind: ActionKind) -> None:
    name = custom_id(kind, 9_223_372_036_854_775_807, "drone.example.com:8443")

    assert read_custom_id(name) == (kind, 9_223_372_036_854_775_807, "drone.example.com:8443")


# -- Who did it -------------------------------------------------------------------------------


def act(what: str, at: int = 1, **fields: Any) -> UserAction:
    return UserAction(
        **{"at": at, "id": str(at), "what": what, "user_id": "3", "name": "Ada", **fields}
    )


LINES: dict[str, tuple[UserAction, str]] = {
    "cancel": (act("cancel"), "🛑 Cancelled by **Ada**"),
    "restart": (
        act("restart", number=43),
        f"🔁 Restarted by **Ada** as [#43]({SERVER}/octocat/hello-world/43)",
    ),
    "promote": (
        act("promote", number=43, target="production"),
        f"🚀 Promoted to **production** by **Ada** as [#43]({SERVER}/octocat/hello-world/43)",
    ),
    "rollback": (
        act("rollback", number=43, target="production"),
        f"⏪ Rolled back on **production** by **Ada** as [#43]({SERVER}/octocat/hello-world/43)",
    ),
    "approve": (act("approve"), "👍 Approved by **Ada**"),
    "decline": (act("decline"), "🚫 Declined by **Ada**"),
    "start": (act("start"), "▶️ Started by **Ada**"),
    "a name of markdown": (act("cancel", name="*A* @here"), "🛑 Cancelled by **\\*A\\* \\@here**"),
    "no name": (act("cancel", name="\u200b"), "🛑 Cancelled by **somebody**"),
}


@pytest.mark.parametrize(("done", "line"), LINES.values(), ids=LINES)
def test_a_card_shows(done: UserAction, line: str) -> None:
    assert action_lines(replace(build(), acts=(done,)), HERE, ROOM) == [line]


def test_an_action_of_a_later_version_is_not_shown() -> None:
    assert action_lines(replace(build(), acts=(act("dance"),)), HERE, ROOM) == []


def test_of_many_actions_the_latest_three_are_shown() -> None:
    many = replace(build(), acts=tuple(act("cancel", at, name=str(at)) for at in range(1, 6)))

    assert action_lines(many, HERE, ROOM) == [f"🛑 Cancelled by **{at}**" for at in (3, 4, 5)]


def test_a_line_that_does_not_fit_is_not_shown() -> None:
    many = replace(build(), acts=tuple(act("cancel", at, name=str(at)) for at in range(1, 4)))

    assert action_lines(many, HERE, 2 * len("🛑 Cancelled by **1**\n")) == [
        "🛑 Cancelled by **2**",
        "🛑 Cancelled by **3**",
    ]


def test_a_card_shows_it_above_the_commit() -> None:
    cancelled = replace(build(status="killed"), acts=(act("cancel"),))

    description = render(cancelled)["embeds"][0]["description"]

    assert description.splitlines()[:2] == ["🛑 Cancelled by **Ada**", "> Greet the world"]


# -- Switching buttons on ---------------------------------------------------------------------

OFF = DisplayConfig(CHANNEL, "", timedelta(0))
ON = replace(OFF, has_controls=True)


def at_rest(store: MemoryStore) -> Card:
    """Have the card of a failed build that is shown as it should be, without buttons."""
    report = delivery("a", payload("failure", version=3))
    store.inbox.add(report)
    (card,) = merge_batch([report], store, OFF, START).cards
    shown = replace(
        card,
        message_id="1",
        shown=render_card(card, OFF).fingerprint,
        shown_status="failure",
        due_at=None,
    )
    saved = store.cards.save(shown, START)
    assert saved is not None
    return saved


def test_switching_buttons_on_touches_no_card_that_is_at_rest() -> None:
    store = MemoryStore()
    at_rest(store)

    assert list(store.cards.due()) == []


def test_a_repeated_report_does_not_bring_buttons_to_a_card_that_is_at_rest() -> None:
    store = MemoryStore()
    kept = at_rest(store)
    again = delivery("b", payload("failure", version=3))
    store.inbox.add(again)

    (card,) = merge_batch([again], store, ON, START).cards

    assert card == kept
    assert list(store.cards.due()) == []


def test_news_bring_the_buttons() -> None:
    store = MemoryStore()
    at_rest(store)
    news = delivery("b", {**payload("failure", version=3), "acts": [{"id": "1", "what": "cancel"}]})
    store.inbox.add(news)

    (card,) = merge_batch([news], store, ON, START).cards

    assert card.due_at == START
    assert isinstance(card.content, BuildState)
    assert state().acts == ()
