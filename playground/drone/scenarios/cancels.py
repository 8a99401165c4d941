"""Play builds that people, newer builds or Drone itself cancel, and the races this makes."""

from playground.drone import hooks
from playground.drone.canceler import cancel
from playground.drone.loop import Process
from playground.drone.pipeline import StepPlan, stage, three_stages, usual_pipeline
from playground.drone.rows import Build
from playground.drone.server import Server
from playground.drone.trigger import create_build
from playground.drone.world import HELLO, SHOP, SITE

QUICK = 0.3  # The SCM answers before a runner notices.
SLOW = 2.0  # A runner notices before the SCM answers.


def _started(server: Server) -> Build:
    steps = (StepPlan("test", seconds=30.0), StepPlan("build"))
    hook = hooks.push(server.repos[HELLO], server.random)
    return create_build(server, HELLO, hook, [stage("default", *steps)])


def cancel_by_person(server: Server) -> Process:
    """Cancel a build while it tests."""
    build = _started(server)
    yield 20.0
    yield from cancel(server, build.id, commit_status_seconds=QUICK)


def cancel_while_cloning(server: Server) -> Process:
    """Cancel a build while its first step runs: the shortest story with a cancel."""
    hook = hooks.push(server.repos[HELLO], server.random)
    build = create_build(server, HELLO, hook, [stage("default", StepPlan("test"))])
    yield 4.0
    yield from cancel(server, build.id, commit_status_seconds=QUICK)


def cancel_queued(server: Server) -> Process:
    """Cancel a build with three stages before any runner took it."""
    hook = hooks.pull_request(server.repos[SHOP], server.random, number=13)
    build = create_build(server, SHOP, hook, three_stages())
    yield 1.0
    yield from cancel(server, build.id, commit_status_seconds=QUICK)


def cancel_race(server: Server) -> Process:
    """Cancel a build and get two endings, the newer first."""
    build = _started(server)
    yield 20.0
    yield from cancel(server, build.id, commit_status_seconds=SLOW)


def cancel_race_reversed(server: Server) -> Process:
    """Cancel a build and get two endings, the older first."""
    build = _started(server)
    server.late_endings[build.id] = SLOW
    yield 20.0
    yield from cancel(server, build.id, commit_status_seconds=SLOW)


def cancel_race_stale(server: Server) -> Process:
    """Cancel a build and get two endings; the second tells its content with old versions."""
    build = _started(server)
    yield 20.0
    yield from cancel(server, build.id, commit_status_seconds=QUICK, rewrite_seconds=SLOW)


def auto_cancel(server: Server) -> Process:
    """Push twice in a row: the first build is skipped while it waits."""
    yield from _push_twice(server, 1.0)


def auto_cancel_running(server: Server) -> Process:
    """Push again while the first build runs: it is skipped."""
    yield from _push_twice(server, 20.0)


def _push_twice(server: Server, pause: float) -> Process:
    for _ in range(2):
        hook = hooks.push(server.repos[SITE], server.random, branch="spring", author="ada")
        create_build(server, SITE, hook, usual_pipeline())
        yield pause


STORIES = (
    cancel_by_person,
    cancel_while_cloning,
    cancel_queued,
    cancel_race,
    cancel_race_reversed,
    cancel_race_stale,
    auto_cancel,
    auto_cancel_running,
)
