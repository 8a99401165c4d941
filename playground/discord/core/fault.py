"""Decide which requests go wrong on purpose; must not carry the fault out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord.core.limit import OLD_EDIT_CODE, OLD_EDIT_MESSAGE, Scope, TooMany

ANSWER, PAGE, RESET, SLOW, LIMIT, REVERT = "answer", "page", "reset", "slow", "limit", "revert"
KINDS = (ANSWER, PAGE, RESET, SLOW, LIMIT, REVERT)
# Faults that are over are kept for their hits to be read, but not without end.
MAX_FAULTS = 1000
SCOPES = ("user", "sublimit", "shared", "global", "cloudflare")
_SENTENCES = {
    401: "401: Unauthorized",
    403: "Missing Permissions",
    404: "404: Not Found",
    500: "500: Internal Server Error",
    502: "502: Bad Gateway",
    503: "503: Service Unavailable",
}


@dataclass(slots=True)
class Fault:
    """Hold one thing that goes wrong, and for whom."""

    id: str
    do: str
    when: str = "before"  # before or after the request took effect
    method: str | None = None  # None matches every method, and so on
    route: str | None = None  # as in the request log: /channels/{channel_id}/messages
    channel_id: str | None = None
    skip: int = 0  # matching requests to leave alone first
    times: int | None = 1  # requests to hit; None means until it is cleared
    until: float | None = None  # the instant at which the fault clears itself
    seconds: float = 0.0  # how long to wait before going wrong
    status: int = 500
    code: int = 0
    message: str = ""
    errors: Mapping[str, object] = field(default_factory=dict)
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    scope: str = "user"
    retry_after: float = 1.0
    hits: int = 0

    def matches(self, method: str, route: str, channel_id: str | None) -> bool:
        """Tell whether a request is one of those meant."""
        return (
            self.method in (None, method)
            and self.route in (None, route)
            and self.channel_id in (None, channel_id)
        )

    def is_over(self, now: float) -> bool:
        """Tell whether the fault has done all it was to do."""
        ended = self.until is not None and now >= self.until
        return ended or (self.times is not None and self.hits >= self.times)

    def too_many(self, now: float) -> TooMany:
        """Build the 429 this fault stands for; a timed one counts its seconds down."""
        wait = self.retry_after if self.until is None else self.until - now
        if self.scope == "shared":
            return TooMany("shared", wait, self.code, "The resource is being rate limited.")
        if self.scope == "sublimit":
            code, message = self.code or OLD_EDIT_CODE, self.message or OLD_EDIT_MESSAGE
            return TooMany("user", wait, code, message)
        scope: Scope = "user"
        if self.scope in ("global", "cloudflare"):
            scope = "global" if self.scope == "global" else "cloudflare"
        return TooMany(scope, wait, self.code)

    def sentence(self) -> str:
        """Return the message of the JSON error this fault answers with."""
        return self.message or _SENTENCES.get(self.status, f"{self.status}: Error")


@dataclass(slots=True)
class Faults:
    """Keep the faults that were ordered, oldest first."""

    ordered: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, fault: Fault) -> None:
        """Order a fault."""
        self.ordered = [*self.ordered[-MAX_FAULTS:], fault]

    def claim(self, method: str, route: str, channel_id: str | None, now: float) -> Fault | None:
        """Return the fault that hits this request, if any, and count the hit."""
        for fault in self.ordered:
            if not fault.is_over(now) and fault.matches(method, route, channel_id):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.hits += 1
                return fault
        return None
