"""The errors of the bridge, in one tree.

    BridgeError
    ├── Refused (reason)     a request that is not authentic or is malformed
    │   ├── NotAuthentic     → 401
    │   ├── Malformed        → 400
    │   ├── AnsweredBefore   → 409
    │   └── PushRefused      → its own status: a pushed message cannot be taken
    ├── StoreUnavailable     → the spool, and 503 when that fails too
    └── LeaseLost            the worker stops acting until it holds the lease again

Outcomes that a caller must branch on are values, never exceptions: see
`server.core.discord.answers`. Wrong settings end a program before it begins: `runtime.errors`.
"""

from collections.abc import Mapping
from types import MappingProxyType


class BridgeError(Exception):
    """The root of every error that this project raises."""


class Refused(BridgeError):
    """A request is refused; *reason* is a constant, *detail* a sentence for people.

    A subclass has the HTTP *status* of its parent unless it names its own.
    """

    status = 400
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class NotAuthentic(Refused):
    """Nothing proves that the request comes from Drone, or from Discord."""

    status = 401


class Malformed(Refused):
    """An authentic request cannot be read."""


class AnsweredBefore(Refused):
    """An interaction comes a second time."""

    status = 409


class PushRefused(Refused):
    """A pushed message cannot be taken; its *status* says why best."""

    def __init__(
        self, status: int, reason: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason, detail)
        self.status = status
        self.headers = headers or {}


class StoreUnavailable(BridgeError):
    """The store did not take or give a document in time."""


class LeaseLost(BridgeError):
    """Say that another worker holds the lease now."""
