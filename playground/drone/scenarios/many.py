"""Play much at once: a large build, and many builds side by side."""

from collections.abc import Callable

from playground.drone import hooks
from playground.drone.loop import Process
from playground.drone.pipeline import monorepo as plan_monorepo
from playground.drone.scenarios import cancels, endings, everyday
from playground.drone.server import Server
from playground.drone.trigger import create_build
from playground.drone.world import MONOREPO

STORM_BUILDS = 20
_WEATHER: tuple[Callable[[Server], Process | None], ...] = (
    everyday.push,
    everyday.push,
    everyday.pull_request,
    everyday.cron,
    everyday.promotion,
    endings.failing_push,
    endings.ignored_failure,
    endings.step_error,
    cancels.cancel_by_person,
    endings.services,
)


def monorepo(server: Server) -> None:
    """Push to a monorepo: 24 stages of 6 steps, most of them side by side."""
    large_build(24, 6)(server)


def large_build(stages: int, steps: int) -> Callable[[Server], None]:
    """Make a scenario of one build with *stages* stages of *steps* steps."""

    def scenario(server: Server) -> None:
        hook = hooks.push(server.repos[MONOREPO], server.random, message="Touch every package")
        create_build(server, MONOREPO, hook, plan_monorepo(stages, steps))

    return scenario


def storm(server: Server) -> Process:
    """Start 20 builds of all kinds within a few seconds."""
    yield from storm_of(STORM_BUILDS)(server)


def storm_of(builds: int, seconds: float = 10.0) -> Callable[[Server], Process]:
    """Make a scenario that starts *builds* builds of all kinds, spread over *seconds*."""

    def scenario(server: Server) -> Process:
        for number in range(builds):
            process = _WEATHER[number % len(_WEATHER)](server)
            if process is not None:
                server.loop.start(process)
            yield server.random.uniform(0.0, 2 * seconds / builds)

    return scenario


STORIES = (monorepo, storm)
