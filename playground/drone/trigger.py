"""Create builds as Drone's trigger does (trigger/trigger.go), and tell of it."""

from collections.abc import Sequence
from dataclasses import replace

from playground.drone.canceler import cancel_superseded
from playground.drone.pipeline import StagePlan
from playground.drone.rows import Build, Repo, Stage
from playground.drone.runner import schedule
from playground.drone.server import Server

MESSAGE_RUNES = 2000


def create_build(
    server: Server,
    slug: str,
    hook: Build,
    plans: Sequence[StagePlan],
    *,
    is_blocked: bool = False,
    late: float = 0.0,
) -> Build:
    """Create a build from *hook*, queue its first stages, and send `created` without stages."""
    repo = _increment(server, slug)
    now = server.now()
    build = replace(
        hook,
        id=server.next_id("build"),
        repo_id=repo.id,
        number=repo.counter,
        title=hook.title[:MESSAGE_RUNES],
        message=hook.message[:MESSAGE_RUNES],
        created=now,
        updated=now,
    )
    server.builds.create(build)
    for number, plan in enumerate(plans, 1):
        stage = _new_stage(server, build, number, plan, is_blocked)
        if stage.status == "pending":
            schedule(server, stage)
    server.send("build", "created", user=server.owner, repo=repo, build=build, late=late)
    if _cancels_older(repo.auto_cancel_pushes, repo.auto_cancel_pull_requests, build):
        server.loop.start(cancel_superseded(server, build))
    return build


def create_build_error(server: Server, slug: str, hook: Build, error: str) -> Build:
    """Create a build that ended before it began, because its configuration cannot be read.

    Nobody triggered it as far as Drone tells, and its texts are not cut.
    """
    repo = _increment(server, slug)
    now = server.now()
    build = replace(
        hook,
        id=server.next_id("build"),
        repo_id=repo.id,
        number=repo.counter,
        trigger="",
        status="error",
        error=error,
        params=None,
        cron="",
        started=now,
        finished=now,
        created=now,
        updated=now,
    )
    server.builds.create(build)
    server.send("build", "created", user=server.owner, repo=repo, build=build)
    return build


def _increment(server: Server, slug: str) -> Repo:
    repo = server.repos[slug]
    repo.counter += 1
    repo.version += 1
    return replace(repo)


def _new_stage(
    server: Server, build: Build, number: int, plan: StagePlan, is_blocked: bool
) -> Stage:
    status = "waiting_on_dependencies" if plan.depends_on else "pending"
    stage = Stage(
        id=server.next_id("stage"),
        repo_id=build.repo_id,
        build_id=build.id,
        number=number,
        name=plan.name,
        type=plan.type,
        status="blocked" if is_blocked else status,
        arch=plan.arch,
        limit=plan.limit,
        created=build.created,
        updated=build.created,
        on_success=plan.on_success,
        on_failure=plan.on_failure,
        depends_on=plan.depends_on,
        labels=plan.labels,
    )
    server.plans[stage.id] = plan
    return server.stages.create(stage)


def _cancels_older(pushes: bool, pull_requests: bool, build: Build) -> bool:
    return (pushes and build.event == "push") or (pull_requests and build.event == "pull_request")
