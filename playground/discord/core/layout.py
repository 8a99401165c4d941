"""Check Components V2: containers, sections, text displays and what they forbid (§1.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playground.discord.core import check
from playground.discord.core.component import (
    ACTION_ROW,
    BUTTON_TYPE,
    action_row,
    button,
    component_id,
    duplicates,
    walk,
    wrong_type,
)
from playground.discord.core.link import MEDIA, link
from playground.discord.core.violation import SERVER_ERROR, Path, Violation

SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
IN_CONTAINER = (ACTION_ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
AT_TOP = (*IN_CONTAINER, CONTAINER)
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_TEXT_SUM = 4000
# Above this many bytes Discord fails instead of refusing: discord-api-docs #8554.
MAX_TEXT_BYTES = 10_170
BYTES_PER_TEXT = 12


def layout_components(value: object, path: Path = ("components",)) -> Iterator[Violation]:
    """Check the components of a message that has the V2 flag."""
    yield from check.collection(value, path, most=MAX_COMPONENTS)
    every = check.listed(value)
    for index, item in enumerate(every):
        yield from check.record(item, (*path, index))
        yield from _component(check.mapped(item), (*path, index), AT_TOP)
    yield from duplicates(every, path)
    if sum(1 for _ in walk(every)) > MAX_COMPONENTS:
        message = f"Must be {MAX_COMPONENTS} or fewer in length."
        yield Violation(path, "BASE_TYPE_MAX_LENGTH", message)
    yield from _text_sums(texts(every), path)


def texts(components: list[object]) -> list[str]:
    """List the contents of all text displays, trimmed."""
    return [
        check.trimmed(one.get("content")) for one in walk(components) if one.get("type") == TEXT
    ]


def _text_sums(contents: list[str], path: Path) -> Iterator[Violation]:
    if sum(len(content) for content in contents) > MAX_TEXT_SUM:
        message = f"Total text exceeds maximum size of {MAX_TEXT_SUM}"
        yield Violation(path, "COMPONENT_MAX_TOTAL_TEXT_SIZE_EXCEEDED", message)
    encoded = sum(len(one.encode(errors="replace")) + BYTES_PER_TEXT for one in contents)
    if encoded > MAX_TEXT_BYTES:
        yield Violation(path, SERVER_ERROR, f"Text displays exceed {MAX_TEXT_BYTES} bytes")


def _component(
    component: Mapping[str, object], path: Path, allowed: tuple[int, ...]
) -> Iterator[Violation]:
    kind = component.get("type")
    if isinstance(kind, bool) or kind not in allowed:
        yield wrong_type(path, allowed)
        return
    if kind == ACTION_ROW:
        yield from action_row(component, path)
        return
    yield from component_id(component, path)
    if kind == TEXT:
        yield from _text(component, path)
    elif kind == CONTAINER:
        yield from _container(component, path)
    elif kind == SECTION:
        yield from _section(component, path)
    elif kind == GALLERY:
        yield from _gallery(component, path)
    elif kind == SEPARATOR:
        yield from _separator(component, path)
    elif kind == FILE:
        yield from _file(component, path)


def _text(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    content, here = component.get("content"), (*path, "content")
    yield from check.text(content, here, least=1, most=MAX_TEXT, needed=True)


def _container(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    color = component.get("accent_color")
    yield from check.integer(color, (*path, "accent_color"), least=0, most=0xFFFFFF)
    yield from check.boolean(component.get("spoiler"), (*path, "spoiler"))
    children, here = component.get("components"), (*path, "components")
    yield from check.collection(children, here, least=1, most=MAX_COMPONENTS, needed=True)
    for index, child in enumerate(check.listed(children)):
        yield from check.record(child, (*here, index))
        yield from _component(check.mapped(child), (*here, index), IN_CONTAINER)


def _section(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    children, here = component.get("components"), (*path, "components")
    yield from check.collection(children, here, least=1, most=3, needed=True)
    for index, child in enumerate(check.listed(children)):
        yield from _component(check.mapped(child), (*here, index), (TEXT,))
    accessory, beside = check.mapped(component.get("accessory")), (*path, "accessory")
    kind = accessory.get("type")
    if not accessory:
        yield check.required(beside)
    elif kind == BUTTON_TYPE:
        yield from button(accessory, beside)
    elif kind == THUMBNAIL:
        yield from _media(accessory, beside)
    else:
        yield wrong_type(beside, (BUTTON_TYPE, THUMBNAIL))


def _gallery(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    items, here = component.get("items"), (*path, "items")
    yield from check.collection(items, here, least=1, most=10, needed=True)
    for index, item in enumerate(check.listed(items)):
        yield from _media(check.mapped(item), (*here, index))


def _media(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    description = component.get("description")
    yield from check.text(description, (*path, "description"), most=1024)
    url = check.mapped(component.get("media")).get("url")
    yield from link(url, (*path, "media", "url"), MEDIA, needed=True)


def _separator(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    yield from check.boolean(component.get("divider"), (*path, "divider"))
    spacing = component.get("spacing")
    if spacing is not None:
        yield from check.choice(spacing, (*path, "spacing"), (1, 2))


def _file(component: Mapping[str, object], path: Path) -> Iterator[Violation]:
    url = check.mapped(component.get("file")).get("url")
    yield from link(url, (*path, "file", "url"), ("attachment",), needed=True)
