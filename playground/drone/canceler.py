"""Cancel builds as Drone does (handler/api/repos/builds/cancel.go, service/canceler)."""

from contextlib import suppress

from playground.drone.loop import Process
from playground.drone.rows import Build, Stage
from playground.drone.server import Server
from playground.drone.status import is_done
from playground.drone.table import LostLock

EXIT_CODE = 130
RUNNER_SECONDS = 1.0  # What a runner takes to notice that its build was cancelled.


def cancel(
    server: Server,
    build_id: int,
    status: str = "killed",
    *,
    commit_status_seconds: float = 0.3,
    rewrite_seconds: float = 0.0,
) -> Process:
    """End a build, and tell of it; *status* is `skipped` when a newer build takes its place.

    Runners are signalled first. Then the SCM is asked to show the commit's status, which takes
    *commit_status_seconds*, then the stages are read and, *rewrite_seconds* later, rewritten. A
    runner that ends its stage meanwhile makes this tell a second ending.
    """
    build = server.builds.find(build_id)
    if build.status not in {"pending", "running"}:
        return
    build.status = status
    build.finished = server.now()
    build.started = build.started or build.finished
    try:
        server.builds.update(build)
    except LostLock:
        return
    server.signalled.add(build_id)
    for stage in server.stages.children(build_id):
        if stage.status == "running":
            server.loop.wake(server.runners[stage.id], after=RUNNER_SECONDS)

    yield commit_status_seconds
    stages = server.stages_of(build_id)
    if rewrite_seconds:
        yield rewrite_seconds
    for stage in stages:
        if not is_done(stage.status):
            _end_stage(server, stage)
    build.stages = stages
    server.send("build", "updated", repo=server.repo_of(build), build=build)


def _end_stage(server: Server, stage: Stage) -> None:
    now = server.now()
    stage.status = "killed" if stage.started else "skipped"
    stage.started = stage.started or now
    stage.stopped = now
    # Drone logs a lost lock and goes on: the payload then has the new content, the old version.
    steps, stage.steps = stage.steps, ()
    with suppress(LostLock):
        server.stages.update(stage)
    for step in steps:
        if is_done(step.status):
            continue
        step.status = "killed" if step.started else "skipped"
        step.started = step.started or now
        step.stopped = now
        step.exit_code = EXIT_CODE
        with suppress(LostLock):
            server.steps.update(step)
    stage.steps = steps


def cancel_superseded(server: Server, newer: Build) -> Process:
    """Skip the builds of the same event and ref that *newer* makes pointless."""
    repo = server.repo_of(newer)
    for older in server.builds.children(newer.repo_id):
        if older.number >= newer.number:
            continue
        if (older.event, older.ref) != (newer.event, newer.ref):
            continue
        if older.status == "pending" or (older.status == "running" and repo.auto_cancel_running):
            yield from cancel(server, older.id, "skipped")
