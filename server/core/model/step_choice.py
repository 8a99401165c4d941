"""Which step's log somebody means, by names, by numbers, or because it failed."""

from server.core.model.build import BuildState, Stage, Step
from server.core.model.parts import in_order
from server.core.model.status import BROKEN, Status

Chosen = tuple[Stage, Step]


def choose(state: BuildState, stage: str, step: str) -> Chosen | None:
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


def lacking(state: BuildState, stage: str) -> str:
    """Return what Drone says of why there are no steps, or ""; *stage* is a name, number or "".

    A configuration that cannot be read ends the build, one that is refused ends the stage.
    """
    fitting = [one for one in in_order(state.stages) if not stage or stage in _names(one)]
    if any(one.steps for one in fitting):
        return ""
    errors = [one.error for one in fitting if one.error]
    return errors[0] if errors else state.build.error


def _names(part: Stage | Step) -> tuple[str, str]:
    return part.name, str(part.number)
