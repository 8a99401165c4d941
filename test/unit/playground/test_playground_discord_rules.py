"""Each limit of Discord's has a case at the limit and one above it."""

from __future__ import annotations

from typing import Any

import pytest

from playground.discord.core.refusal import EMPTY, invalid_form
from playground.discord.rules import Violation, violations

Payload = dict[str, Any]


def embed(**parts: object) -> Payload:
    """Make a message of one embed."""
    return {"embeds": [{"title": "t", **parts}]}


def field(name: str = "n", value: str = "v") -> Payload:
    """Make one embed field."""
    return {"name": name, "value": value}


def button(**parts: object) -> Payload:
    """Make a button that is right but for *parts*."""
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go", **parts}


def row(*children: Payload) -> Payload:
    """Make a message of one action row."""
    return {"components": [{"type": 1, "components": list(children)}]}


def link_button(url: str) -> Payload:
    """Make a message of one link button."""
    return row({"type": 2, "style": 5, "label": "Build", "url": url})


def select(**parts: object) -> Payload:
    """Make a message of one select."""
    option = {"label": "a", "value": "a"}
    return row({"type": 3, "custom_id": "s", "options": [option], **parts})


def options(count: int) -> list[Payload]:
    """Make that many different options."""
    return [{"label": str(n), "value": str(n)} for n in range(count)]


def layout(*components: Payload, **parts: object) -> Payload:
    """Make a Components V2 message."""
    return {"flags": 1 << 15, "components": list(components), **parts}


def text(content: str) -> Payload:
    """Make a text display."""
    return {"type": 10, "content": content}


def section(count: int) -> Payload:
    """Make a section of that many texts."""
    return {"type": 9, "components": [text("x")] * count, "accessory": button()}


def mention(**rules: object) -> Payload:
    """Make a message with allowed_mentions."""
    return {"content": "x", "allowed_mentions": rules}


def ids(count: int) -> list[str]:
    """Make that many snowflakes."""
    return [str(n) for n in range(count)]


def url(length: int) -> str:
    """Make a url of that many characters."""
    return "https://drone.example.org/".ljust(length, "x")


def attachments(count: int) -> Payload:
    """Make a message that lists that many files."""
    return {"content": "x", "attachments": [{"id": n} for n in range(count)]}


FLAG = "🇩🇪"  # two code points, and eight bytes

