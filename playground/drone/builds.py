"""Play scenarios as a library: what tests, benchmarks and the command line build on."""

from collections.abc import Callable, Iterator

from playground.drone.delivery import Delivery
from playground.drone.loop import Process
from playground.drone.scenarios import SCENARIOS
from playground.drone.server import Server
from playground.drone.world import new_server

Scenario = Callable[[Server], Process | None]


def play(
    *scenarios: str | Scenario,
    seed: int = 1,
    start: int = 1_767_225_600,
    scale: float = 1.0,
    first_id: int = 1000,
    first_number: int = 1,
    link: str = "https://drone.example.com",
) -> list[Delivery]:
    """Play *scenarios* one after the other on a new server, and give all it sent, in order.

    The same arguments give the same bytes. *start* is in Unix seconds, and *scale* shortens what
    the deliveries tell of time: with 0 everything happens at *start*.
    """
    server = new_server(
        seed, start, scale=scale, first_id=first_id, first_number=first_number, link=link
    )
    return [delivery for scenario in scenarios for delivery in stream(server, scenario)]


def stream(server: Server, *scenarios: str | Scenario) -> Iterator[Delivery]:
    """Play *scenarios* side by side on *server*, and give what it sends while it is played."""
    for scenario in scenarios:
        story = SCENARIOS[scenario] if isinstance(scenario, str) else scenario
        process = story(server)
        if process is not None:
            server.loop.start(process)
    return server.deliveries()
