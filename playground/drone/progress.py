"""Take a runner's reports as Drone does (operator/manager): accept, setup, step, teardown.

Each function raises LostLock where Drone answers 409, and then nothing is sent.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from playground.drone.rows import Stage, Step
from playground.drone.server import Server
from playground.drone.status import FAILED, is_complete, is_done, verdict
from playground.drone.table import LostLock
from playground.drone.wire import cut_to_bytes

ERROR_BYTES = 500
Scheduler = Callable[[Server, Stage], None]


def accept(server: Server, stage_id: int, machine: str) -> Stage | None:
    """Give a queued stage to a runner, unless it was cancelled meanwhile; nothing is sent."""
    stage = server.stages.find(stage_id)
    if stage.status != "pending":
        return None
    stage.machine = machine
    stage.updated = server.now()
    server.stages.update(stage)
    return stage


def setup(server: Server, stage: Stage) -> None:
    """Take the start of a stage with its steps; nothing is sent."""
    stage.updated = server.now()
    _update_stage(server, stage)
    for step in stage.steps:
        server.steps.create(step)
    build = server.builds.find(stage.build_id)
    if build.status == "pending":
        build.status = "running"
        build.started = build.updated = server.now()
        server.builds.update(build)


def report_step(server: Server, step: Step) -> None:
    """Take the start or the end of a step, and send `updated` with the whole build as stored."""
    step.error = cut_to_bytes(step.error, ERROR_BYTES)
    server.steps.update(step)
    build = server.builds.find(server.stages.find(step.step_id).build_id)
    build.stages = server.stages_of(build.id)
    repo = server.repo_of(build)
    server.send("build", "updated", repo=repo, build=build, is_in_repo=True)


def teardown(server: Server, stage: Stage, schedule: Scheduler) -> None:
    """Take the end of a stage, schedule what waited for it, and send the ending if it is one."""
    build = server.builds.find(stage.build_id)
    for step in stage.steps:
        step.error = cut_to_bytes(step.error, ERROR_BYTES)
        server.steps.update(step)
    stage.error = cut_to_bytes(stage.error, ERROR_BYTES)
    stage.updated = server.now()
    _update_stage(server, stage)

    stages = server.stages_of(build.id)
    _skip_downstream(server, stages)
    _schedule_downstream(server, stages, schedule)
    if not is_complete(stages):
        return
    build.status = verdict(stages)
    build.finished = server.now()
    build.started = build.started or build.finished
    with suppress(LostLock):
        server.builds.update(build)
        build.stages = stages
        repo = server.repo_of(build)
        late = server.late_endings.get(build.id, 0.0)
        server.send("build", "updated", repo=repo, build=build, is_in_repo=True, late=late)


def _update_stage(server: Server, stage: Stage) -> None:
    # The steps have a table of their own.
    row = replace(stage, steps=())
    server.stages.update(row)
    stage.version = row.version


def _is_ready(stage: Stage, stages: Sequence[Stage]) -> bool:
    status_of = {other.name: other.status for other in stages}
    return all(is_done(status_of.get(name, "success")) for name in stage.depends_on)


def _skip_downstream(server: Server, stages: Sequence[Stage]) -> None:
    has_failed = any(stage.status in FAILED for stage in stages)
    for stage in stages:
        is_wanted = stage.on_failure if has_failed else stage.on_success
        if stage.status != "waiting_on_dependencies" or is_wanted:
            continue
        if _is_ready(stage, stages):
            stage.status = "skipped"
            stage.started = stage.stopped = server.now()
            _update_stage(server, stage)


def _schedule_downstream(server: Server, stages: Sequence[Stage], schedule: Scheduler) -> None:
    for stage in stages:
        if stage.status != "waiting_on_dependencies" or not stage.depends_on:
            continue
        if _is_ready(stage, stages):
            stage.status = "pending"
            stage.updated = server.now()
            _update_stage(server, stage)
            schedule(server, stage)
