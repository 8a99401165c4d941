"""Our constants are Discord's: the limit itself is taken, one more is refused."""

import pytest

from playground.discord.rules import violations
from server.core.discord import limits


def embed(**parts: object) -> dict[str, object]:
    return {"embeds": [{"title": "x", **parts}]}


def fields(count: int) -> dict[str, object]:
    return embed(fields=[{"name": "x", "value": "x"}] * count)


def url(length: int) -> str:
    return "https://example.com/".ljust(length, "a")


def buttons(count: int, **parts: object) -> dict[str, object]:
    row = [{"type": 2, "style": 5, "label": "x", "url": url(30), **parts}] * count
    return {"components": [{"type": 1, "components": row}]}


def rows(count: int) -> dict[str, object]:
    button = {"type": 2, "style": 5, "label": "x", "url": url(30)}
    return {"components": [{"type": 1, "components": [button]}] * count}


def total(size: int) -> dict[str, object]:
    footer = {"text": "x" * (size - limits.EMBED_DESCRIPTION - 1)}
    return embed(description="x" * limits.EMBED_DESCRIPTION, footer=footer)


LIMITS = [
    pytest.param(lambda n: {"content": "x" * n}, limits.CONTENT, id="content"),
    pytest.param(lambda n: {"embeds": [{"title": "x"}] * n}, limits.EMBEDS, id="embeds"),
    pytest.param(lambda n: embed(title="x" * n), limits.EMBED_TITLE, id="title"),
    pytest.param(lambda n: embed(description="x" * n), limits.EMBED_DESCRIPTION, id="description"),
    pytest.param(fields, limits.EMBED_FIELDS, id="fields"),
    pytest.param(
        lambda n: embed(fields=[{"name": "x" * n, "value": "x"}]), limits.FIELD_NAME, id="name"
    ),
    pytest.param(
        lambda n: embed(fields=[{"name": "x", "value": "x" * n}]), limits.FIELD_VALUE, id="value"
    ),
    pytest.param(lambda n: embed(footer={"text": "x" * n}), limits.FOOTER_TEXT, id="footer"),
    pytest.param(lambda n: embed(author={"name": "x" * n}), limits.AUTHOR_NAME, id="author"),
    pytest.param(lambda n: embed(url=url(n)), limits.EMBED_URL, id="embed url"),
    pytest.param(total, limits.EMBEDS_TOTAL, id="embeds together"),
    pytest.param(rows, limits.ACTION_ROWS, id="rows"),
    pytest.param(buttons, limits.ROW_BUTTONS, id="buttons"),
    pytest.param(lambda n: buttons(1, label="x" * n), limits.BUTTON_LABEL, id="label"),
    pytest.param(lambda n: buttons(1, url=url(n)), limits.BUTTON_URL, id="button url"),
]


@pytest.mark.parametrize(("body", "limit"), LIMITS)
def test_the_limit_itself_is_taken(body, limit) -> None:  # type: ignore[no-untyped-def]
    assert violations(body(limit)) == []


@pytest.mark.parametrize(("body", "limit"), LIMITS)
def test_one_more_is_refused(body, limit) -> None:  # type: ignore[no-untyped-def]
    assert violations(body(limit + 1)) != []
