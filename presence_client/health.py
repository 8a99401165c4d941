"""Read what the health endpoint answers. Pure; `probe` does the asking."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

OK, DEGRADED, FAILING = "ok", "degraded", "failing"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the bridge looked at."""

    name: str
    status: str
    detail: str = ""
    reason: str = ""  # a constant; "" where all is well, and of an older server


@dataclass(frozen=True, slots=True)
class Report:
    """A good answer: the bridge works, or works with trouble."""

    is_degraded: bool
    checks: tuple[Check, ...] = ()
    running: int = 0  # builds
    waiting: int = 0  # cards that wait for Discord, and deliveries that wait for MongoDB


@dataclass(frozen=True, slots=True)
class Bad:
    """No good answer; *reason* is a constant."""

    reason: str


Answer = Report | Bad


def read_answer(status_code: int, body: bytes) -> Answer:
    """Tell what an HTTP answer says; whatever is not clearly good is bad."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    status = found.get("status") if isinstance(found, Mapping) else None
    if status == FAILING:
        return Bad("failing")
    if status_code != 200:
        return Bad(f"status_{status_code}")
    if not isinstance(found, Mapping) or status not in (OK, DEGRADED):
        return Bad("unreadable")
    counts = _mapping(found.get("counts"))
    return Report(
        is_degraded=status == DEGRADED,
        checks=_checks(_mapping(found.get("checks"))),
        running=_count(counts, "running"),
        waiting=_count(counts, "waiting") + _count(counts, "spooled"),
    )


def _checks(found: Mapping[str, object]) -> tuple[Check, ...]:
    checks = ((name, _mapping(check)) for name, check in found.items())
    return tuple(
        Check(name, *(str(check.get(key, "")) for key in ("status", "detail", "reason")))
        for name, check in checks
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _count(counts: Mapping[str, object], name: str) -> int:
    value = counts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
