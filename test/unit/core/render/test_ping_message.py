"""A ping is a reply with plain content that mentions exactly those whom a rule names."""

import pytest

from server.core.render.ping import ping_message, reminder_message
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import RedRun
from server.core.routing.rules import PingOn
from server.core.routing.transition import Change, Transition

PEOPLE = {"octocat": "555555555555555555"}
CARD = "888888888888888888"
FACTS = BuildFacts(repo="acme/shop", author="OctoCat", number=42)
BROKE = Transition(Change.BROKEN, 41, RedRun(42, 0, 1), ("unit",))


def test_a_ping_mentions_exactly_those_whom_the_rule_names() -> None:
    who = ("author", "role:666666666666666666", "user:777777777777777777")

    message = ping_message(PingOn.BROKEN, who, FACTS, BROKE, PEOPLE, CARD)

    assert message == {
        "content": "<@555555555555555555> <@777777777777777777> <@&666666666666666666> "
        "acme/shop #42 broke\nBroke: **unit** passed in #41",
        "allowed_mentions": {
            "parse": [],
            "users": ["555555555555555555", "777777777777777777"],
            "roles": ["666666666666666666"],
            "replied_user": False,
        },
        "message_reference": {"message_id": CARD, "fail_if_not_exists": False},
    }


@pytest.mark.parametrize(
    ("author", "named"),
    [
        pytest.param("hubot", "hubot ", id="a stranger"),
        pytest.param("", "", id="nobody"),
        pytest.param("octocat@example.com", "octocat\\@example.com ", id="a mail address"),
        pytest.param("The Octocat", "The Octocat ", id="a name"),
        pytest.param(
            "<@555555555555555555> @everyone",
            "\\<\\@555555555555555555\\> \\@everyone ",
            id="a forged mention",
        ),
        pytest.param("o\u212atocat", "oKtocat ", id="a sign that looks like another"),
    ],
)
def test_who_is_not_in_people_is_named_and_not_mentioned(author: str, named: str) -> None:
    facts = BuildFacts(repo="acme/shop", author=author, number=42)

    message = ping_message(PingOn.BAD, ("author",), facts, Transition(Change.NONE), PEOPLE, CARD)

    assert message["content"].replace("\u212a", "K") == f"{named}acme/shop #42 failed"
    assert message["allowed_mentions"] == {
        "parse": [],
        "users": [],
        "roles": [],
        "replied_user": False,
    }


def test_letters_that_only_fold_to_a_login_are_another_login() -> None:
    facts = BuildFacts(author="\u212aelvin", number=1)

    message = ping_message(
        PingOn.BAD, ("author",), facts, Transition(Change.NONE), {"kelvin": "5" * 18}, CARD
    )

    assert message["allowed_mentions"]["users"] == []


def test_who_is_named_twice_is_mentioned_once() -> None:
    who = ("author", "user:555555555555555555")

    message = ping_message(PingOn.FIXED, who, FACTS, Transition(Change.FIXED), PEOPLE, CARD)

    assert message["content"] == "<@555555555555555555> acme/shop #42 is fixed"
    assert message["allowed_mentions"]["users"] == ["555555555555555555"]


def test_an_approval_says_nothing_about_the_branch() -> None:
    message = ping_message(PingOn.APPROVAL, ("author",), FACTS, BROKE, PEOPLE, CARD)

    assert message["content"] == "<@555555555555555555> acme/shop #42 needs approval"


def test_a_silent_ping_gives_no_notification() -> None:
    message = ping_message(PingOn.BAD, (), FACTS, BROKE, PEOPLE, CARD, is_silent=True)

    assert message.get("flags") == 4096


def test_a_reminder_is_a_reply_too() -> None:
    message = reminder_message(
        ("role:666666666666666666",), "octocat", "Still failing since #39", PEOPLE, CARD
    )

    assert message == {
        "content": "<@&666666666666666666> Still failing since #39",
        "allowed_mentions": {
            "parse": [],
            "users": [],
            "roles": ["666666666666666666"],
            "replied_user": False,
        },
        "message_reference": {"message_id": CARD, "fail_if_not_exists": False},
    }


def test_the_longest_ping_fits_a_message() -> None:
    facts = BuildFacts(repo="*" * 2000, author="*" * 2000, number=2**63)
    transition = Transition(Change.NEW_STEP, 2**63, RedRun(2**63, 1, 2**63), ("*" * 2000,))
    who = ("author", *(f"role:{10**19 + number}" for number in range(19)))

    message = ping_message(PingOn.NEW_STEP, who, facts, transition, {}, CARD)

    assert len(message["content"]) <= 2000
