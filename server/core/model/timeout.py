"""Whether a runner ended a stage because the time that its repository allows was over.

Drone has no word for it: it says `killed`, as it does of a cancel. But a cancel writes exit code
130 into every step that it ends (harness/drone handler/api/repos/builds/cancel.go:145-178,
service/canceler/canceler.go:200-227); a runner writes 137 (drone/runner-go pipeline/state.go).
"""

from server.core.model.build import BuildState, Stage, Step
from server.core.model.status import Status

CANCELLED = 130

# The runner's limit begins before the second that it gives as the start of the stage
# (drone/runner-go pipeline/runtime/runner.go).
SLACK_SECONDS = 5


def timed_out(state: BuildState, part: Stage | Step, stage: Stage) -> bool:
    """Tell whether *part*, which is *stage* or one of its steps, was ended by the limit."""
    return part.status is Status.KILLED and _ran_out_of_time(state, stage)


def any_timed_out(state: BuildState) -> bool:
    """Tell whether the limit ended any stage of a build."""
    return any(_ran_out_of_time(state, stage) for stage in state.stages)


def _ran_out_of_time(state: BuildState, stage: Stage) -> bool:
    limit = state.repo.timeout * 60
    ran_long = limit > 0 and 0 < stage.started <= stage.stopped - (limit - SLACK_SECONDS)
    cancelled = any(step.exit_code == CANCELLED for step in stage.steps)
    return stage.status is Status.KILLED and ran_long and not cancelled
