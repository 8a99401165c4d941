"""Write JSON byte for byte as Go's encoding/json does."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.drone import wire
from playground.drone.wire import omitempty


@dataclass
class Inner:
    id: int
    note: str = omitempty("")


@dataclass
class Outer:
    id: int = 0
    name: str = ""
    hidden: int = omitempty(0)
    labels: dict[str, str] | None = omitempty(None)  # noqa: RUF009 - declares a field
    inner: list[Inner] = omitempty(())  # noqa: RUF009 - declares a field


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("<b>&amp;", rb"\u003cb\u003e\u0026amp;", id="html"),
        pytest.param("\u2028\u2029", rb"\u2028\u2029", id="line separators"),
        pytest.param("\x00\x1f\x1b", rb"\u0000\u001f\u001b", id="control characters"),
        pytest.param("\n\r\t", rb"\n\r\t", id="white space"),
        pytest.param("\b\f", rb"\u0008\u000c", id="no short escapes"),
        pytest.param("\\b\\f\\\b", rb"\\b\\f\\\u0008", id="backslashes before letters"),
        pytest.param("\"/'", rb"\"/'", id="quotes"),
        pytest.param("\x7f", b"\x7f", id="delete"),
        pytest.param("é🔑\u200b", "é🔑\u200b".encode(), id="beyond ascii"),
        pytest.param("\ufffd", "\ufffd".encode(), id="a replacement character that was there"),
        pytest.param("a\udcf0\udc9fb", rb"a\ufffd\ufffdb", id="one for each byte that is no utf-8"),
    ],
)
def test_text_is_escaped_as_go_escapes_it(text: str, written: bytes) -> None:
    assert wire.encode(text) == b'"' + written + b'"'


def test_there_are_no_spaces() -> None:
    assert wire.encode({"a": [1, True, None], "b": {}}) == b'{"a":[1,true,null],"b":{}}'


def test_fields_keep_the_order_of_their_declaration() -> None:
    row = Outer(7, "x", 1, {"z": "1", "a": "2"}, [Inner(1), Inner(2, "n")])

    assert wire.encode(wire.as_object(row)) == (
        b'{"id":7,"name":"x","hidden":1,"labels":{"a":"2","z":"1"},'
        b'"inner":[{"id":1},{"id":2,"note":"n"}]}'
    )


def test_empty_fields_are_left_out_only_where_go_omits_them() -> None:
    assert wire.as_object(Outer()) == {"id": 0, "name": ""}


def test_an_error_is_cut_in_the_middle_of_a_character() -> None:
    cut = wire.cut_to_bytes("x" * 499 + "é", 500)

    assert wire.encode(cut) == b'"' + b"x" * 499 + rb'\ufffd"'


def test_a_short_error_is_kept() -> None:
    assert wire.cut_to_bytes("é", 500) == "é"


@given(st.text())
def test_what_is_written_reads_back_the_same(text: str) -> None:
    assert json.loads(wire.encode(text)) == text
