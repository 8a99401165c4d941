"""What is sent instead of a message that Discord refused, and how messages are told apart."""

import copy
import hashlib

import pytest
from drone_shapes import PICTURE, build, stage, step

from playground.discord.rules import violations
from server.core.discord.types import Embed
from server.core.render.message import Message, degraded, fingerprint, render

FAILED = build(
    stage(1, "default", "failure", step(1, "test", "failure", exit_code=1)),
    status="failure",
    parent=41,
    error="see [x](https://a.example)",
    message="Try [x](https://evil.example)",
)
DESCRIPTION = (
    "❌ **test** failed · exit code 1\n"
    "```\nsee [x](https://a.example)\n```\n"
    "> Try \\[x\\]\\(https:\u200b//evil.example\\)\n"
    "Restart of #41 · Push to **main** · 7fd1a60\n"
    "Took 1m 12s · queued 10s\n"
    "\n"
    "❌ test · 1s · exit code 1"
)
EVERYTHING: Message = {
    "embeds": [
        {
            "title": "t",
            "description": "[#5](https://a.example/5)",
            "color": 1,
            "url": "https://a.example",
            "author": {"name": "n", "url": "https://a.example", "icon_url": PICTURE},
            "fields": [{"name": "f", "value": "[abc1234](https://a.example)", "inline": True}],
            "footer": {"text": "f", "icon_url": PICTURE},
            "thumbnail": {"url": PICTURE},
            "image": {"url": PICTURE},
        }
    ],
    "components": [
        {
            "type": 1,
            "components": [
                {"type": 2, "style": 5, "label": "Build", "url": "https://a.example"},
                {"type": 2, "style": 2, "label": "Stop", "custom_id": "stop"},
            ],
        }
    ],
    "allowed_mentions": {"parse": []},
}
STOP = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Stop", "custom_id": "stop"}]}


def test_level_0_is_the_message_itself() -> None:
    assert degraded(EVERYTHING, 0) == EVERYTHING


def test_level_1_has_no_address_of_any_kind() -> None:
    assert degraded(EVERYTHING, 1) == {
        "embeds": [
            {
                "title": "t",
                "description": "#5",
                "color": 1,
                "author": {"name": "n"},
                "fields": [{"name": "f", "value": "abc1234", "inline": True}],
                "footer": {"text": "f"},
            }
        ],
        "components": [STOP],
        "allowed_mentions": {"parse": []},
    }


def test_level_2_has_no_fields_either() -> None:
    assert degraded(EVERYTHING, 2) == {
        "embeds": [
            {
                "title": "t",
                "description": "#5",
                "color": 1,
                "author": {"name": "n"},
                "footer": {"text": "f"},
            }
        ],
        "components": [STOP],
        "allowed_mentions": {"parse": []},
    }


@pytest.mark.parametrize("level", [3, 4])
def test_level_3_is_text(level: int) -> None:
    assert degraded(EVERYTHING, level) == {
        "content": "**t**\nn\n#5",
        "embeds": [],
        "components": [STOP],
        "allowed_mentions": {"parse": []},
    }


def test_a_card_without_links_keeps_all_its_words() -> None:
    assert degraded(render(FAILED), 1) == {
        "embeds": [
            {
                "author": {"name": "The Octocat"},
                "title": "octocat/hello-world #42 · ❌ failed",
                "description": DESCRIPTION,
                "color": 0xBB3030,
                "timestamp": "2023-11-14T22:13:20+00:00",
            }
        ],
        "components": [],
        "allowed_mentions": {"parse": []},
    }


def test_a_card_as_text_keeps_all_its_words() -> None:
    content = f"**octocat/hello-world #42 · ❌ failed**\nThe Octocat\n{DESCRIPTION}"

    assert degraded(render(FAILED), 3)["content"] == content


def test_a_person_s_name_is_harmless_as_text() -> None:
    message = render(build(author_name="**@everyone** https://evil.example"))

    lines = str(degraded(message, 3)["content"]).split("\n")

    assert lines[1] == "\\*\\*\\@everyone\\*\\* https:\u200b//evil.example"


def test_text_without_a_person_is_title_and_description() -> None:
    embed: Embed = {"title": "t", "description": "d", "color": 1}
    message = Message(embeds=[embed], components=[], allowed_mentions={"parse": []})

    assert degraded(message, 3)["content"] == "**t**\nd"


def text_of(description: str) -> str:
    embed: Embed = {"title": "t", "description": description, "color": 1}
    message = Message(embeds=[embed], components=[], allowed_mentions={"parse": []})
    return str(degraded(message, 3)["content"])


def test_text_of_2000_is_kept() -> None:
    assert text_of("x" * 1994) == "**t**\n" + "x" * 1994


def test_longer_text_is_cut_at_a_line() -> None:
    assert text_of("\n".join(["x" * 900] * 3)) == "**t**\n" + "\n".join(["x" * 900] * 2) + "\n…"


def test_a_code_block_that_is_cut_is_closed() -> None:
    lines = ["```", *["x" * 99] * 30, "```"]

    shown = text_of("\n".join(lines))

    assert shown == "\n".join(["**t**", "```", *["x" * 99] * 19, "…", "```"])
    assert len(shown) <= 2000


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_no_level_changes_the_message_or_is_refused(level: int) -> None:
    message = render(FAILED)
    before = copy.deepcopy(message)

    shown = degraded(message, level)

    assert message == before
    assert violations(shown) == []


def test_the_fingerprint_is_that_of_the_canonical_json() -> None:
    message = Message(embeds=[], components=[], allowed_mentions={"parse": []})

    canonical = b'{"allowed_mentions":{"parse":[]},"components":[],"embeds":[]}'
    assert fingerprint(message) == hashlib.sha256(canonical).hexdigest()


def test_the_order_of_keys_does_not_show_in_the_fingerprint() -> None:
    message = render(FAILED)
    turned = Message(
        allowed_mentions=message["allowed_mentions"],
        components=message["components"],
        embeds=message["embeds"],
    )

    assert fingerprint(turned) == fingerprint(message)


def test_what_looks_different_has_another_fingerprint() -> None:
    assert fingerprint(render(build())) != fingerprint(render(build(status="failure")))


def test_a_repeated_report_looks_the_same() -> None:
    assert fingerprint(render(build())) == fingerprint(render(build(version=9)))
