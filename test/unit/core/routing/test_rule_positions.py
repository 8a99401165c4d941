"""Everything in a TOML file is found by its path."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.routing.rule_file.position import Path, Position, Positions

TEXT = '''\
# [channels]
"top key" = 1979-05-27 07:32:00 # = [route]
'lit' = { a = [ 1, { b = "]}#" } ], c . "d" = true }
[channels] # comment
  "al.erts" = """
[[route]]
"quoted" \\""" end""""
[ a . "b" ]
k = [
  # first
  'one', # ]
  \'\'\'
two\'\'\'\'\',
  [3.5,],
]
[[route]]
name.first = 'x'
[route.ping]
on = []
[[route]]
[[route.more]]
x = 1
[[route.more]]
x = -inf
'''


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("top key",), 2, 1),
        (("lit",), 3, 1),
        (("lit", "a"), 3, 11),
        (("lit", "a", 0), 3, 17),
        (("lit", "a", 1), 3, 20),
        (("lit", "a", 1, "b"), 3, 22),
        (("lit", "c"), 3, 37),
        (("lit", "c", "d"), 3, 41),
        (("channels",), 4, 1),
        (("channels", "al.erts"), 5, 3),
        (("a", "b"), 8, 1),
        (("a", "b", "k"), 9, 1),
        (("a", "b", "k", 0), 11, 3),
        (("a", "b", "k", 1), 12, 3),
        (("a", "b", "k", 2), 14, 3),
        (("a", "b", "k", 2, 0), 14, 4),
        (("route",), 16, 1),
        (("route", 0, "name"), 17, 1),
        (("route", 0, "name", "first"), 17, 6),
        (("route", 0, "ping"), 18, 1),
        (("route", 0, "ping", "on"), 19, 1),
        (("route", 1), 20, 1),
        (("route", 1, "more", 0, "x"), 22, 1),
        (("route", 1, "more", 1), 23, 1),
        (("route", 1, "more", 1, "x"), 24, 1),
        (("route", 1, "missing", "too"), 20, 1),
        (("missing",), 1, 1),
    ],
)
def test_a_path_is_found(path: Path, line: int, column: int) -> None:
    assert Positions(TEXT).of(path) == Position(line, column)


def test_the_sample_is_toml() -> None:
    assert tomllib.loads(TEXT)["route"][1]["more"] == [{"x": 1}, {"x": float("-inf")}]


def test_what_several_dotted_keys_make_stands_at_the_first_of_them() -> None:
    positions = Positions("ping.on = []\r\nping.who = []\r\n")

    assert [positions.of(path) for path in (("ping",), ("ping", "who"))] == [
        Position(1, 1),
        Position(2, 6),
    ]


KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), min_size=1, max_size=4)
LEAVES = st.integers() | st.booleans() | KEYS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def written(value: object) -> str:
    """Write *value* as TOML on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(sign):08x}" for sign in value) + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        pairs = (f"{written(key)} = {written(inner)}" for key, inner in value.items())
        return f"{{{', '.join(pairs)}}}"
    return str(value)


@given(st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=3), min_size=1, max_size=3))
def test_every_value_of_any_file_stands_on_the_line_of_its_key(
    tables: list[dict[str, object]],
) -> None:
    lines, expected = [], {}
    for index, table in enumerate(tables):
        lines.append("[[t]]")
        for key, value in table.items():
            lines.append(f"{written(key)} = {written(value)}")
            expected[("t", index, key)] = len(lines)
    text = "\n".join(lines)

    positions = Positions(text)

    assert tomllib.loads(text) == {"t": tables}
    assert {path: positions.of(path) for path in expected} == {
        path: Position(line, 1) for path, line in expected.items()
    }
