"""Know how a runner sees its stage (runner-go pipeline/state.go); must not report anything."""

from playground.drone.rows import Stage, Step

KILLED_EXIT_CODE = 137
ERROR_EXIT_CODE = 255
EARLY_EXIT_CODE = 78


def start(step: Step, now: int) -> None:
    """Let a step run."""
    step.status = "running"
    step.started = now


def finish(stage: Stage, step: Step, exit_code: int, now: int) -> None:
    """End a step by its exit code; 78 is no failure."""
    step.status = "success" if exit_code in {0, EARLY_EXIT_CODE} else "failure"
    step.exit_code = exit_code
    step.stopped = now
    settle(stage)


def fail(stage: Stage, step: Step, error: str, now: int) -> None:
    """End a step that could not be run at all."""
    step.status = "error"
    step.error = error
    step.exit_code = ERROR_EXIT_CODE
    step.stopped = now
    settle(stage)


def skip(step: Step, now: int) -> None:
    """End a step that will not run."""
    if step.status == "pending":
        step.status = "skipped"
        step.started = step.stopped = now


def kill_all(stage: Stage, now: int) -> None:
    """End a stage that was cancelled or ran out of time; nothing tells the two apart."""
    stage.status = "killed"
    stage.stopped = now
    for step in stage.steps:
        skip(step, now)
        if step.status == "running":
            step.status = "killed"
            step.exit_code = KILLED_EXIT_CODE
            step.stopped = now
    settle(stage)


def finish_all(stage: Stage, now: int) -> None:
    """End a stage and what is left of it: services succeed, waiting steps are skipped."""
    for step in stage.steps:
        skip(step, now)
        if step.status == "running":
            finish(stage, step, 0, now)
    if stage.status == "running":
        stage.status = "failure" if has_failed(stage) else "success"
    stage.stopped = stage.stopped or now


def refuse(stage: Stage, error: str, now: int) -> None:
    """End a stage that the runner cannot begin."""
    stage.status = "error"
    stage.error = error
    stage.exit_code = ERROR_EXIT_CODE
    stage.started = stage.stopped = now


def has_failed(stage: Stage) -> bool:
    """Say whether steps that run on success are now skipped."""
    bad = {"failure", "error", "killed"}
    steps = (step.status for step in stage.steps if not step.errignore)
    return stage.status in bad or any(status in bad for status in steps)


def settle(stage: Stage) -> None:
    """Let the first bad step in order decide the stage."""
    for step in stage.steps:
        if step.status == "killed":
            stage.exit_code = KILLED_EXIT_CODE
        is_ignored_failure = step.status == "failure" and step.errignore
        if step.status in {"killed", "error", "failure"} and not is_ignored_failure:
            stage.status = step.status
            return
