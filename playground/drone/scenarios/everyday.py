"""Play the eight kinds of build, each as it usually goes."""

from dataclasses import replace

from playground.drone import hooks
from playground.drone.approval import approve, decline
from playground.drone.loop import Process
from playground.drone.pipeline import StepPlan, deployment, stage, three_stages, usual_pipeline
from playground.drone.rows import Build
from playground.drone.server import Server
from playground.drone.trigger import create_build
from playground.drone.world import HELLO, SHOP


def _earlier(server: Server, slug: str) -> Build:
    """Invent a build of before the play that something can be done to now."""
    repo = server.repos[slug]
    repo.counter += 1
    repo.version += 1
    return replace(hooks.push(replace(repo), server.random), number=repo.counter)


def push(server: Server) -> None:
    """Push a commit; its tests pass."""
    create_build(server, HELLO, hooks.push(server.repos[HELLO], server.random), usual_pipeline())


def pull_request(server: Server) -> None:
    """Open a pull request; one of its three stages fails, so the third is skipped."""
    hook = hooks.pull_request(server.repos[SHOP], server.random)
    create_build(server, SHOP, hook, three_stages(test_exit_code=1))


def tag(server: Server) -> None:
    """Push a tag; the release is built."""
    create_build(server, HELLO, hooks.tag(server.repos[HELLO], server.random), usual_pipeline())


def cron(server: Server) -> None:
    """Run the nightly build; all three stages pass."""
    create_build(server, SHOP, hooks.cron(server.repos[SHOP], server.random), three_stages())


def custom(server: Server) -> None:
    """Start a build by hand with parameters."""
    create_build(server, HELLO, hooks.custom(server.repos[HELLO], server.random), usual_pipeline())


def promotion(server: Server) -> None:
    """Promote an earlier build to production."""
    create_build(server, SHOP, hooks.promote(_earlier(server, SHOP)), deployment())


def rollback(server: Server) -> None:
    """Roll production back to an earlier build."""
    create_build(server, SHOP, hooks.rollback(_earlier(server, SHOP)), deployment())


def restart(server: Server) -> Process:
    """Push a commit whose test fails, then restart the build; it passes."""
    flaky = stage("default", StepPlan("test", seconds=18.0, exit_code=1))
    failed = create_build(server, HELLO, hooks.push(server.repos[HELLO], server.random), [flaky])
    yield 60.0
    create_build(server, HELLO, hooks.restart(failed, person="ada"), usual_pipeline())


def promotion_approved(server: Server) -> Process:
    """Block a promotion; a minute later it is approved, which Drone tells nobody."""
    hook = hooks.promote(_earlier(server, SHOP))
    blocked = create_build(server, SHOP, hook, deployment(), is_blocked=True)
    yield 60.0
    approve(server, blocked)


def promotion_declined(server: Server) -> Process:
    """Block a promotion; a minute later it is declined, and nothing is heard of it again."""
    hook = hooks.promote(_earlier(server, SHOP), to="staging")
    blocked = create_build(server, SHOP, hook, deployment(), is_blocked=True)
    yield 60.0
    decline(server, blocked)


def half_declined(server: Server) -> Process:
    """Block a push; one stage is approved, the other declined while the first runs."""
    hook = hooks.push(server.repos[SHOP], server.random)
    plans = [stage("test", StepPlan("test", seconds=30.0)), stage("publish", StepPlan("upload"))]
    blocked = create_build(server, SHOP, hook, plans, is_blocked=True)
    yield 30.0
    approve(server, blocked, "test")
    yield 10.0
    decline(server, blocked, "publish")


def late_created(server: Server) -> None:
    """Push a commit whose `created` arrives after the first `updated`."""
    hook = hooks.push(server.repos[HELLO], server.random)
    create_build(server, HELLO, hook, usual_pipeline(), late=5.0)


STORIES = (
    push,
    pull_request,
    tag,
    cron,
    custom,
    promotion,
    rollback,
    restart,
    promotion_approved,
    promotion_declined,
    half_declined,
    late_created,
)
