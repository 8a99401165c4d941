"""Tell the stories the player knows, by name; a story starts builds and waits, no more."""

from collections.abc import Callable, Mapping

from playground.drone.loop import Process
from playground.drone.scenarios import accounts, cancels, endings, everyday, hostile, many
from playground.drone.server import Server

Scenario = Callable[[Server], Process | None]

SCENARIOS: Mapping[str, Scenario] = {
    scenario.__name__: scenario
    for module in (everyday, endings, cancels, hostile, many, accounts)
    for scenario in module.STORIES
}


def summary(name: str) -> str:
    """Say in one line what happens in a scenario."""
    return (SCENARIOS[name].__doc__ or "").strip().partition("\n")[0]
