"""Failures of a build: the parts that broke, and the step whose log is shown."""

from collections.abc import Iterator

from server.core.model.build import BuildState, Stage, Step, is_public
from server.core.model.parts import in_order
from server.core.model.status import BROKEN, Status
from server.core.model.timeout import any_timed_out, timed_out


def broken_parts(state: BuildState) -> Iterator[tuple[Stage, Stage | Step]]:
    """Name each step that broke, in its stage, in the order in which people see them.

    A stage that broke without a step stands for itself; what may fail is left out. What the limit
    ended broke the build as well.
    """
    for stage in in_order(state.stages):
        if stage.errignore:
            continue
        steps = [step for step in in_order(stage.steps) if _is_broken(state, step, stage)]
        if steps:
            yield from ((stage, step) for step in steps)
        elif _is_broken(state, stage, stage):
            yield stage, stage


def failing_step(state: BuildState) -> tuple[Stage, Step] | None:
    """Return the first step that broke in a build that ended badly, with its stage."""
    status = state.build.status
    if status not in BROKEN and not (status is Status.KILLED and any_timed_out(state)):
        return None
    return next(
        ((stage, part) for stage, part in broken_parts(state) if isinstance(part, Step)), None
    )


def wants_log(state: BuildState, lines: int, private_allowed: bool) -> bool:
    """Tell whether the end of the failing step's log is to be fetched.

    *lines* is how many are to be shown. A log that was fetched is not fetched again, even if there
    was nothing in it.
    """
    found = failing_step(state)
    if found is None or lines <= 0 or not (private_allowed or is_public(state.repo)):
        return False
    stage, step = found
    known = state.log and (state.log.stage, state.log.step)
    return stage.number > 0 and step.number > 0 and known != (stage.number, step.number)


def choose_step(state: BuildState, stage: str, step: str) -> tuple[Stage, Step] | None:
    """Choose a step of a build; *stage* and *step* are names, numbers or "".

    Of those that fit, the first that failed, or else the last that has begun.
    """
    fitting = [
        (one, part)
        for one in in_order(state.stages)
        if not stage or stage in _names(one)
        for part in in_order(one.steps)
        if not step or step in _names(part)
    ]
    broken = [pair for pair in fitting if pair[1].status in BROKEN and not pair[1].errignore]
    killed = [pair for pair in fitting if pair[1].status is Status.KILLED]
    begun = [pair for pair in fitting if pair[1].started > 0]
    if broken or killed:
        return (broken or killed)[0]
    last = begun or fitting
    return last[-1] if last else None


def missing_steps_error(state: BuildState, stage: str) -> str:
    """Return the error because of which there are no steps, or "".

    *stage* is a name, a number or "".

    A configuration that cannot be read ends the build, one that is refused ends the stage.
    """
    fitting = [one for one in in_order(state.stages) if not stage or stage in _names(one)]
    if any(one.steps for one in fitting):
        return ""
    errors = [one.error for one in fitting if one.error]
    return errors[0] if errors else state.build.error


def _is_broken(state: BuildState, part: Stage | Step, stage: Stage) -> bool:
    fails = part.status in BROKEN and not part.errignore
    return fails or timed_out(state, part, stage)


def _names(part: Stage | Step) -> tuple[str, str]:
    return part.name, str(part.number)
