"""The end of a log: what a terminal would show, short, and harmless in a message."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.core.discord.markdown import fence_end
from server.core.model.log_tail import (
    LINE,
    LOOKED_AT,
    MOST_LINES,
    LogTail,
    join_tails,
    last_lines,
    read_tail,
    text_of,
)

ESC = "\x1b"
EXAMPLES = settings(max_examples=300)
# What terminals obey and what ends a code block, more often than chance would bring it together.
PIECES = (
    *("\n", "\r", "\r\n", "\b", "\t", " ", "   ", "`", "``", "```", "\0", "\x07", "\x9b", ESC),
    *(f"{ESC}[", f"{ESC}[31m", f"{ESC}[2K", f"{ESC}]", f"{ESC}]0;t\x07", f"{ESC}\\", f"{ESC}P"),
    *(f"{ESC}]1338;eyJ9", f"{ESC}]0m", ";", "m", "0", "******", "\u2028", "\x85", "\u202e"),
    *("\u2066", "\u200b", "\u200d", "\u200c", "\u0301", "\ufe0f", "👩🏽\u200d🚀", "한", "\ud800"),
    *("x" * 60, "é" * 200, "\u0301" * 120, "👩\u200d" * 70, "warning: ", "@everyone", "é"),
)  # fmt: skip
LOGS = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=25).map("".join)
COUNTS = st.integers(0, MOST_LINES)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("one\ntwo\n", ("one", "two"), id="lines"),
        pytest.param("one\r\ntwo\r\n", ("one", "two"), id="lines of Windows"),
        pytest.param("one\n\n  \ntwo\n\n\n", ("one", "two"), id="blank lines"),
        pytest.param("\n\n", (), id="nothing"),
        pytest.param(f"{ESC}[1;31mred{ESC}[0m{ESC}[K", ("red",), id="colours"),
        pytest.param(f"{ESC}[38:2::255:0:0mred", ("red",), id="colours with colons"),
        pytest.param(f"{ESC}[?25lspin{ESC}[?25h", ("spin",), id="cursor"),
        pytest.param("\x9b31mred\x9b0m", ("red",), id="control sequences of eight bits"),
        pytest.param(f"{ESC}]0;title\x07text", ("text",), id="title, ended by a bell"),
        pytest.param(f"{ESC}]0;title{ESC}\\text", ("text",), id="title, ended by a terminator"),
        pytest.param(f"{ESC}]8;;https://a.b{ESC}\\link{ESC}]8;;{ESC}\\", ("link",), id="hyperlink"),
        pytest.param(f"{ESC}Pq#0;2{ESC}\\text", ("text",), id="picture"),
        pytest.param(f"{ESC}_hidden{ESC}\\{ESC}^too{ESC}\\text", ("text",), id="private messages"),
        pytest.param(f"{ESC}(Ba{ESC}7b{ESC}c", ("ab",), id="escapes of one sign"),
        pytest.param(f"text{ESC}[31", ("text",), id="a code that is cut off"),
        pytest.param(f"text{ESC}", ("text",), id="an escape at the end"),
        pytest.param(f"a\n{ESC}]1338;eyJhIjoxfQ=={ESC}]0m\nb", ("a", "b"), id="Drone's card"),
        pytest.param(f"{ESC}]1338;eyJhIjoxfQ=={ESC}]0mtext", ("text",), id="text after a card"),
        pytest.param("10%\r50%\r100%\ndone", ("100%", "done"), id="progress"),
        pytest.param("50%\rdone\r", ("done",), id="progress that ends at the start"),
        pytest.param(f"50%\r{ESC}[Kdone\r{ESC}[K", ("done",), id="progress that is wiped"),
        pytest.param("9%\b\b10%", ("10%",), id="progress rubbed out"),
        pytest.param("\b\b\bx", ("x",), id="more rubbed out than there was"),
        pytest.param("token **********\n", ("token **********",), id="a masked secret"),
        pytest.param("======= 1 failed =======\n=======\n", ("=== 1 failed ===",), id="rules"),
        pytest.param("E      a = b\n    ^^^^^^", ("E      a = b", "    ^^^^^^"), id="columns"),
        pytest.param(
            "3 |   total = cost * amonut\n  |                  ^ expected",
            ("3 |   total = cost * amonut", "  |                  ^ expected"),
            id="a caret",
        ),
        pytest.param(
            "Name          Stmts   Miss  Cover\n-----------------------------\n"
            "server.py        12      0   100%\nworker.py       103     21    80%\n",
            ("Name          Stmts   Miss  Cover", "server.py        12      0   100%",
             "worker.py       103     21    80%"),
            id="a table",
        ),
        pytest.param("~~~~~^~~~~\n-----^----", ("~~~~~^~~~~", "-----^----"), id="underlines"),
        pytest.param("\tx = y\n\t    ^", ("x = y", "    ^"), id="tabs before a caret"),
        pytest.param(f"{ESC}[1ma\tb{ESC}[0m\nabc\te", ("a       b", "abc     e"), id="tab stops"),
        pytest.param("+\n--\n}\n...", ("+", "--", "}", "..."), id="short lines"),
        pytest.param("a\tb\n\tc", ("a       b", "        c"), id="tabs"),
        pytest.param("    a\n      b\n    c", ("a", "  b", "c"), id="an indent of all"),
        pytest.param("\u202egnp.exe\u2066\0\x07", ("gnp.exe",), id="what cannot be seen"),
        pytest.param("```\n@everyone [x](https://a.b)", ("```", "@everyone [x](https://a.b)"),
                     id="markdown"),
    ],
)  # fmt: skip
def test_the_end_is_what_a_terminal_would_show(text: str, lines: tuple[str, ...]) -> None:
    assert last_lines(text, 10) == lines


@pytest.mark.parametrize(
    ("count", "lines"),
    [(0, ()), (1, ("5",)), (3, ("3", "4", "5")), (10, ("1", "2", "3", "4", "5"))],
)
def test_only_the_last_lines_are_kept(count: int, lines: tuple[str, ...]) -> None:
    assert last_lines("1\n2\n\n3\n4\n5\n", count) == lines


def test_of_a_long_line_the_middle_is_left_out() -> None:
    line = f"tests/test_orders.py:118: {'x' * 200} expected 42, got 41"

    (shown,) = last_lines(line, 10)

    assert shown == "".join(
        ("tests/test_orders.py:118: ", "x" * 46, "…", "x" * 3, " expected 42, got 41")
    )
    assert len(shown) == LINE


def test_no_sign_is_split_where_a_line_is_cut() -> None:
    (shown,) = last_lines("👩🏽\u200d🚀" * 100, 10)

    assert set(shown.split("…")[0].replace("👩🏽\u200d🚀", "")) == set()
    assert set(shown.split("…")[1].replace("👩🏽\u200d🚀", "")) == set()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("x" * 5_000_000, id="one long line"),
        pytest.param("10%\r" * 1_000_000, id="progress without end"),
        pytest.param(f"{ESC}]" * 500_000, id="codes that never end"),
        pytest.param(f"{ESC}]1338;" * 500_000, id="cards that never end"),
        pytest.param(f"{ESC}[" * 500_000, id="sequences that never end"),
        pytest.param("\n" * 2_000_000, id="blank lines without end"),
        pytest.param("\u200b\n" * 2_500_000, id="lines that show nothing"),
        pytest.param(("\u200b" * 99 + "\n") * 50_000, id="long lines that show nothing"),
        pytest.param("a\b" * 2_500_000, id="a line rubbed out without end"),
    ],
)
def test_the_largest_logs_are_read(line: str) -> None:
    lines = last_lines(line + "\nthe end", 10)

    assert lines[-1] == "the end"
    assert max(map(len, lines)) <= LINE


def test_no_more_than_the_end_of_a_log_is_looked_at() -> None:
    assert last_lines("the start\n" + "\u200b\n" * LOOKED_AT, 10) == ()
    assert last_lines("x" * LOOKED_AT + "\nthe end", 10) == ("the end",)


@EXAMPLES
@given(LOGS, COUNTS)
@example("é" * 95 + "\u0301\u0301", 1)
def test_the_limits_always_hold(text: str, count: int) -> None:
    lines = last_lines(text, count)

    assert len(lines) <= count
    assert all(0 < len(line) <= LINE for line in lines)


@EXAMPLES
@given(LOGS, COUNTS)
def test_what_was_cleaned_once_stays_as_it_is(text: str, count: int) -> None:
    lines = last_lines(text, count)

    assert last_lines("\n".join(lines), count) == lines
    row = {"stage": 1, "step": 2, "lines": list(lines)}
    assert read_tail(row) == LogTail(1, 2, lines)


@EXAMPLES
@given(LOGS, COUNTS)
def test_nothing_is_left_that_a_terminal_or_a_reader_would_obey(text: str, count: int) -> None:
    lines = last_lines(text, count)

    joined = "".join(lines)
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in joined)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f") & set(
        joined
    )


@EXAMPLES
@given(LOGS, st.integers(0, 400))
def test_no_log_ends_its_code_block_or_its_room(text: str, room: int) -> None:
    block = fence_end(last_lines(text, MOST_LINES), room)

    assert len(block) <= room
    if block:
        assert block.startswith("```\n")
        assert block.endswith("\n```")
        assert "``" not in block[4:-4]
        assert block[4:-4].strip()


def test_the_block_has_the_last_lines_that_fit() -> None:
    lines = ("one", "two", "three")

    blocks = [fence_end(lines, room) for room in (21, 20, 17, 13, 12, 0, -5)]

    assert blocks == [
        "```\none\ntwo\nthree\n```",
        "```\ntwo\nthree\n```",
        "```\ntwo\nthree\n```",
        "```\nthree\n```",
        *("", "", ""),
    ]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param([{"pos": 0, "out": "a\n"}, {"pos": 1, "out": "b\n"}], "a\nb\n", id="in order"),
        pytest.param([{"pos": 9, "out": "b\n"}, {"pos": 7, "out": "a\n"}], "a\nb\n", id="gaps"),
        pytest.param([{"pos": 0, "out": "10%\r"}, {"pos": 1, "out": "20%\n"}], "10%\r20%\n",
                     id="parts of a line"),
        pytest.param([{"pos": 0, "out": "a"}, {"pos": 1, "out": "b"}], "a\nb", id="no line ends"),
        pytest.param([{"pos": 1, "out": "a\n"}, {"pos": 1, "out": "b\n"}], "a\nb\n",
                     id="one place twice"),
        pytest.param([None, 7, "x", {}, {"pos": 0}, {"out": 7}, {"pos": "x", "out": "a\n"}], "a\n",
                     id="what is no line"),
        pytest.param([], "", id="nothing"),
    ],
)  # fmt: skip
def test_rows_make_one_text(rows: list[object], text: str) -> None:
    assert text_of(rows) == text


@pytest.mark.parametrize(
    ("row", "tail"),
    [
        pytest.param(None, None, id="absent"),
        pytest.param({}, LogTail(0, 0, ()), id="empty"),
        pytest.param(
            {"stage": "x", "step": True, "lines": {"a": 1}}, LogTail(0, 0, ()), id="wrong"
        ),
        pytest.param(
            {"stage": 1, "step": 2, "lines": ["a\x1b[0m", 7, None, "b\nc"]},
            LogTail(1, 2, ("a", "b", "c")),
            id="not cleaned",
        ),
        pytest.param(
            {"stage": 1, "step": 2, "lines": ["x"] * 99}, LogTail(1, 2, ("x",) * 40), id="too many"
        ),
    ],
)
def test_a_kept_tail_is_read_with_suspicion(
    row: dict[str, object] | None, tail: LogTail | None
) -> None:
    assert read_tail(row) == tail


FIRST, LATER = LogTail(1, 2, ("a",)), LogTail(2, 1, ("a", "b", "c"))
LONGER = LogTail(1, 2, ("b", "c"))


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        pytest.param(None, None, None, id="none"),
        pytest.param(None, FIRST, FIRST, id="one"),
        pytest.param(FIRST, LATER, FIRST, id="an earlier step"),
        pytest.param(FIRST, LONGER, LONGER, id="more lines"),
        pytest.param(FIRST, LogTail(1, 2, ("b",)), FIRST, id="as many lines"),
    ],
)
def test_of_two_tails_one_is_kept(
    one: LogTail | None, other: LogTail | None, kept: LogTail | None
) -> None:
    assert join_tails(one, other) == kept
    assert join_tails(other, one) == kept


def test_any_grouping_of_tails_keeps_the_same() -> None:
    tails = [None, FIRST, LATER, LONGER]

    for a, b, c in itertools.product(tails, repeat=3):
        assert join_tails(join_tails(a, b), c) == join_tails(a, join_tails(b, c))
