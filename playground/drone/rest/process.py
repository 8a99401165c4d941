"""Run the stand-in as a process and give it orders; for tests, benchmarks and the demo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playground.stand_in import NOTHING, give, started

READY = "Drone stand-in ready: "


@dataclass(frozen=True, slots=True)
class DroneStandIn:
    """Give orders to a running stand-in; see the package's docstring for what they mean."""

    address: str  # http://127.0.0.1:PORT, for DRONE_SERVER

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

    def set_speed(self, speed: float) -> None:
        """Let time pass at *speed* simulated seconds a second, or not at all."""
        self.order("PATCH", "time", {"speed": speed})

    def leap(self, seconds: float | None = None, *, lost: bool = False) -> None:
        """Let simulated *seconds* pass at once, or all that is left to happen."""
        self.order("POST", "time", {"seconds": seconds, "lost": lost})

    def send_to(self, endpoint: str, secret: str) -> None:
        """Send webhooks to *endpoint*, signed with *secret*."""
        self.order("PUT", "webhooks", {"endpoint": endpoint, "secret": secret})

    def lose_webhooks(self, *, lost: bool = True) -> None:
        """Lose webhooks from now on, or no more."""
        self.order("PUT", "webhooks", {"lost": lost})

    def webhooks(self) -> list[dict[str, Any]]:
        """Read what was sent or lost, once all were answered."""
        found: list[dict[str, Any]] = self.order("GET", "webhooks")
        return found

    def play(self, *scenarios: str, age_seconds: int = 0, again: bool = False) -> None:
        """Begin stories side by side; *again* tells them over and over."""
        order = {"scenarios": scenarios, "age_seconds": age_seconds, "again": again}
        self.order("POST", "scenarios", order)

    def add_build(self, **build: object) -> dict[str, Any]:
        """Make a build and return it, with its `slug`."""
        made: dict[str, Any] = self.order("POST", "builds", build)
        return made

    def edit_build(self, slug: str, number: int, **columns: object) -> dict[str, Any]:
        """Change a build behind everybody's back and return it."""
        edited: dict[str, Any] = self.order("PATCH", f"builds/{slug}/{number}", columns)
        return edited

    def forget_build(self, slug: str, number: int) -> None:
        """Purge a build."""
        self.order("DELETE", f"builds/{slug}/{number}")

    def set_log(
        self,
        slug: str,
        number: int,
        stage: int,
        step: int,
        lines: Sequence[Mapping[str, object]] | None,
    ) -> None:
        """Hand in a step's log; None is the `null` of a step that printed nothing."""
        self.order("PUT", f"builds/{slug}/{number}/logs/{stage}/{step}", lines)

    def forget_log(self, slug: str, number: int, stage: int, step: int) -> None:
        """Take a step's log away, as before it was handed in."""
        self.order("DELETE", f"builds/{slug}/{number}/logs/{stage}/{step}")

    def set_repo(self, slug: str, **columns: object) -> dict[str, Any]:
        """Make or change a repository and return it."""
        repo: dict[str, Any] = self.order("PUT", f"repos/{slug}", columns)
        return repo

    def rename_repo(self, slug: str, new: str) -> None:
        """Give a repository another name; nobody is told."""
        self.order("PUT", f"repos/{slug}", {"slug": new})

    def forget_repo(self, slug: str) -> None:
        """Remove a repository, with Drone's webhook."""
        self.order("DELETE", f"repos/{slug}")

    def set_account(self, login: str, **account: object) -> dict[str, Any]:
        """Make or change an account and return it."""
        user: dict[str, Any] = self.order("PUT", f"accounts/{login}", account)
        return user

    def revoke_token(self, login: str, *, revoked: bool = True) -> None:
        """Revoke an account's token, or make it valid again."""
        self.set_account(login, revoked=revoked)

    def add_fault(self, do: str, **fault: object) -> str:
        """Order a fault and return its id."""
        return str(self.order("POST", "faults", {"do": do, **fault})["id"])

    def clear_faults(self) -> None:
        """Clear all faults."""
        self.order("DELETE", "faults")

    def requests(self, **chosen: object) -> list[dict[str, Any]]:
        """Read the request log, filtered by `after`, `method` or `route`."""
        found: list[dict[str, Any]] = self.order("GET", "requests", query=chosen)
        return found

    def counts(self) -> dict[str, Any]:
        """Read the counts."""
        found: dict[str, Any] = self.order("GET", "counts")
        return found


@contextmanager
def running(*arguments: str) -> Iterator[DroneStandIn]:
    """Start a stand-in on a free port, and stop it at the end."""
    with started("playground.drone.rest", READY, arguments) as address:
        yield DroneStandIn(address)
