"""The cards of accounts and repositories, written out."""

from dataclasses import replace

import pytest
from drone_shapes import PICTURE, SERVER

from server.core.model.account import AccountEvent
from server.core.model.build import System
from server.core.render.message import render

OCTOCAT = AccountEvent(
    event="user:created",
    system=System(host="drone.example.com", link=SERVER, version="2.25.0"),
    subject_id=3,
    version=0,
    name="octocat",
    actor="",
    link="",
    avatar=PICTURE,
    is_admin=False,
    is_machine=False,
)
REPO = replace(
    OCTOCAT,
    event="repo:enabled",
    name="octocat/hello-world",
    actor="hubot",
    link="https://github.com/octocat/hello-world",
    avatar="",
)
BUILDS = f"{SERVER}/octocat/hello-world"


def button(label: str, url: str) -> dict[str, object]:
    return {"type": 2, "style": 5, "label": label, "url": url}


def message(embed: dict[str, object], *buttons: dict[str, object]) -> dict[str, object]:
    rows = [{"type": 1, "components": list(buttons)}] if buttons else []
    return {"embeds": [embed], "components": rows, "allowed_mentions": {"parse": []}}


CARDS = [
    pytest.param(
        OCTOCAT,
        message(
            {
                "title": "octocat · 👋 account created",
                "description": "A new account on **drone.example.com**",
                "color": 0x42C768,
                "thumbnail": {"url": PICTURE},
            }
        ),
        id="user:created",
    ),
    pytest.param(
        replace(OCTOCAT, event="user:deleted", is_admin=True, is_machine=True),
        message(
            {
                "title": "octocat · 👤 account deleted",
                "description": (
                    "The account on **drone.example.com** is gone · Administrator · Machine account"
                ),
                "color": 0x747F8D,
                "thumbnail": {"url": PICTURE},
            }
        ),
        id="user:deleted",
    ),
    pytest.param(
        REPO,
        message(
            {
                "author": {"name": "hubot"},
                "title": "octocat/hello-world · 🔌 enabled",
                "description": "**drone.example.com** builds it from now on",
                "color": 0x42C768,
                "url": BUILDS,
            },
            button("Builds", BUILDS),
            button("Source", REPO.link),
        ),
        id="repo:enabled",
    ),
    pytest.param(
        replace(REPO, event="repo:disabled", actor=""),
        message(
            {
                "title": "octocat/hello-world · 💤 disabled",
                "description": "**drone.example.com** does not build it any more",
                "color": 0x747F8D,
                "url": BUILDS,
            },
            button("Builds", BUILDS),
            button("Source", REPO.link),
        ),
        id="repo:disabled",
    ),
    pytest.param(
        replace(REPO, event="repo:deleted", actor=""),
        message(
            {
                "title": "octocat/hello-world · 🗑️ deleted",
                "description": "**drone.example.com** forgot it and its builds",
                "color": 0x747F8D,
            },
            button("Source", REPO.link),
        ),
        id="repo:deleted",
    ),
    pytest.param(
        replace(REPO, event="repo:painted", name="", link="javascript:x", actor="\u200b"),
        message(
            {
                "title": "unknown · ❔ changed",
                "description": "Something changed on **drone.example.com**",
                "color": 0x747F8D,
            }
        ),
        id="an event that is not known",
    ),
]


@pytest.mark.parametrize(("event", "card"), CARDS)
def test_each_account_event_has_its_card(event: AccountEvent, card: dict[str, object]) -> None:
    assert render(event) == card


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("*o*/[r](x)", "\\*o\\*/\\[r\\]\\(x\\) · 🔌 enabled"),
        ("o/" + "*" * 300, "o/" + "\\*" * 60 + "…" + "\\*" * 60 + " · 🔌 enabled"),
    ],
)
def test_a_strange_name_shows_as_it_is(name: str, title: str) -> None:
    shown = render(replace(REPO, name=name))["embeds"][0]["title"]

    assert shown == title
    assert len(shown) <= 256


def test_links_point_at_the_public_address() -> None:
    shown = render(REPO, "https://ci.example.com")

    assert shown["embeds"][0]["url"] == "https://ci.example.com/octocat/hello-world"


def test_a_server_without_a_name_is_called_drone() -> None:
    event = replace(OCTOCAT, system=System(host="", link="", version=""))

    assert render(event)["embeds"][0]["description"] == "A new account on **Drone**"
