"""Check action rows, buttons and selects: the legacy components of a message.

https://docs.discord.com/developers/components/reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playground.discord.core import check
from playground.discord.core.link import BUTTON, MAX_BUTTON_URL, link
from playground.discord.core.violation import Path, Violation

ACTION_ROW, BUTTON_TYPE, STRING_SELECT = 1, 2, 3
SELECTS = (3, 5, 6, 7, 8)
LINK_STYLE, PREMIUM_STYLE = 5, 6
MAX_ROWS = 5
MAX_BUTTONS = 5
MAX_CUSTOM_ID = 100
MAX_LABEL = 80
MAX_OPTIONS = 25
MAX_OPTION_TEXT = 100
MAX_PLACEHOLDER = 150
MAX_COMPONENT_ID = 2**31 - 1


def legacy_components(value: object, path: Path = ("components",)) -> Iterator[Violation]:
    """Check the components of a message without the V2 flag: up to five action rows."""
    yield from check.collection(value, path, most=MAX_ROWS)
    for index, item in enumerate(check.listed(value)):
        here = (*path, index)
        yield from check.record(item, here)
        row = check.mapped(item)
        if row.get("type") != ACTION_ROW:
            yield wrong_type(here, (ACTION_ROW,))
        else:
            yield from action_row(row, here)
    yield from duplicates(check.listed(value), path)


def wrong_type(path: Path, allowed: tuple[int, ...]) -> Violation:
    """Say that a component may not stand where it stands."""
    message = f'Value of field "type" must be one of {allowed}.'
    return Violation((*path, "type"), "UNION_TYPE_CHOICES", message)


def action_row(row: Mapping[str, object], path: Path) -> Iterator[Violation]:
    """Check one row: up to five buttons, or exactly one select."""
    children = row.get("components")
    here = (*path, "components")
    yield from component_id(row, path)
    yield from check.collection(children, here, least=1, most=MAX_BUTTONS, needed=True)
    kinds = [check.mapped(child).get("type") for child in check.listed(children)]
    if len(kinds) > 1 and any(kind in SELECTS for kind in kinds):
        message = "The specified component exceeds the maximum width"
        yield Violation(here, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
    for index, child in enumerate(check.listed(children)):
        yield from _row_child(check.mapped(child), (*here, index))


def component_id(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    """Check the optional number by which a component is known within its message."""
    value = component.get("id")
    yield from check.integer(value, (*path, "id"), least=0, most=MAX_COMPONENT_ID)


def button(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    """Check one button: what a style needs and what it forbids."""
    style = component.get("style")
    yield from component_id(component, path)
    yield from check.choice(style, (*path, "style"), (1, 2, 3, 4, 5, 6))
    yield from check.text(component.get("label"), (*path, "label"), most=MAX_LABEL)
    yield from check.boolean(component.get("disabled"), (*path, "disabled"))
    if style == LINK_STYLE:
        yield from link(
            component.get("url"), (*path, "url"), BUTTON, most=MAX_BUTTON_URL, needed=True
        )
        if component.get("custom_id") is not None:
            yield _exclusive(path, "A custom id and url cannot both be specified")
    elif style == PREMIUM_STYLE:
        yield from check.snowflake(component.get("sku_id"), (*path, "sku_id"))
    else:
        if component.get("url") is not None:
            yield _exclusive(path, "A custom id and url cannot both be specified")
        yield from custom_id(component, path)
    if style != PREMIUM_STYLE and not (
        check.trimmed(component.get("label")) or component.get("emoji")
    ):
        yield check.required((*path, "label"))


def custom_id(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    """Check the id an interaction comes back with."""
    value = component.get("custom_id")
    here = (*path, "custom_id")
    yield from check.text(value, here, least=1, most=MAX_CUSTOM_ID, needed=True)


def duplicates(components: list[object], path: Path) -> Iterator[Violation]:
    """Refuse a custom_id or a component id that occurs twice in a message."""
    for key, code in (
        ("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ("id", "COMPONENT_ID_DUPLICATED"),
    ):
        seen: set[object] = set()
        for component in walk(components):
            value = component.get(key)
            if not value or not isinstance(value, str | int):
                continue
            if value in seen:
                message = f"Component {key.replace('_', ' ')} cannot be duplicated"
                yield Violation(path, code, message)
            seen.add(value)


def walk(components: list[object]) -> Iterator[Mapping[str, object]]:
    """Go through all components of a message, nested ones included."""
    for item in components:
        if isinstance(item, dict):
            yield item
            yield from walk(check.listed(item.get("components")))
            yield from walk([item.get("accessory")])


def _exclusive(path: Path, message: str) -> Violation:
    return Violation(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)


def _row_child(child: Mapping[str, object], path: Path) -> Iterator[Violation]:
    kind = child.get("type")
    if kind == BUTTON_TYPE:
        yield from button(child, path)
    elif kind in SELECTS:
        yield from _select(child, path)
    else:
        yield wrong_type(path, (BUTTON_TYPE, *SELECTS))


def _select(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    yield from component_id(component, path)
    yield from custom_id(component, path)
    placeholder = component.get("placeholder")
    yield from check.text(placeholder, (*path, "placeholder"), most=MAX_PLACEHOLDER)
    yield from check.integer(component.get("min_values"), (*path, "min_values"), least=0, most=25)
    yield from check.integer(component.get("max_values"), (*path, "max_values"), least=1, most=25)
    yield from check.boolean(component.get("disabled"), (*path, "disabled"))
    if component.get("type") == STRING_SELECT:
        yield from _options(component.get("options"), (*path, "options"))


def _options(value: object, path: Path) -> Iterator[Violation]:
    yield from check.collection(value, path, least=1, most=MAX_OPTIONS, needed=True)
    seen: set[object] = set()
    for index, item in enumerate(check.listed(value)):
        option, here = check.mapped(item), (*path, index)
        for key in ("label", "value"):
            content = option.get(key)
            yield from check.text(content, (*here, key), most=MAX_OPTION_TEXT, needed=True)
        description = option.get("description")
        yield from check.text(description, (*here, "description"), most=MAX_OPTION_TEXT)
        chosen = check.trimmed(option.get("value"))
        if chosen in seen:
            message = "The specified option value is already used"
            yield Violation((*here, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(chosen)
