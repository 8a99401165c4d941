"""Run the stand-in as a process and give it orders; for tests, benchmarks and the demo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playground.stand_in import NOTHING, give, started

READY = "Discord stand-in ready: "


@dataclass(frozen=True, slots=True)
class StandIn:
    """Give orders to a running stand-in; see the package's docstring for what they mean."""

    address: str  # http://127.0.0.1:PORT

    @property
    def api(self) -> str:
        """Return the base of the API, for DISCORD_API_BASE_URL."""
        return f"{self.address}/api/v10"

    @property
    def gateway(self) -> str:
        """Return the gateway's address, for DISCORD_GATEWAY_URL."""
        return f"{self.address.replace('http', 'ws', 1)}/gateway"

    def order(
        self,
        method: str,
        path: str,
        body: object = NOTHING,
        query: Mapping[str, object] | None = None,
    ) -> Any:
        """Send one order to `/control/`*path*; raises OrderRefused."""
        return give(self.address, method, path, body, query)

    def reset(self) -> None:
        """Put everything back to the start."""
        self.order("POST", "reset")

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self.order("POST", "clock", {"advance_seconds": seconds})

    def set_clock(self, offset_seconds: float) -> None:
        """Set how far the clock is off."""
        self.order("POST", "clock", {"offset_seconds": offset_seconds})

    def set_limits(self, **limits: object) -> None:
        """Change limits, such as `messages="5/5"` or `old_edits="off"`."""
        self.order("PATCH", "limits", limits)

    def revoke_token(self, *, revoked: bool = True) -> None:
        """Revoke the bot's token, or make it valid again."""
        self.order("PUT", "token", {"revoked": revoked})

    def set_channel(self, channel_id: str, **channel: object) -> None:
        """Make or change a channel; `deny=["SEND_MESSAGES"]` takes permissions."""
        self.order("PUT", f"channels/{channel_id}", channel)

    def remove_channel(self, channel_id: str) -> None:
        """Delete a channel."""
        self.order("DELETE", f"channels/{channel_id}")

    def add_fault(self, do: str, **fault: object) -> str:
        """Order a fault and return its id."""
        return str(self.order("POST", "faults", {"do": do, **fault})["id"])

    def clear_faults(self) -> None:
        """Clear all faults."""
        self.order("DELETE", "faults")

    def gateway_state(self) -> dict[str, Any]:
        """Read the gateway's counts, sessions and the presence others see."""
        found: dict[str, Any] = self.order("GET", "gateway")
        return found

    def break_gateway(self, do: str, **how: object) -> None:
        """Do `close`, `drop`, `reconnect` or `invalidate` to every connection."""
        self.order("POST", "gateway", {"do": do, **how})

    def set_gateway(self, **settings: object) -> None:
        """Change how the gateway behaves, such as `accepts=False` or `identify_close=4014`."""
        self.order("PATCH", "gateway", settings)

    def messages(self, channel_id: str | None = None) -> list[dict[str, Any]]:
        """Read all messages, deleted ones too, with every version they had."""
        found: list[dict[str, Any]] = self.order(
            "GET", "messages", query={"channel_id": channel_id}
        )
        return found

    def delete_message(self, message_id: str) -> None:
        """Delete a message as a person does."""
        self.order("DELETE", f"messages/{message_id}")

    def requests(self, **chosen: object) -> list[dict[str, Any]]:
        """Read the request log, filtered by `after`, `limit`, `method` or `route`."""
        found: list[dict[str, Any]] = self.order("GET", "requests", query=chosen)
        return found

    def refusals(self) -> list[dict[str, Any]]:
        """Read the requests whose payload was refused."""
        found: list[dict[str, Any]] = self.order("GET", "refusals")
        return found

    def counts(self) -> dict[str, Any]:
        """Read the counts."""
        found: dict[str, Any] = self.order("GET", "counts")
        return found


@contextmanager
def running(*arguments: str) -> Iterator[StandIn]:
    """Start a stand-in on a free port, and stop it at the end."""
    with started("playground.discord", READY, arguments) as address:
        yield StandIn(address)
