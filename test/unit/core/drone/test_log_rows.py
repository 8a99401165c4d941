"""A log as it comes over the network: in pieces, of any length, and its end is what is kept."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.drone.log_rows import ENDS, KEPT_CHARS, KEPT_ROWS, LONGEST_ROW, LogRows

ROWS = st.lists(
    st.fixed_dictionaries({"pos": st.integers(0, 99), "out": st.text(), "time": st.just(0)})
)


def read(raw: bytes, size: int = 64 * 1024) -> Any:
    """Return what is kept of a log that comes in pieces of *size* bytes."""
    rows = LogRows()
    for place in range(0, len(raw), size):
        rows.feed(raw[place : place + size])
    return rows.end()


def log_of(*outs: str) -> bytes:
    """Return a log as Drone sends it."""
    rows = [{"pos": pos, "out": out, "time": 0} for pos, out in enumerate(outs)]
    return json.dumps(rows).encode() + b"\n"


@given(ROWS, st.integers(1, 50), st.booleans())
def test_it_does_not_matter_where_the_pieces_end(rows: Any, size: int, is_ascii: bool) -> None:
    raw = json.dumps(rows, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")

    assert read(raw, size) == [row for row in rows]


@pytest.mark.parametrize(
    ("raw", "rows"),
    [
        pytest.param(b"null", None, id="nothing was printed"),
        pytest.param(b" null\n", None, id="nothing, with white space"),
        pytest.param(b"[]", [], id="no rows"),
        pytest.param(b' [ {"out":"a"} , 7, null, {"pos":1} ] \n', [{"out": "a"}], id="no lines"),
    ],
)
def test_what_is_no_line_is_left_out(raw: bytes, rows: Any) -> None:
    assert read(raw) == rows


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="a page"),
        pytest.param(b"<html>" * 100_000, id="a long page"),
        pytest.param(b'{"message":"no"}', id="an object"),
        pytest.param(b'[{"pos":0,"out":"a"}', id="half a list"),
        pytest.param(b"[" + b"{" * 1_000_000, id="half an object without end"),
        pytest.param(b"[" * 1_000_000, id="too deep"),
        pytest.param(b'[{"pos":0,"out":"' + b"x" * 1_000_000, id="half a row"),
        pytest.param(b'[{"x":"' + b"x" * 1_000_000 + b'"}]', id="a long row of something else"),
        pytest.param(
            b'[{"out":"a","x":"' + b"x" * 1_000_000 + b'"}]', id="something long behind a line"
        ),
    ],
)
def test_what_is_no_log_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"no (whole )?(list|row of a log)"):
        read(raw)


def test_the_end_of_a_long_log_is_kept() -> None:
    rows = read(log_of(*(f"{number}\n" for number in range(30_000))))

    assert [row["out"] for row in rows] == [f"{n}\n" for n in range(30_000 - KEPT_ROWS, 30_000)]


def test_no_more_characters_are_kept_than_anybody_looks_at() -> None:
    rows = read(log_of(*["x" * 999 + "\n"] * 5_000))

    assert len(rows) == KEPT_CHARS // 1000


@pytest.mark.parametrize(
    "filling",
    ["x", "\\", '"', "é", "\x1b[31m", "\\\\u0041", "🚀", "\ud83d"],
    ids=["x", "backslash", "quote", "umlaut", "code", "escape", "pair", "half a pair"],
)
def test_of_a_row_without_measure_both_ends_are_kept(filling: str) -> None:
    text = "start " + filling * 300_000 + " end\n"

    (row,) = read(log_of(text))

    assert row["pos"] == 0
    assert row["out"].startswith("start " + filling)
    assert row["out"].endswith(" end\n")
    assert ENDS // 6 < len(row["out"]) < 2 * LONGEST_ROW


def test_rows_after_one_without_measure_are_whole() -> None:
    rows = read(log_of("x" * 5_000_000 + "\n", "the end\n"))

    assert rows[-1] == {"pos": 1, "out": "the end\n", "time": 0}
