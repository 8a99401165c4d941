"""Read what a control endpoint is ordered to do; unknown keys are refused, not ignored."""

from __future__ import annotations

from collections.abc import Mapping

from playground.discord.core.fault import KINDS, SCOPES, Fault


class BadOrder(Exception):
    """Say in a sentence what is wrong with an order."""


class Order:
    """Read typed values out of a control request's body."""

    def __init__(self, body: object, known: tuple[str, ...]) -> None:
        """Take the body, which must be an object with no other keys than *known*."""
        if not isinstance(body, dict):
            raise BadOrder("the body must be a JSON object")
        if unknown := sorted(set(body) - set(known)):
            raise BadOrder(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
        self.body: Mapping[str, object] = body

    def has(self, name: str) -> bool:
        """Tell whether *name* was given."""
        return self.body.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Read a text."""
        return str(self._read(name, default, str))

    def optional_text(self, name: str) -> str | None:
        """Read a text, or None if it was not given."""
        return self.text(name) if self.has(name) else None

    def integer(self, name: str, default: int) -> int:
        """Read a whole number."""
        value = self._read(name, default, int)
        return value if isinstance(value, int) else default

    def seconds(self, name: str, default: float = 0.0) -> float:
        """Read a number of seconds."""
        value = self._read(name, default, int, float)
        return float(value) if isinstance(value, int | float) else default

    def flag(self, name: str, *, default: bool) -> bool:
        """Read a truth value."""
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise BadOrder(f"{name} must be true or false")
        return value

    def mapping(self, name: str) -> Mapping[str, object]:
        """Read an object."""
        value = self._read(name, {}, dict)
        return value if isinstance(value, dict) else {}

    def texts(self, name: str) -> list[str]:
        """Read a list of texts."""
        value = self._read(name, [], list)
        return [str(one) for one in value] if isinstance(value, list) else []

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Read one of the words allowed."""
        word = self.text(name, default)
        if word not in allowed:
            raise BadOrder(f"{name} must be one of {', '.join(allowed)}")
        return word

    def _read(self, name: str, default: object, *kinds: type) -> object:
        value = self.body.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise BadOrder(f"{name} must be {' or '.join(one.__name__ for one in kinds)}")
        return value


_FAULT_KEYS = (
    *("do", "when", "method", "route", "channel_id", "skip", "times", "for_seconds", "seconds"),
    *("status", "code", "message", "errors", "html", "headers", "scope", "retry_after"),
)


def read_fault(body: object, identity: str, now: float) -> Fault:
    """Read the order for one fault; `times: 0` or `for_seconds` means not to count."""
    order = Order(body, _FAULT_KEYS)
    lasts = order.seconds("for_seconds")
    times = order.integer("times", 0 if lasts else 1)
    return Fault(
        id=identity,
        do=order.choice("do", KINDS, ""),
        when=order.choice("when", ("before", "after"), "before"),
        method=order.optional_text("method"),
        route=order.optional_text("route"),
        channel_id=order.optional_text("channel_id"),
        skip=order.integer("skip", 0),
        times=times or None,
        until=now + lasts if lasts else None,
        seconds=order.seconds("seconds"),
        status=order.integer("status", 500),
        code=order.integer("code", 0),
        message=order.text("message"),
        errors=order.mapping("errors"),
        html=order.text("html"),
        headers={name: str(value) for name, value in order.mapping("headers").items()},
        scope=order.choice("scope", SCOPES, "user"),
        retry_after=order.seconds("retry_after", 1.0),
    )