# What it is about, a body at the limit, one above, and the leaf code the latter earns.
LIMITS: list[tuple[str, Payload, Payload, str]] = [
    ("content", {"content": "x" * 2000}, {"content": "x" * 2001}, "BASE_TYPE_MAX_LENGTH"),
    ("code points", {"content": FLAG * 1000}, {"content": FLAG * 1001}, "BASE_TYPE_MAX_LENGTH"),
    ("embeds", {"embeds": [{"title": "t"}] * 10}, {"embeds": [{"title": "t"}] * 11},
     "BASE_TYPE_MAX_LENGTH"),
    ("title", embed(title="x" * 256), embed(title="x" * 257), "BASE_TYPE_MAX_LENGTH"),
    ("description", embed(description="x" * 4096), embed(description="x" * 4097),
     "BASE_TYPE_MAX_LENGTH"),
    ("fields", embed(fields=[field()] * 25), embed(fields=[field()] * 26), "BASE_TYPE_MAX_LENGTH"),
    ("field name", embed(fields=[field(name="x" * 256)]), embed(fields=[field(name="x" * 257)]),
     "BASE_TYPE_MAX_LENGTH"),
    ("field value", embed(fields=[field(value="x" * 1024)]),
     embed(fields=[field(value="x" * 1025)]), "BASE_TYPE_MAX_LENGTH"),
    ("footer", embed(footer={"text": "x" * 2048}), embed(footer={"text": "x" * 2049}),
     "BASE_TYPE_MAX_LENGTH"),
    ("author", embed(author={"name": "x" * 256}), embed(author={"name": "x" * 257}),
     "BASE_TYPE_MAX_LENGTH"),
    ("sum of one embed", embed(title="", description="x" * 3952, footer={"text": "x" * 2048}),
     embed(title="", description="x" * 3953, footer={"text": "x" * 2048}),
     "MAX_EMBED_SIZE_EXCEEDED"),
    ("sum of embeds", {"embeds": [{"description": "x" * 3000}, {"description": "x" * 3000}]},
     {"embeds": [{"description": "x" * 3000}, {"description": "x" * 3001}]},
     "MAX_EMBED_SIZE_EXCEEDED"),
    ("sum of fields and author",
     embed(title="x" * 96, author={"name": "x" * 256},
           fields=[field("x" * 256, "x" * 1024)] * 4 + [field("x" * 256, "x" * 272)]),
     embed(title="x" * 97, author={"name": "x" * 256},
           fields=[field("x" * 256, "x" * 1024)] * 4 + [field("x" * 256, "x" * 272)]),
     "MAX_EMBED_SIZE_EXCEEDED"),
    ("color", embed(color=0xFFFFFF), embed(color=0x1000000), "NUMBER_TYPE_MAX"),
    ("lowest color", embed(color=0), embed(color=-1), "NUMBER_TYPE_MIN"),
    ("embed url", embed(url=url(2048)), embed(url=url(2049)), "BASE_TYPE_MAX_LENGTH"),
    ("icon url", embed(footer={"text": "f", "icon_url": url(2048)}),
     embed(footer={"text": "f", "icon_url": url(2049)}), "BASE_TYPE_MAX_LENGTH"),
    ("nonce", {"content": "x", "nonce": "n" * 25}, {"content": "x", "nonce": "n" * 26},
     "BASE_TYPE_MAX_LENGTH"),
    ("number as nonce", {"content": "x", "nonce": 2**63 - 1}, {"content": "x", "nonce": 2**63},
     "NUMBER_TYPE_MAX"),
    ("users allowed", mention(users=ids(100)), mention(users=ids(101)), "BASE_TYPE_MAX_LENGTH"),
    ("roles allowed", mention(roles=ids(100)), mention(roles=ids(101)), "BASE_TYPE_MAX_LENGTH"),
    ("rows", {"components": [row(button(custom_id=str(n)))["components"][0] for n in range(5)]},
     {"components": [row(button(custom_id=str(n)))["components"][0] for n in range(6)]},
     "BASE_TYPE_MAX_LENGTH"),
    ("buttons", row(*[button(custom_id=str(n)) for n in range(5)]),
     row(*[button(custom_id=str(n)) for n in range(6)]), "BASE_TYPE_BAD_LENGTH"),
    ("label", row(button(label="x" * 80)), row(button(label="x" * 81)), "BASE_TYPE_MAX_LENGTH"),
    ("custom_id", row(button(custom_id="x" * 100)), row(button(custom_id="x" * 101)),
     "BASE_TYPE_BAD_LENGTH"),
    ("button url", link_button(url(512)), link_button(url(513)), "BASE_TYPE_MAX_LENGTH"),
    ("select options", select(options=options(25)), select(options=options(26)),
     "BASE_TYPE_BAD_LENGTH"),
    ("select option", select(options=[{"label": "x" * 100, "value": "x" * 100}]),
     select(options=[{"label": "x" * 101, "value": "x" * 100}]), "BASE_TYPE_MAX_LENGTH"),
    ("placeholder", select(placeholder="x" * 150), select(placeholder="x" * 151),
     "BASE_TYPE_MAX_LENGTH"),
    ("components in all", layout({"type": 17, "components": [text("x")] * 39}),
     layout({"type": 17, "components": [text("x")] * 39}, text("x")), "BASE_TYPE_MAX_LENGTH"),
    ("text display", layout(text("x" * 4000)), layout(text("x" * 4001)), "BASE_TYPE_BAD_LENGTH"),
    ("text of all displays", layout(text("x" * 2000), text("x" * 2000)),
     layout(text("x" * 2000), text("x" * 2001)), "COMPONENT_MAX_TOTAL_TEXT_SIZE_EXCEEDED"),
    ("bytes of all displays", layout(text("€" * 3386)), layout(text("€" * 3387)), "SERVER_ERROR"),
    ("accent color", layout({"type": 17, "accent_color": 0xFFFFFF, "components": [text("x")]}),
     layout({"type": 17, "accent_color": 0x1000000, "components": [text("x")]}),
     "NUMBER_TYPE_MAX"),
    ("texts in a section", layout(section(3)), layout(section(4)), "BASE_TYPE_BAD_LENGTH"),
]  # fmt: skip

