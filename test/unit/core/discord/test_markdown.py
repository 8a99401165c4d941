"""The text of strangers: harmless, and cut between two signs."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.core.discord.markdown import (
    ACTIVE,
    INLINE,
    escape,
    escape_title,
    fence,
    first_line,
    graphemes,
    link,
    one_line,
    plain,
    strong,
)

ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")

# Everything that could go wrong, more often than chance would bring it together.
HOSTILE = st.text(
    st.sampled_from(
        "\\*_~`|>#-+[]()<@:/.1 ahtps\n\r\t\v\u2028\u202e\u200b\u200d\ufe0f\u0301👩🏽🇩é한"
    )
    | st.characters(),
    max_size=80,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("**bold** __u__ ~~s~~", r"\*\*bold\*\* \_\_u\_\_ \~\~s\~\~", id="emphasis"),
        pytest.param("||spoiler|| `code`", r"\|\|spoiler\|\| \`code\`", id="spoiler and code"),
        pytest.param("# Big", r"\# Big", id="heading"),
        pytest.param("-# small", r"\-\# small", id="subtext"),
        pytest.param(">>> quote", r"\>\>\> quote", id="quote"),
        pytest.param("+ item", r"\+ item", id="list"),
        pytest.param("1. item", r"1\. item", id="numbered list"),
        pytest.param("2023.1 is out", r"2023\.1 is out", id="a number and a dot"),
        pytest.param("v1.2", "v1.2", id="a dot elsewhere"),
        pytest.param("123", "123", id="a number alone"),
        pytest.param(
            "[x](https://evil.example)", "\\[x\\]\\(https:\u200b//evil.example\\)", id="link"
        ),
        pytest.param("see http://a.b", "see http:\u200b//a.b", id="bare address"),
        pytest.param("ht\u200btp:\u2060//a.b", "http:\u200b//a.b", id="hidden bare address"),
        pytest.param("<@1> <#2> <:e:3> <t:4>", r"\<\@1\> \<\#2\> \<:e:3\> \<t:4\>", id="mentions"),
        pytest.param("@everyone @here", r"\@everyone \@here", id="everyone"),
        pytest.param("a\\", "a\\\\", id="a backslash at the end"),
        pytest.param("\\*a\\*", r"\\\*a\\\*", id="escapes of their own"),
        pytest.param("a\r\nb\vc\u2028d\x85e\tf", "a b c d e f", id="line ends"),
        pytest.param("  a \u00a0\u3000 b  ", "a b", id="white space"),
        pytest.param("\u202egpj.exe\u2066x\u2069\u200f", "gpj.exex", id="direction"),
        pytest.param("a\0b\x07c\x7f\ufeff\u00ad\u3164", "abc", id="invisible"),
        pytest.param("\x1b[31mred\x1b[0m", "red", id="terminal colours"),
        pytest.param("\u0301\ufe0f", "", id="marks without a letter"),
        pytest.param("a" + "\u0301" * 50 + "b", "a" + "\u0301" * 6 + "b", id="tower of marks"),
        pytest.param("a\u200db \u200dc", "ab c", id="joiners without use"),
        pytest.param("\ud800a", "a", id="lone surrogate"),
        pytest.param("👩\u200d👩\u200d👧 ❤️\u200d🔥", "👩\u200d👩\u200d👧 ❤️\u200d🔥", id="emoji"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="Persian"),
    ],
)
def test_text_shows_as_it_is(text: str, shown: str) -> None:
    assert escape(text, 200) == shown


def test_a_title_spares_what_acts_only_at_the_start_of_a_line() -> None:
    assert escape_title("octocat/hello-world #1 + *x*", 100) == r"octocat/hello-world #1 + \*x\*"


@settings(max_examples=200)
@given(HOSTILE, st.integers(1, 60))
@example("a://b", 4)
@example("\\" * 9, 6)
def test_nothing_active_is_left_and_the_limit_holds(text: str, limit: int) -> None:
    for shown, active in ((escape(text, limit), ACTIVE), (escape_title(text, limit), INLINE)):
        assert len(shown) <= limit
        assert shown == shown.strip()
        assert not set(ESCAPE.sub("", shown)) & active
        assert "://" not in shown
        assert len(shown.splitlines()) <= 1
        assert not re.match(r"[0-9]+\.", shown)


@settings(max_examples=200)
@given(HOSTILE)
def test_what_is_shown_is_the_visible_text(text: str) -> None:
    shown = escape(text, 10_000).replace("\u200b", "")

    assert re.sub(r"\\(.)", r"\1", shown) == one_line(text)


@settings(max_examples=200)
@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        pytest.param("abcdef", 6, "abcdef", id="fits"),
        pytest.param("abcdefg", 6, "abcde…", id="cut"),
        pytest.param("abcd efg", 6, "abcd…", id="cut at a space"),
        pytest.param("ab***", 6, r"ab\*…", id="cut between escapes"),
        pytest.param("abcde*", 6, "abcde…", id="an escape that would be split"),
        pytest.param("xe\u0301e\u0301", 4, "xe\u0301…", id="accents"),
        pytest.param("a👩\u200d👩\u200d👧b", 5, "a…", id="a family"),
        pytest.param("a👍🏽b👍🏽", 4, "a👍🏽…", id="a skin tone"),
        pytest.param("a🇩🇪🇫🇷", 4, "a🇩🇪…", id="flags"),
        pytest.param("a❤️❤️", 4, "a❤️…", id="a variation selector"),
        pytest.param("\u1112\u1161\u11ab\u1112\u1161", 4, "\u1112\u1161\u11ab…", id="Korean"),
        pytest.param("abc", 1, "…", id="no room at all"),
    ],
)
def test_text_is_cut_between_two_signs(text: str, limit: int, shown: str) -> None:
    assert escape(text, limit) == shown


@settings(max_examples=100)
@given(HOSTILE)
def test_no_sign_is_lost_between_graphemes(text: str) -> None:
    assert "".join(graphemes(text)) == text


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u2060", "\u3164", "\ufe0f"])
def test_blank_text_has_a_fallback(text: str) -> None:
    assert escape(text, 20, "unnamed") == "unnamed"
    assert escape_title(text, 20, "unnamed") == "unnamed"
    assert plain(text, 20, "unnamed") == "unnamed"
    assert strong(text, 20, "unnamed") == "**unnamed**"


def test_plain_text_keeps_its_stars() -> None:
    assert plain(" *The*\n_Octocat_ \u202e", 50) == "*The* _Octocat_"


def test_plain_text_is_cut_as_well() -> None:
    assert plain("👍🏽" * 5, 6) == "👍🏽👍🏽…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\n\n  b: *c*\n", "```\na\n  b: *c*\n```", id="lines"),
        pytest.param("a\tb", "```\na b\n```", id="a tab"),
        pytest.param("\tb", "```\n  b\n```", id="an indentation"),
        pytest.param("x\n```\n@everyone", "```\nx\n`\u200b`\u200b`\n@everyone\n```", id="a fence"),
        pytest.param("a\u202e\x1b[1mb\0", "```\nab\n```", id="controls"),
        pytest.param(
            "\n".join("123456789"), "```\n1\n2\n3\n4\n5\n6\n7\n8\n…\n```", id="nine lines"
        ),
        pytest.param(" \n\u200b", "", id="blank"),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_code_block_shows_lines_and_cannot_be_left(text: str, shown: str) -> None:
    assert fence(text, 100) == shown


@settings(max_examples=200)
@given(HOSTILE, st.integers(10, 60))
def test_a_code_block_is_closed_within_its_limit(text: str, limit: int) -> None:
    shown = fence(text, limit)

    assert len(shown) <= limit
    assert shown == "" or (shown.startswith("```\n") and shown.endswith("\n```"))
    assert "``" not in shown[3:-3]


@pytest.mark.parametrize(
    ("text", "line"),
    [("\n \n\u200b\n a *b* \nc", "a *b*"), ("a\r\nb", "a"), ("a\x85b", "a"), ("", ""), ("\n", "")],
)
def test_the_first_line_is_the_first_that_shows_something(text: str, line: str) -> None:
    assert first_line(text) == line


def test_a_link_needs_an_address() -> None:
    assert link("#5", "https://example.com") == "[#5](https://example.com)"
    assert link("#5", "") == "#5"
