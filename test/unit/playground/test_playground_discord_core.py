"""The stand-in's decisions about permissions, presences, ids and messages are pure."""

from __future__ import annotations

import pytest

from playground.discord.core.body import stored_embeds
from playground.discord.core.mention import Mentions, mentions
from playground.discord.core.permission import Overwrite, Permission, permissions_in
from playground.discord.core.presence import Activity, read_presence
from playground.discord.core.snowflake import Mint, created_at

VIEW, SEND, LINKS = Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES, Permission.EMBED_LINKS
BASE = int(VIEW | SEND | LINKS)
EVERYONE, ROLE, BOT = "1", "2", "3"

OVERWRITES: list[tuple[str, list[Overwrite], Permission]] = [
    ("nothing overwritten", [], VIEW | SEND | LINKS),
    ("everyone denied", [Overwrite(EVERYONE, 0, deny=int(LINKS))], VIEW | SEND),
    ("the role allowed again",
     [Overwrite(EVERYONE, 0, deny=int(LINKS)), Overwrite(ROLE, 0, allow=int(LINKS))],
     VIEW | SEND | LINKS),
    ("the member denied after all",
     [Overwrite(ROLE, 0, allow=int(LINKS)), Overwrite(BOT, 1, deny=int(LINKS))], VIEW | SEND),
    ("somebody else denied", [Overwrite("9", 1, deny=int(VIEW))], VIEW | SEND | LINKS),
    ("sending denied takes embeds along", [Overwrite(BOT, 1, deny=int(SEND))], VIEW),
    ("viewing denied takes everything along", [Overwrite(BOT, 1, deny=int(VIEW))], Permission(0)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_name", "overwrites", "expected"), OVERWRITES, ids=[row[0] for row in OVERWRITES]
)
def test_overwrites_apply_from_everyone_to_the_member(
    _name: str, overwrites: list[Overwrite], expected: Permission
) -> None:
    found = permissions_in(
        base=BASE,
        overwrites=overwrites,
        everyone_id=EVERYONE,
        role_ids=frozenset({ROLE}),
        member_id=BOT,
    )

    assert found == expected


@pytest.mark.parametrize(
    ("activity", "sentence"),
    [
        (Activity("builds", 0), "Playing builds"),
        (Activity("builds", 1), "Streaming builds"),
        (Activity("builds", 2), "Listening to builds"),
        (Activity("builds", 3), "Watching builds"),
        (Activity("x", 4, "all is well"), "all is well"),
        (Activity("builds", 5), "Competing in builds"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_activity_is_said_with_its_word(activity: Activity, sentence: str) -> None:
    assert activity.sentence() == sentence


@pytest.mark.parametrize("data", [None, [], {"status": "busy"}, {"activities": {}}])
def test_a_malformed_presence_is_none(data: object) -> None:
    assert read_presence(data) is None


def test_an_id_carries_its_instant() -> None:
    assert created_at(Mint().mint(1_763_712_000.25)) == 1_763_712_000.25


def test_ids_differ_even_when_the_clock_is_set_back() -> None:
    mint = Mint()

    ids = [mint.mint(now) for now in (100.0, 100.0, 50.0, 100.0)]

    assert len(set(ids)) == 4


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (None, Mentions(("7",), ("8",), True)),
        ({"parse": []}, Mentions()),
        ({"parse": ["users"]}, Mentions(("7",))),
        ({"parse": ["everyone"], "roles": ["8", "9"]}, Mentions((), ("8",), True)),
        ({}, Mentions()),
    ],
    ids=["absent", "nobody", "users", "everyone besides a role", "empty"],
)
def test_a_mention_pings_whom_the_rules_allow(rules: object, expected: Mentions) -> None:
    assert mentions(["<@7> <@!7> <@&8> @here"], rules) == expected


def test_a_mention_in_code_pings_nobody() -> None:
    assert mentions(["`<@7>` ```\n@everyone\n```"], None) == Mentions()


def test_a_backslash_does_not_keep_a_mention_from_pinging() -> None:
    assert mentions([r"\<@7>"], None) == Mentions(("7",))


def test_an_embed_comes_back_completed() -> None:
    given = {
        "title": " t ",
        "timestamp": "2025-11-21T10:00:00Z",
        "fields": [{"name": "n", "value": " v "}],
        "footer": {"text": "f", "icon_url": "https://a.example/i.png"},
        "unknown": 1,
    }

    assert stored_embeds([given, {"color": 1}]) == [
        {
            "type": "rich",
            "title": "t",
            "timestamp": "2025-11-21T10:00:00+00:00",
            "fields": [{"name": "n", "value": "v", "inline": False}],
            "footer": {
                "text": "f",
                "icon_url": "https://a.example/i.png",
                "proxy_icon_url": "https://a.example/i.png",
            },
        }
    ]
