"""What registering the commands would change, for a person to read.

Discord gives back more than it was given, and leaves out what has its default, so both sides are
brought to the same form first.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from server.core.json_reader import Json, rows, text

# What is compared, with what it is when absent.
DEFAULTS: Mapping[str, object] = {
    "type": 1,
    "description": "",
    "required": False,
    "autocomplete": False,
    "min_value": None,
    "max_value": None,
    "min_length": None,
    "max_length": None,
    "choices": [],
    "channel_types": [],
    "default_member_permissions": None,
    "nsfw": False,
}
# Of a command for everywhere; Discord keeps none for one of a server.
GLOBAL_DEFAULTS: Mapping[str, object] = {"contexts": None}

Node = dict[str, object]


def difference(known: Sequence[Json], wanted: Sequence[Json], is_global: bool) -> list[str]:
    """List what differs, one line each: `+` is new, `-` goes, `~` changes; [] if all is equal."""
    before, after = _nodes(known, is_global), _nodes(wanted, is_global)
    lines = []
    for path in sorted(before.keys() | after.keys()):
        if path not in after:
            lines.append(f"- {path}")
        elif path not in before:
            lines.append(f"+ {path}: {_plain(after[path]['description'])}")
        else:
            lines += [f"~ {path}: {change}" for change in _changes(before[path], after[path])]
    return lines


def _changes(before: Node, after: Node) -> Iterator[str]:
    for name in before:
        if before[name] != after[name]:
            yield f"{name} {_plain(before[name])} → {_plain(after[name])}"


def _nodes(commands: Sequence[Json], is_global: bool) -> dict[str, Node]:
    """Return every command and option by its path, as `/drone promote target`."""
    defaults = {**DEFAULTS, **(GLOBAL_DEFAULTS if is_global else {})}
    nodes: dict[str, Node] = {}
    for command in commands:
        # Commands of people and of messages have names of their own.
        sign = {2: "@", 3: "#"}.get(_kind(command), "/")
        _collect(command, f"{sign}{text(command, 'name', 32)}", defaults, nodes)
    return nodes


def _collect(row: Json, path: str, defaults: Mapping[str, object], nodes: dict[str, Node]) -> None:
    node: Node = {name: row.get(name) or absent for name, absent in defaults.items()}
    inner = rows(row, "options")
    node["order"] = [text(option, "name", 32) for option in inner]
    nodes[path] = node
    for option in inner:
        _collect(option, f"{path} {text(option, 'name', 32)}", DEFAULTS, nodes)


def _kind(command: Json) -> int:
    kind = command.get("type")
    return kind if isinstance(kind, int) else 1


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
