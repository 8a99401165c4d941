"""The errors of the bridge, in one tree.

    BridgeError
    ├── Refused (reason)     a request that is not authentic or is malformed
    │   ├── NotAuthentic     → 401
    │   ├── Malformed        → 400
    │   ├── AnsweredBefore   → 409
    │   └── PushRefused      → its own status: what somebody pushed cannot be taken
    ├── StoreUnavailable     → the spool, and 503 when that fails too
    └── LeaseLost            the worker stops acting until it holds the lease again

Outcomes that a caller must branch on are values, never exceptions: see
`server.core.discord.answers`. Wrong settings end a program before it begins: `runtime.errors`.
"""

from collections.abc import Mapping


class BridgeError(Exception):
    """Be the root of every error that this project raises."""


class Refused(BridgeError):
    """Say that a request is refused; *reason* is a constant, *detail* a sentence for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class NotAuthentic(Refused):
    """Say that nothing proves that the request comes from Drone, or from Discord."""


class Malformed(Refused):
    """Say that an authentic request cannot be read."""


class AnsweredBefore(Refused):
    """Say that an interaction comes a second time."""


class PushRefused(Refused):
    """Say that what somebody pushed cannot be taken, with the HTTP status that says so best."""

    def __init__(
        self, status: int, reason: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason, detail)
        self.status = status
        self.headers = headers or {}


class StoreUnavailable(BridgeError):
    """Say that the store did not take or give a document in time."""


class LeaseLost(BridgeError):
    """Say that another worker holds the lease now."""
