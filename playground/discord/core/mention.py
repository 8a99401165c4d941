"""Check `allowed_mentions` and tell whom a text notifies.

https://docs.discord.com/developers/resources/message#allowed-mentions-object
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from playground.discord.core import check
from playground.discord.core.violation import Path, Violation

PARSE = ("users", "roles", "everyone")
MAX_IDS = 100

_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@everyone|@here")
# A mention in code is only text; one behind a backslash still pings.
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Hold whom a message mentions, after `allowed_mentions` was applied."""

    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    everyone: bool = False

    def names(self) -> list[str]:
        """List everything notified: `@everyone`, then user ids, then role ids."""
        return [*(["@everyone"] if self.everyone else []), *self.users, *self.roles]


def allowed_mentions(value: object, path: Path = ("allowed_mentions",)) -> Iterator[Violation]:
    """Check the object: known words, at most 100 distinct ids, no kind both parsed and listed."""
    yield from check.record(value, path)
    rules = check.mapped(value)
    parse = rules.get("parse")
    yield from check.collection(parse, (*path, "parse"), most=1521)
    for index, word in enumerate(check.listed(parse)):
        yield from check.choice(word, (*path, "parse", index), PARSE)
    for kind in ("users", "roles"):
        ids = rules.get(kind)
        yield from check.collection(ids, (*path, kind), most=MAX_IDS)
        yield from _ids(check.listed(ids), (*path, kind))
        if ids and kind in check.listed(parse):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            yield Violation(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    yield from check.boolean(rules.get("replied_user"), (*path, "replied_user"))


def mentions(texts: Iterable[str], rules: object) -> Mentions:
    """Apply *rules* (absent: everything pings) to the mentions that stand in *texts*."""
    text = "\n".join(texts)
    if "@" not in text:
        return Mentions()
    text = _CODE.sub("", text)
    allowed = check.mapped(rules)
    parse = PARSE if not isinstance(rules, dict) else tuple(check.listed(allowed.get("parse")))
    return Mentions(
        users=_allowed(_USER.findall(text), "users", parse, allowed),
        roles=_allowed(_ROLE.findall(text), "roles", parse, allowed),
        everyone="everyone" in parse and bool(_EVERYONE.search(text)),
    )


def _allowed(
    found: Iterable[str], kind: str, parse: Iterable[object], allowed: Mapping[str, object]
) -> tuple[str, ...]:
    distinct = tuple(dict.fromkeys(found))
    if kind in parse:
        return distinct
    listed = {str(one) for one in check.listed(allowed.get(kind))}
    return tuple(one for one in distinct if one in listed)


def _ids(ids: list[object], path: Path) -> Iterator[Violation]:
    seen: set[str] = set()
    for index, one in enumerate(ids):
        yield from check.snowflake(one, (*path, index))
        if str(one) in seen:
            message = "The set already contains this value"
            yield Violation((*path, index), "SET_TYPE_ALREADY_CONTAINS_VALUE", message)
        seen.add(str(one))
