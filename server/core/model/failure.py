"""The failure of a build: what broke, and the step whose log says why."""

from collections.abc import Iterator

from server.core.model.build import BuildState, Stage, Step
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
    if found is None or lines <= 0 or not (private_allowed or is_public(state)):
        return False
    stage, step = found
    known = state.log and (state.log.stage, state.log.step)
    return stage.number > 0 and step.number > 0 and known != (stage.number, step.number)


def is_public(state: BuildState) -> bool:
    """Tell whether everybody may read the repository; a word that we do not know says no."""
    return not state.repo.private and state.repo.visibility in ("public", "")


def _is_broken(state: BuildState, part: Stage | Step, stage: Stage) -> bool:
    fails = part.status in BROKEN and not part.errignore
    return fails or timed_out(state, part, stage)
