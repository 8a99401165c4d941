"""JSON of strangers: a wrong type reads as absent, and what is read can be stored."""

from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.json_reader import flag, integer, rows, table, text

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
# Python's JSON reader lets lone surrogates through.
ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]) | st.just("\0"))

TEXTS: dict[str, tuple[object, str]] = {
    "text": ("main", "main"),
    "nothing": ("", ""),
    "null": (None, ""),
    "a number": (5, ""),
    "a boolean": (True, ""),
    "a list": (["main"], ""),
    "an object": ({"main": 1}, ""),
    "longer than the limit": ("0123456789abc", "0123456789"),
    "NUL": ("a\0b", "a\ufffdb"),
    "a lone surrogate": ("a\ud83db", "a\ufffdb"),
    "a surrogate at the end": ("é\ud83d", "é\ufffd"),
    "a pair of surrogates": ("\ud83d\ude00", "😀"),
    "a pair that the limit parts": ("012345678\ud83d\ude00", "012345678\ufffd"),
    "beyond the basic plane": ("👩\u200d🚀", "👩\u200d🚀"),
}


@pytest.mark.parametrize(("value", "read"), TEXTS.values(), ids=TEXTS)
def test_text_is_read_as(value: object, read: str) -> None:
    assert text({"key": value}, "key", 10) == read


def test_absent_text_is_nothing() -> None:
    assert text({}, "key") == ""


@given(ANY_TEXT)
def test_whatever_text_comes_can_be_stored(value: str) -> None:
    read = text({"key": value}, "key", 10)

    assert len(read) <= 10
    assert bson.decode(bson.encode({read: read})) == {read: read}


@given(ANY_TEXT)
def test_text_that_was_read_reads_the_same_again(value: str) -> None:
    read = text({"key": value}, "key", 10)

    assert text({"key": read}, "key", 10) == read


INTEGERS: dict[str, tuple[object, int]] = {
    "a number": (5, 5),
    "less than zero": (-5, -5),
    "the highest": (2**63 - 1, 2**63 - 1),
    "the lowest": (-(2**63), -(2**63)),
    "above 64 bits": (2**63, 0),
    "below 64 bits": (-(2**63) - 1, 0),
    "true": (True, 0),
    "a fraction": (1.5, 0),
    "a whole fraction": (1.0, 0),
    "text": ("5", 0),
    "null": (None, 0),
    "a list": ([5], 0),
}


@pytest.mark.parametrize(("value", "read"), INTEGERS.values(), ids=INTEGERS)
def test_an_integer_is_read_as(value: object, read: int) -> None:
    assert integer({"key": value}, "key") == read


def test_an_absent_integer_is_zero() -> None:
    assert integer({}, "key") == 0


FLAGS: dict[str, tuple[object, bool]] = {
    "true": (True, True),
    "false": (False, False),
    "one": (1, False),
    "text": ("true", False),
    "null": (None, False),
}


@pytest.mark.parametrize(("value", "read"), FLAGS.values(), ids=FLAGS)
def test_a_flag_is_read_as(value: object, read: bool) -> None:
    assert flag({"key": value}, "key") is read


TABLES: dict[str, tuple[object, object]] = {
    "an object": ({"id": 1}, {"id": 1}),
    "an empty object": ({}, {}),
    "a list": ([{"id": 1}], None),
    "text": ("{}", None),
    "null": (None, None),
}


@pytest.mark.parametrize(("value", "read"), TABLES.values(), ids=TABLES)
def test_an_object_is_read_as(value: object, read: object) -> None:
    assert table({"key": value}, "key") == read


ROWS: dict[str, tuple[object, list[Any]]] = {
    "objects": ([{"id": 1}, {"id": 2}], [{"id": 1}, {"id": 2}]),
    "objects among others": ([None, {"id": 1}, "two", [], 3], [{"id": 1}]),
    "nothing": ([], []),
    "an object": ({"id": 1}, []),
    "text": ("[]", []),
    "null": (None, []),
}


@pytest.mark.parametrize(("value", "read"), ROWS.values(), ids=ROWS)
def test_a_list_of_objects_is_read_as(value: object, read: list[Any]) -> None:
    assert rows({"key": value}, "key") == read


@given(ANYTHING)
def test_no_reader_ever_raises(value: object) -> None:
    source = {"key": value}

    assert isinstance(text(source, "key"), str)
    assert isinstance(integer(source, "key"), int)
    assert isinstance(flag(source, "key"), bool)
    assert isinstance(table(source, "key"), dict | None)
    assert isinstance(rows(source, "key"), list)
