"""Read one `[[route]]`, with what it leaves out from `[defaults]`."""

from collections.abc import Mapping
from datetime import timedelta

from server.core.routing.glob import BadGlob
from server.core.routing.rule_file.position import Path
from server.core.routing.rule_file.reader import (
    Reader,
    Table,
    Word,
    is_snowflake,
    shown,
    suggestion,
)
from server.core.routing.rules import (
    MATCHED,
    Channel,
    Criterion,
    Layout,
    Ping,
    PingOn,
    Quiet,
    QuietEffect,
    Route,
    Show,
    Silent,
    Thread,
    compiled,
)

HOW = ("show", "ping", "remind", "silent", "quiet", "thread", "layout")
DEFAULTED = (*MATCHED, "exclude", "channel", *HOW, "stop")
KEYS = ("name", *DEFAULTED, "fallback")
MOST_PINGED = 20  # by one route; they stand in one message
NEVER = "never"  # in place of a span, where [defaults] has one

NOWHERE = Channel("", "")


class _Source:
    """The keys of one route: its own ones, then those of `[defaults]`."""

    def __init__(self, path: Path, own: Table, defaults: Table) -> None:
        self._path = path
        self._own = own
        self._defaults = {key: value for key, value in defaults.items() if key in DEFAULTED}

    def get(self, key: str) -> tuple[object, Path]:
        """Return the value of *key*, None if there is none, and where it stands."""
        if key not in self._own and key in self._defaults:
            return self._defaults[key], ("defaults", key)
        return self._own.get(key), (*self._path, key)


def check_defaults(reader: Reader, defaults: Table, channels: Mapping[str, Channel]) -> None:
    """Note what is wrong with `[defaults]`, even if no route needs it."""
    reader.known(defaults, DEFAULTED, ("defaults",))
    for name in list(channels)[:1]:  # without channels every route is wrong anyway
        own = {} if "channel" in defaults else {"channel": name}
        read_route(reader, -1, own, defaults, channels)


def read_route(
    reader: Reader, index: int, own: Table, defaults: Table, channels: Mapping[str, Channel]
) -> Route:
    """Read the route with *index*; what is wrong is noted by *reader*."""
    reader.known(own, KEYS, ("route", index))
    source = _Source(("route", index), own, defaults)
    name, name_path = source.get("name")
    remind, remind_path = source.get("remind")
    return Route(
        name=f"route {index + 1}" if name is None else reader.line(name, name_path),
        channel=_channel(reader, *source.get("channel"), channels),
        include=_criteria(reader, {field: source.get(field) for field in MATCHED}),
        exclude=_excluded(reader, *source.get("exclude")),
        show=_word(reader, *source.get("show"), Show.ALL),
        ping=_ping(reader, *source.get("ping")),
        remind=None if remind in (None, NEVER) else reader.span(remind, remind_path),
        silent=_silent(reader, *source.get("silent")),
        quiet=_quiet(reader, *source.get("quiet")),
        thread=_word(reader, *source.get("thread"), Thread.NEVER),
        layout=_word(reader, *source.get("layout"), Layout.FULL),
        fallback=reader.flag(*source.get("fallback")),
        stop=reader.flag(*source.get("stop")),
    )


def _channel(reader: Reader, value: object, path: Path, channels: Mapping[str, Channel]) -> Channel:
    if isinstance(value, str) and value in channels:
        return channels[value]
    if not channels:
        reader.wrong(path, "a route needs a channel; name one in [channels].")
    elif isinstance(value, str):
        hint = suggestion(value, channels)
        reader.wrong(path, f"{shown(value)} is no channel of [channels]{hint}")
    else:
        reader.wrong(path, f"a route needs a channel of [channels]{suggestion('', channels)}")
    return NOWHERE


def _word(reader: Reader, value: object, path: Path, default: Word) -> Word:
    return default if value is None else reader.word(type(default), value, path) or default


def _criteria(reader: Reader, fields: Mapping[str, tuple[object, Path]]) -> tuple[Criterion, ...]:
    found = []
    for field, (value, path) in fields.items():
        if value is None:
            continue
        globs = [
            glob for glob, at in reader.texts(value, path) if _is_glob(reader, field, glob, at)
        ]
        if globs:
            found.append(Criterion(field, tuple(globs)))
    return tuple(found)


def _is_glob(reader: Reader, field: str, glob: str, path: Path) -> bool:
    try:
        compiled(field, (glob,))
    except BadGlob as error:
        reader.wrong(path, f"the pattern {shown(glob)}: {error}.")
        return False
    return True


def _excluded(reader: Reader, value: object, path: Path) -> tuple[Criterion, ...]:
    table = reader.table(value, path)
    reader.known(table, MATCHED, path)
    return _criteria(reader, {field: (table.get(field), (*path, field)) for field in MATCHED})


def _silent(reader: Reader, value: object, path: Path) -> Silent:
    if value is None or isinstance(value, bool):
        return Silent.YES if value else Silent.NO
    if value != Silent.PROGRESS:
        reader.wrong(path, "'silent' must be true, false or \"progress\".")
    return Silent.PROGRESS


def _ping(reader: Reader, value: object, path: Path) -> Ping | None:
    table = reader.table(value, path)
    if not table:
        return None
    reader.known(table, ("on", "who", "every"), path)
    on = [reader.word(PingOn, *item) for item in reader.texts(table.get("on"), (*path, "on"))]
    who = reader.texts(table.get("who"), (*path, "who"))
    if len(who) > MOST_PINGED:
        reader.wrong((*path, "who"), f"'who' must have at most {MOST_PINGED} items.")
    for one, at in who:
        kind, _, id_ = one.partition(":")
        if one != "author" and not (kind in ("role", "user") and is_snowflake(id_)):
            reader.wrong(at, f'{shown(one)} must be "author", "role:<id>" or "user:<id>".')
    every = table.get("every")
    span = None if every is None else reader.span(every, (*path, "every"))
    return Ping(
        frozenset(one for one in on if one is not None),
        tuple(dict.fromkeys(one for one, _ in who)),
        span or timedelta(0),
    )


def _quiet(reader: Reader, value: object, path: Path) -> Quiet | None:
    table = reader.table(value, path)
    if not table:
        return None
    reader.known(table, ("from", "to", "zone", "effect"), path)
    start = reader.clock(table.get("from"), (*path, "from"))
    end = reader.clock(table.get("to"), (*path, "to"))
    zone = reader.zone(table.get("zone"), (*path, "zone"))
    effect = _word(reader, table.get("effect"), (*path, "effect"), QuietEffect.SILENT)
    if start is None or end is None:
        return None
    if start == end:
        reader.wrong((*path, "to"), "'from' and 'to' are the same time, so no hour is quiet.")
    return Quiet(start, end, zone, effect)
