"""The end of a stage by its steps; Drone reports it later or not at all.

Drone reports that a stage has ended with the next step of another one, or with the last stage
(harness/drone operator/manager/teardown.go:126-129): while the others are queued, nothing comes.
All steps of a stage are known from its first report on, so when each of them has ended, it has too.
"""

from dataclasses import replace

from server.core.model.build import BuildState, Stage
from server.core.model.status import Status, is_final

# What a stage becomes by its steps, unless they may fail
# (drone/runner-go pipeline/state.go:257-320): the worst first.
_WORST = (Status.KILLED, Status.ERROR, Status.FAILURE)


def with_ended_stages(state: BuildState) -> BuildState:
    """Return *state* with the ends of stages that follow from their steps."""
    stages = tuple(_ended(stage) for stage in state.stages)
    return state if stages == state.stages else replace(state, stages=stages)


def _ended(stage: Stage) -> Stage:
    if stage.status is not Status.RUNNING or not stage.steps:
        return stage
    if not all(is_final(step.status) for step in stage.steps):
        return stage
    found = {step.status for step in stage.steps if not step.errignore}
    status = next((one for one in _WORST if one in found), Status.SUCCESS)
    return replace(stage, status=status, stopped=max(step.stopped for step in stage.steps))
