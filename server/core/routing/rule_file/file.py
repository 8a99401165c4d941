"""Read a file of routing rules: the rules, or everything that is wrong with it."""

import codecs
import re
import tomllib
from collections.abc import Mapping

from server.core.routing.rule_file.position import Path, Position, position
from server.core.routing.rule_file.problem import BadRules, Problem
from server.core.routing.rule_file.reader import Reader, Table, shown
from server.core.routing.rule_file.route import check_defaults, read_route
from server.core.routing.rules import Channel, Route, RoutingRules, login_key
from server.core.routing.thread import TAGS

LARGEST = 256 * 1024  # bytes
MOST_ROUTES = 500
MOST_CHANNELS = 500
MOST_PEOPLE = 5000

_PLACE = re.compile(r"(?P<what>.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def read_rules(raw: bytes) -> RoutingRules:
    """Read rules from the bytes of a file; raise BadRules with every problem."""
    text = decoded(raw)
    reader = Reader(text)
    rules = _rules(reader, _tables(text))
    if reader.problems:
        raise BadRules(reader.problems)
    return rules


def decoded(raw: bytes) -> str:
    """Return the text of a file, without a byte order mark."""
    if len(raw) > LARGEST:
        raise BadRules([Problem(Position(1, 1), f"the file has more than {LARGEST:,} bytes.")])
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        at = position(before, len(before))
        raise BadRules([Problem(at, "the file is not UTF-8.")]) from error


def _tables(text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRules([_syntax_problem(text, str(error))]) from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or as many brackets; tomllib does not say where.
        sentence = "this is no TOML: a number is too long, or brackets go too deep."
        raise BadRules([Problem(Position(1, 1), sentence)]) from error


def _syntax_problem(text: str, message: str) -> Problem:
    found = _PLACE.fullmatch(message)
    what = found["what"] if found else message
    end = position(text, len(text))
    at = Position(int(found[2]), int(found[3])) if found and found[2] else end
    return Problem(at, f"this is no TOML: {what}.")


def _rules(reader: Reader, tables: Table) -> RoutingRules:
    reader.known(tables, ("channels", "people", "defaults", "route"), ())
    channels = _channels(reader, reader.table(tables.get("channels"), ("channels",)))
    people = _people(reader, reader.table(tables.get("people"), ("people",)))
    defaults = reader.table(tables.get("defaults"), ("defaults",))
    check_defaults(reader, defaults, channels)
    routes = [
        read_route(reader, index, table, defaults, channels)
        for index, table in _listed(reader, tables.get("route"))
    ]
    _check_names(reader, routes)
    return RoutingRules(channels, people, tuple(routes))


def _listed(reader: Reader, value: object) -> list[tuple[int, Table]]:
    if not isinstance(value, list) or not value:
        is_table = isinstance(value, dict)
        hint = "write [[route]] with two brackets" if is_table else "nothing is shown without one"
        reader.wrong(("route",), f"there is no list of routes: {hint}.")
        return []
    if len(value) > MOST_ROUTES:
        reader.wrong(("route", MOST_ROUTES), f"there are more than {MOST_ROUTES} routes.")
    paths: list[Path] = [("route", index) for index in range(len(value))]
    return [
        (index, reader.table(table, paths[index]))
        for index, table in enumerate(value[:MOST_ROUTES])
    ]


def _check_names(reader: Reader, routes: list[Route]) -> None:
    seen: set[str] = set()
    for index, route in enumerate(routes):
        if route.name in seen:
            reader.wrong(("route", index, "name"), f"two routes are called {shown(route.name)}.")
        seen.add(route.name)


def _channels(reader: Reader, table: Table) -> Mapping[str, Channel]:
    if len(table) > MOST_CHANNELS:
        reader.wrong(("channels",), f"there are more than {MOST_CHANNELS} channels.")
    return {name: _channel(reader, name, value) for name, value in table.items()}


def _channel(reader: Reader, name: str, value: object) -> Channel:
    path: Path = ("channels", name)
    details = value if isinstance(value, dict) else {"id": value}
    reader.known(details, ("id", "tags", "board"), path)
    tags = reader.table(details.get("tags"), (*path, "tags"))
    reader.known(tags, TAGS, (*path, "tags"))
    return Channel(
        name,
        reader.snowflake(details.get("id"), (*path, "id"), f"the channel {shown(name)}"),
        {
            state: reader.snowflake(tag, (*path, "tags", state), f"the tag {shown(state)}")
            for state, tag in tags.items()
        },
        reader.flag(details.get("board"), (*path, "board")),
    )


def _people(reader: Reader, table: Table) -> Mapping[str, str]:
    if len(table) > MOST_PEOPLE:
        reader.wrong(("people",), f"there are more than {MOST_PEOPLE} people.")
    people: dict[str, str] = {}
    for login, value in table.items():
        path: Path = ("people", login)
        if login_key(login) in people:
            reader.wrong(path, f"{shown(login)} stands here twice; upper and lower case are alike.")
        user = reader.snowflake(value, path, f"the Discord user of {shown(login)}")
        people[login_key(login)] = user
    return people
