"""The plan of a storm: which webhook comes when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.webhooks import by_build
from playground.drone.delivery import Delivery

RATE = 5  # requests of a kind that Discord takes in a window
REAL_WINDOW_SECONDS = 5.0
GOLDEN = 0.618034  # spreads the lengths evenly, without chance


@dataclass(frozen=True, slots=True)
class Storm:
    """So many builds of so many webhooks, at Discord's rate or with a shorter window."""

    builds: int = 200
    webhooks: int = 30
    window: float = 1.5

    @property
    def ideal(self) -> float:
        """Return the seconds that Discord takes for the creates alone."""
        return self.builds / RATE * self.window

    @property
    def limits(self) -> tuple[str, str]:
        """Return the stand-in's argument for the rate."""
        return "--messages-limit", f"{RATE}/{self.window:g}"

    def schedule(self, deliveries: Sequence[Delivery]) -> list[tuple[float, Delivery]]:
        """Spread the deliveries over the storm.

        Builds begin evenly until 80 % of the ideal time, a quarter faster than Discord takes
        messages, and each lasts from one window to 20 % of that time. Many therefore end before
        they can be shown; were it faster still, endings would have to wait for a create whatever
        the bridge did.
        """
        return sorted(
            (
                (at, delivery)
                for number, build in enumerate(by_build(deliveries))
                for at, delivery in self._spread(number, build)
            ),
            key=lambda pair: pair[0],
        )

    def _spread(self, number: int, build: list[Delivery]) -> Iterator[tuple[float, Delivery]]:
        start = 0.8 * self.ideal * number / self.builds
        longest = max(self.window, 0.2 * self.ideal)
        span = self.window + (longest - self.window) * (GOLDEN * number % 1)
        for index, delivery in enumerate(build):
            yield start + span * index / (len(build) - 1), delivery

    @property
    def scale(self) -> str:
        """Say how the window differs from Discord's."""
        if self.window == REAL_WINDOW_SECONDS:
            return "At Discord's own rate."
        factor = REAL_WINDOW_SECONDS / self.window
        return (
            f"{RATE} per {self.window:g} s in place of {RATE} per {REAL_WINDOW_SECONDS:g} s: what "
            f"the bridge waits for by itself weighs {factor:g} times as much."
        )