REFUSED: list[tuple[str, Payload, str, str]] = [
    ("nothing", {}, "", "EMPTY_MESSAGE"),
    ("white space", {"content": " \n\t "}, "", "EMPTY_MESSAGE"),
    ("an embed that shows nothing", {"embeds": [{"color": 5}]}, "", "EMPTY_MESSAGE"),
    ("a misspelt key", {"embed": {"title": "t"}}, "", "EMPTY_MESSAGE"),
    ("a field without a value", embed(fields=[{"name": "n"}]), "embeds.0.fields.0.value",
     "BASE_TYPE_REQUIRED"),
    ("a field whose value is white space", embed(fields=[field(value="  ")]),
     "embeds.0.fields.0.value", "BASE_TYPE_REQUIRED"),
    ("a field without a name", embed(fields=[field(name="")]), "embeds.0.fields.0.name",
     "BASE_TYPE_REQUIRED"),
    ("an author without a name", embed(author={}), "embeds.0.author.name", "BASE_TYPE_REQUIRED"),
    ("a footer without a text", embed(footer={"text": ""}), "embeds.0.footer.text",
     "BASE_TYPE_REQUIRED"),
    ("a picture without a url", embed(image={}), "embeds.0.image.url", "BASE_TYPE_REQUIRED"),
    ("an instant in words", embed(timestamp="yesterday"), "embeds.0.timestamp",
     "DATE_TIME_TYPE_PARSE"),
    ("a color in words", embed(color="red"), "embeds.0.color", "NUMBER_TYPE_COERCE"),
    ("a title that is no text", embed(title=5), "embeds.0.title", "STRING_TYPE_CONVERT"),
    ("embeds that are no list", {"embeds": {"title": "t"}}, "embeds", "LIST_TYPE_CONVERT"),
    ("an embed that is no object", {"embeds": ["t"]}, "embeds.0", "DICT_TYPE_CONVERT"),
    ("tts that is no truth value", {"content": "x", "tts": "yes"}, "tts", "BOOLEAN_TYPE_CONVERT"),
    ("flags in words", {"content": "x", "flags": "4"}, "flags", "NUMBER_TYPE_COERCE"),
    ("users both parsed and listed", mention(parse=["users"], users=["1"]), "allowed_mentions",
     "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"),
    ("a word that cannot be parsed", mention(parse=["here"]), "allowed_mentions.parse.0",
     "BASE_TYPE_CHOICES"),
    ("a user listed twice", mention(users=["1", "1"]), "allowed_mentions.users.1",
     "SET_TYPE_ALREADY_CONTAINS_VALUE"),
    ("a user that is no id", mention(users=["ada"]), "allowed_mentions.users.0",
     "NUMBER_TYPE_COERCE"),
    ("a reply to no id", {"content": "x", "message_reference": {"message_id": "x"}},
     "message_reference.message_id", "NUMBER_TYPE_COERCE"),
    ("a button outside a row", {"components": [button()]}, "components.0.type",
     "UNION_TYPE_CHOICES"),
    ("an empty row", row(), "components.0.components", "BASE_TYPE_REQUIRED"),
    ("a button beside a select", row(select()["components"][0]["components"][0], button()),
     "components.0.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    ("two buttons of one custom_id", row(button(), button()), "components",
     "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ("a button without custom_id", row(button(custom_id=None)),
     "components.0.components.0.custom_id", "BASE_TYPE_REQUIRED"),
    ("a link button with custom_id", row(button(style=5, url="https://a.b")),
     "components.0.components.0", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"),
    ("a link button without url", row({"type": 2, "style": 5, "label": "x"}),
     "components.0.components.0.url", "BASE_TYPE_REQUIRED"),
    ("a button that shows nothing", row(button(label="")), "components.0.components.0.label",
     "BASE_TYPE_REQUIRED"),
    ("a style nobody knows", row(button(style=7)), "components.0.components.0.style",
     "BASE_TYPE_CHOICES"),
    ("two options of one value", select(options=options(1) * 2),
     "components.0.components.0.options.1.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"),
    ("a text display without the V2 flag", {"components": [text("x")]}, "components.0.type",
     "UNION_TYPE_CHOICES"),
    ("content beside V2", layout(text("x"), content="x"), "content",
     "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    ("embeds beside V2", layout(text("x"), embeds=[{"title": "t"}]), "embeds",
     "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    ("a container in a container",
     layout({"type": 17, "components": [{"type": 17, "components": [text("x")]}]}),
     "components.0.components.0.type", "UNION_TYPE_CHOICES"),
    ("a section without accessory", layout({"type": 9, "components": [text("x")]}),
     "components.0.accessory", "BASE_TYPE_REQUIRED"),
    ("a spacing nobody knows", layout({"type": 14, "spacing": 3}), "components.0.spacing",
     "BASE_TYPE_CHOICES"),
    ("an attachment that did not come along", {"content": "x", "attachments": [{"id": 0}]},
     "attachments.0.id", "ATTACHMENT_NOT_FOUND"),
]  # fmt: skip

ACCEPTED: list[tuple[str, Payload]] = [
    ("white space around a full content", {"content": "  " + "x" * 2000 + "\n"}),
    ("null for everything optional", {"content": "x", "embeds": None, "components": None,
                                      "allowed_mentions": None, "flags": None, "nonce": None}),
    ("an embed of only a footer", {"embeds": [{"footer": {"text": "f"}}]}),
    ("a picture from a file", embed(image={"url": "attachment://log.png"})),
    ("a zero-width value", embed(fields=[field(value="\u200b")])),
    ("an instant with Z", embed(timestamp="2025-11-21T10:00:00.123Z")),
    ("nobody pinged", mention(parse=[])),
    ("an empty list beside parse", mention(parse=["users"], users=[])),
    ("components alone", row(button())),
    ("a button of only an emoji", row(button(label=None, emoji={"name": "🔁"}))),
    ("a forward", {"message_reference": {"type": 1, "message_id": "5", "channel_id": "6"}}),
]  # fmt: skip

URLS: list[tuple[str, str, str]] = [
    ("https", "https://drone.example.org/a/b/1", ""),
    ("http", "http://drone.example.org:8080", ""),
    ("an address", "http://10.0.0.7:8080/", ""),
    ("an address in brackets", "http://[::1]:8080/", ""),
    ("a private name with a dot", "http://drone.local/", ""),
    ("letters beyond ASCII", "https://bücher.example/ü", ""),
    ("empty", "", "URL_TYPE_INVALID_SCHEME"),
    ("no scheme", "drone.example.org/a", "URL_TYPE_INVALID_SCHEME"),
    ("ftp", "ftp://drone.example.org", "URL_TYPE_INVALID_SCHEME"),
    ("javascript", "javascript:alert(1)", "URL_TYPE_INVALID_SCHEME"),
    ("a file of the message", "attachment://log.txt", "URL_TYPE_INVALID_SCHEME"),
    ("a host without a dot", "http://drone:8080/a", "URL_TYPE_INVALID_URL"),
    ("localhost", "http://localhost/", "URL_TYPE_INVALID_URL"),
    ("only a dot at the end", "http://drone./", "URL_TYPE_INVALID_URL"),
    ("no host", "https:///a", "URL_TYPE_INVALID_URL"),
    ("no slashes", "https:drone.example.org", "URL_TYPE_INVALID_URL"),
    ("a space", "https://drone.example.org/a b", "URL_TYPE_INVALID_URL"),
    ("a port that is no number", "https://drone.example.org:x/", "URL_TYPE_INVALID_URL"),
    ("an empty label", "https://drone..org/", "URL_TYPE_INVALID_URL"),
]


def found(payload: Payload, **about: Any) -> list[tuple[str, str]]:
    """List path and code of every violation."""
    return [(".".join(map(str, one.path)), one.code) for one in violations(payload, **about)]


@pytest.mark.parametrize(("_name", "at", "above", "code"), LIMITS, ids=[row[0] for row in LIMITS])
def test_a_body_at_the_limit_is_accepted(
    _name: str, at: Payload, above: Payload, code: str
) -> None:
    assert found(at) == []


@pytest.mark.parametrize(("_name", "at", "above", "code"), LIMITS, ids=[row[0] for row in LIMITS])
def test_a_body_above_the_limit_is_refused(
    _name: str, at: Payload, above: Payload, code: str
) -> None:
    assert code in [leaf for _, leaf in found(above)]


@pytest.mark.parametrize(
    ("_name", "payload", "path", "code"), REFUSED, ids=[row[0] for row in REFUSED]
)
def test_it_is_refused_where_it_is_wrong(
    _name: str, payload: Payload, path: str, code: str
) -> None:
    assert (path, code) in found(payload)


@pytest.mark.parametrize(("_name", "payload"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_it_is_accepted_as_discord_accepts_it(_name: str, payload: Payload) -> None:
    assert found(payload) == []


@pytest.mark.parametrize(("_name", "link", "code"), URLS, ids=[row[0] for row in URLS])
def test_an_embed_url_is_judged_by_scheme_and_host(_name: str, link: str, code: str) -> None:
    assert found(embed(url=link)) == ([("embeds.0.url", code)] if code else [])


def test_an_edit_may_be_empty() -> None:
    assert found({}, edit=True) == []


def test_an_edit_of_a_v2_message_is_judged_as_v2_without_the_flag() -> None:
    assert found({"components": [text("x")]}, edit=True, layout=True) == []


def test_an_edit_keeps_attachments_the_message_has() -> None:
    payload = {"attachments": [{"id": "77"}, {"id": 0}]}

    assert found(payload, edit=True, files=1, kept=frozenset({"77"})) == []


def test_ten_files_are_accepted() -> None:
    assert found(attachments(10), files=10) == []


def test_an_eleventh_file_is_refused_by_its_own_code() -> None:
    assert found(attachments(11), files=11) == [("", "TOO_MANY_ATTACHMENTS")]


def test_violations_nest_into_discords_errors() -> None:
    message = "Must be 256 or fewer in length."
    refusal = invalid_form([Violation(("embeds", 0, "title"), "BASE_TYPE_MAX_LENGTH", message)])

    assert refusal.body() == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {
            "embeds": {
                "0": {"title": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": message}]}}
            }
        },
    }


def test_an_empty_message_has_a_code_of_its_own() -> None:
    assert invalid_form(violations({})) == EMPTY
