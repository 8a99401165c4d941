"""Check application commands before they are registered.

https://docs.discord.com/developers/interactions/application-commands
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from playground.discord.core import check
from playground.discord.core.violation import Path, Violation

CHAT_INPUT, USER, MESSAGE, ENTRY_POINT = 1, 2, 3, 4
MOST_OF_TYPE = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15, ENTRY_POINT: 1}
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
MAX_OPTIONS = 25
MAX_CHOICES = 25
MAX_NAME = 32
MAX_TEXT = 100
MAX_SUM = 8000

# Discord's pattern names scripts; \w is letters and digits of every script but lacks the marks
# of Devanagari and Thai, which are therefore listed.
_NAME = re.compile(r"[-'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")


def commands(value: object) -> Iterator[Violation]:
    """Check the whole list of a bulk overwrite."""
    yield from check.record_list(value, ())
    every = [check.mapped(one) for one in check.listed(value)]
    seen: set[tuple[object, object]] = set()
    for index, command in enumerate(every):
        yield from one_command(command, (index,))
        key = (command.get("type", CHAT_INPUT), command.get("name"))
        if key in seen:
            message = "Application command names must be unique"
            yield Violation((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    for kind, most in MOST_OF_TYPE.items():
        if sum(1 for one in every if one.get("type", CHAT_INPUT) == kind) > most:
            message = f"Must be {most} or fewer in length."
            yield Violation((), "BASE_TYPE_MAX_LENGTH", message)


def one_command(command: Mapping[str, object], path: Path = ()) -> Iterator[Violation]:
    """Check one command."""
    kind = command.get("type", CHAT_INPUT)
    yield from check.choice(kind, (*path, "type"), tuple(MOST_OF_TYPE))
    if kind == CHAT_INPUT:
        yield from _described(command, path)
        yield from _options(command.get("options"), (*path, "options"), depth=0)
    else:
        yield from check.text(command.get("name"), (*path, "name"), least=1, most=32, needed=True)
        if command.get("description"):
            message = "Context menu commands cannot have description"
            yield Violation((*path, "description"), "APPLICATION_COMMAND_DESCRIPTION", message)
    permissions = command.get("default_member_permissions")
    if permissions is not None:
        yield from check.snowflake(permissions, (*path, "default_member_permissions"))
    if _size(command) > MAX_SUM:
        message = f"Command exceeds maximum size ({MAX_SUM})"
        yield Violation(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def _described(item: Mapping[str, object], path: Path) -> Iterator[Violation]:
    name, here = item.get("name"), (*path, "name")
    yield from check.text(name, here, least=1, most=MAX_NAME, needed=True)
    if isinstance(name, str) and 0 < len(name) <= MAX_NAME and not _is_name(name):
        message = "Command name is invalid"
        yield Violation(here, "APPLICATION_COMMAND_INVALID_NAME", message)
    description = item.get("description")
    here = (*path, "description")
    yield from check.text(description, here, least=1, most=MAX_TEXT, needed=True)


def _is_name(name: str) -> bool:
    # Lower case is demanded of every letter that has one.
    return bool(_NAME.fullmatch(name)) and name == name.lower()


def _options(value: object, path: Path, *, depth: int) -> Iterator[Violation]:
    yield from check.collection(value, path, most=MAX_OPTIONS)
    names: set[object] = set()
    was_optional = False
    for index, item in enumerate(check.listed(value)):
        option, here = check.mapped(item), (*path, index)
        yield from _option(option, here, depth=depth)
        if option.get("required") and was_optional:
            message = "Required options must be placed before non-required options"
            yield Violation(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        was_optional = was_optional or not option.get("required")
        if option.get("name") in names:
            message = "Option names must be unique"
            yield Violation(here, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)
        names.add(option.get("name"))


def _option(option: Mapping[str, object], path: Path, *, depth: int) -> Iterator[Violation]:
    kind = option.get("type")
    yield from check.choice(kind, (*path, "type"), tuple(range(1, 12)))
    yield from _described(option, path)
    if kind in (SUB_COMMAND, SUB_COMMAND_GROUP):
        # Only command > group > subcommand may be nested.
        if depth > 1 or (kind == SUB_COMMAND_GROUP and depth > 0):
            message = "Sub-command option types can only be nested one level deep"
            yield Violation((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        else:
            deeper = 1 if kind == SUB_COMMAND_GROUP else 2
            yield from _options(option.get("options"), (*path, "options"), depth=deeper)
    if option.get("choices") and option.get("autocomplete"):
        message = "Choices and autocomplete are mutually exclusive"
        yield Violation(path, "APPLICATION_COMMAND_AUTOCOMPLETE_AND_CHOICES", message)
    yield from choices(option.get("choices"), (*path, "choices"))


def choices(value: object, path: Path) -> Iterator[Violation]:
    """Check the choices of an option or of an autocomplete answer."""
    yield from check.collection(value, path, most=MAX_CHOICES)
    for index, item in enumerate(check.listed(value)):
        choice, here = check.mapped(item), (*path, index)
        name, content = choice.get("name"), choice.get("value")
        yield from check.text(name, (*here, "name"), least=1, most=MAX_TEXT, needed=True)
        if isinstance(content, str):
            yield from check.text(content, (*here, "value"), most=MAX_TEXT)
        elif content is None:
            yield check.required((*here, "value"))
        else:
            yield from check.number(content, (*here, "value"))


def _size(item: Mapping[str, object]) -> int:
    own = sum(len(check.trimmed(item.get(key))) for key in ("name", "description", "value"))
    inner = [*check.listed(item.get("options")), *check.listed(item.get("choices"))]
    return own + sum(_size(check.mapped(one)) for one in inner)
