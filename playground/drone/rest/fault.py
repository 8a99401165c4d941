"""Decide which requests go wrong on purpose; must not carry the fault out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord.services.order import Order

KINDS = ("answer", "page", "reset", "slow", "hang", "cut", "drip")
ANSWER, PAGE, RESET, SLOW, HANG, CUT, DRIP = KINDS
# What comes instead of an answer, and what leaves the caller without one.
INSTEAD = (ANSWER, PAGE, RESET, HANG)
SILENT = (RESET, HANG)
HANG_SECONDS = 3600.0
_KEYS = (
    *("do", "when", "method", "route", "path", "skip", "times", "for_seconds"),
    *("seconds", "status", "message", "body", "headers"),
)
_SENTENCES = {401: "Unauthorized", 404: "Not Found", 409: "Optimistic Lock Error"}


@dataclass(slots=True)
class Fault:
    """Hold one thing that goes wrong, and for whom."""

    id: str
    do: str
    when: str = "before"  # before or after the request took effect
    method: str | None = None  # None matches every method, and so on
    route: str | None = None  # as in the request log: /api/repos/{namespace}/{name}
    path: str | None = None  # as in the request log, without the query
    skip: int = 0  # matching requests to leave alone first
    times: int | None = 1  # requests to hit; None means until it is cleared
    until: float | None = None  # the instant at which the fault clears itself
    seconds: float = 0.0
    status: int = 500
    message: str = ""
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hits: int = 0

    def matches(self, method: str, route: str, path: str) -> bool:
        """Tell whether a request is one of those meant."""
        return (
            self.method in (None, method)
            and self.route in (None, route)
            and self.path in (None, path)
        )

    def is_over(self, now: float) -> bool:
        """Tell whether the fault has done all it was to do."""
        ended = self.until is not None and now >= self.until
        return ended or (self.times is not None and self.hits >= self.times)

    def to_json(self) -> dict[str, object]:
        """Show the fault and how often it has hit."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Faults:
    """Keep the faults that were ordered, oldest first."""

    ordered: list[Fault] = field(default_factory=list)
    count: int = 0

    def order(self, body: object, now: float) -> Fault:
        """Read the order for one fault; `times: 0` or `for_seconds` means not to count."""
        fault = _read(body, str(self.count + 1), now)
        self.count += 1
        self.ordered.append(fault)
        return fault

    def clear(self, chosen: str | None) -> None:
        """Forget one fault, or all."""
        self.ordered = [one for one in self.ordered if chosen not in (None, one.id)]

    def claim(self, method: str, route: str, path: str, now: float) -> Fault | None:
        """Return the fault that hits this request, if any, and count the hit."""
        for fault in self.ordered:
            if not fault.is_over(now) and fault.matches(method, route, path):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.hits += 1
                return fault
        return None


def _read(body: object, identity: str, now: float) -> Fault:
    order = Order(body, _KEYS)
    lasts = order.seconds("for_seconds")
    times = order.integer("times", 0 if lasts else 1)
    status = order.integer("status", 500)
    message = order.text("message") or _SENTENCES.get(status, "Internal Server Error")
    return Fault(
        id=identity,
        do=order.choice("do", KINDS, ""),
        when=order.choice("when", ("before", "after"), "before"),
        method=order.optional_text("method"),
        route=order.optional_text("route"),
        path=order.optional_text("path"),
        skip=order.integer("skip", 0),
        times=times or None,
        until=now + lasts if lasts else None,
        seconds=order.seconds("seconds"),
        status=status,
        message=message,
        body=order.body.get("body", {"message": message}),
        headers={name: str(value) for name, value in order.mapping("headers").items()},
    )
