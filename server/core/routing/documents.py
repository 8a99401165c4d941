"""How a branch's memory, and a placement on a card, look in the store.

What is missing or of another type reads as unknown, so older and newer documents stay readable.
"""

from enum import StrEnum
from typing import TypeVar

from server.core.json_reader import Json, flag, integer, rows, table, text
from server.core.routing.memory import BranchMemory, Ending, RedRun
from server.core.routing.reason import Reason, ReasonCode, Verdict
from server.core.routing.router import Placement
from server.core.routing.rules import Channel, Layout, Thread

Word = TypeVar("Word", bound=StrEnum)


def memory_document(memory: BranchMemory) -> dict[str, object]:
    """Write a memory as a document."""
    run = memory.before
    return {
        "endings": [
            {
                "number": one.number,
                "bad": one.is_bad,
                "steps": list(one.failed_steps),
                "at": one.at,
                "seconds": one.seconds,
                "author": one.author,
            }
            for one in memory.endings
        ],
        "before": run
        and {"number": run.number, "at": run.at, "builds": run.builds, "author": run.author},
        "passed_before": memory.passed_before,
        "durations": [
            {"number": number, "seconds": seconds} for number, seconds in memory.durations
        ],
    }


def read_memory(document: Json) -> BranchMemory:
    """Read a memory from its document."""
    run = table(document, "before")
    return BranchMemory(
        endings=tuple(
            Ending(
                integer(row, "number"),
                flag(row, "bad"),
                _texts(row, "steps"),
                integer(row, "at"),
                integer(row, "seconds"),
                text(row, "author"),
            )
            for row in rows(document, "endings")
        ),
        before=None if run is None else _run(run),
        passed_before=integer(document, "passed_before"),
        durations=tuple(
            (integer(row, "number"), integer(row, "seconds")) for row in rows(document, "durations")
        ),
    )


def placement_document(placement: Placement) -> dict[str, object]:
    """Write what a card keeps of its placement; its pings are those of the rules at their time."""
    return {
        "channel": {"name": placement.channel.name, "id": placement.channel.id},
        "route": placement.route,
        "verdict": placement.verdict.value,
        "reason": {
            "code": placement.reason.code.value,
            "matched": [
                {"field": field, "pattern": pattern} for field, pattern in placement.reason.matched
            ],
            "fallback": placement.reason.is_fallback,
        },
        "silent": placement.is_silent,
        "thread": placement.thread.value,
        "layout": placement.layout.value,
    }


def read_placement(document: Json) -> Placement:
    """Read a placement from its document."""
    channel = table(document, "channel") or {}
    reason = table(document, "reason") or {}
    return Placement(
        channel=Channel(text(channel, "name"), text(channel, "id")),
        route=text(document, "route"),
        verdict=_word(document, "verdict", Verdict.SHOWN),
        reason=Reason(
            _word(reason, "code", ReasonCode.SHOWS_ALL),
            tuple((text(row, "field"), text(row, "pattern")) for row in rows(reason, "matched")),
            flag(reason, "fallback"),
        ),
        is_silent=flag(document, "silent"),
        thread=_word(document, "thread", Thread.NEVER),
        layout=_word(document, "layout", Layout.FULL),
    )


def _run(row: Json) -> RedRun:
    return RedRun(
        integer(row, "number"), integer(row, "at"), integer(row, "builds"), text(row, "author")
    )


def _texts(source: Json, key: str) -> tuple[str, ...]:
    value = source.get(key)
    items = value if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, str))


def _word(source: Json, key: str, default: Word) -> Word:
    """Read one of our words; what a newer version may have written reads as *default*."""
    value = text(source, key)
    return type(default)(value) if value in tuple(type(default)) else default
