"""Let simulated time pass beside the real one; the stand-in's only reader of a clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import inf

from playground.drone.delivery import Delivery
from playground.drone.server import Server


class Flow:
    """Move a server's time at *speed* simulated seconds a second; at 0 only orders move it.

    What the server shows of time never lags behind the machine's clock.
    """

    def __init__(self, server: Server, speed: float) -> None:
        """Start at the machine's time."""
        self._server = server
        self.speed = 0.0
        self.set_speed(speed)

    def set_speed(self, speed: float) -> None:
        """Go on at another speed."""
        server = self._server
        shown = server.now()
        self.speed = speed
        server.scale = 1 / speed if speed else 1.0
        server.start = shown - int(server.loop.elapsed * server.scale)
        self._anchor()

    def pass_by(self) -> Iterator[Delivery]:
        """Let happen what is due by now, and give what is sent."""
        if self.speed:
            passed = (time.monotonic() - self._anchored_at) * self.speed
            yield from self._server.deliveries(self._anchored_elapsed + passed)
        else:
            yield from self._server.deliveries(self._server.loop.elapsed)
        self._server.start += max(0, int(time.time()) - self._server.now())

    def leap(self, seconds: float = inf) -> Iterator[Delivery]:
        """Let *seconds* pass at once, or all that is left to happen."""
        yield from self._server.deliveries(self._server.loop.elapsed + seconds)
        self._anchor()

    def wait_seconds(self, longest: float) -> float:
        """Say in how many real seconds something is due, at most *longest*."""
        if not self.speed:
            return longest
        simulated = self._server.loop.due_at() - self._server.loop.elapsed
        return max(0.0, min(longest, simulated / self.speed))

    def _anchor(self) -> None:
        self._anchored_at = time.monotonic()
        self._anchored_elapsed = self._server.loop.elapsed
