"""Which step's log somebody means, by names, by numbers, or because it failed."""

from server.core.build import BuildState, Stage, Step
from server.core.build_parts import in_order
from server.core.status import BROKEN, Status

Chosen = tuple[Stage, Step]


def choose(state: BuildState, stage: str, step: str) -> Chosen | None:
    """Choose a step of a build; *stage* and *step* are names, numbers or "".

    Of those that fit, the first that failed, or else the last that has begun.
    """
    fitting = [
        (one, part)
        for one in in_order(state.stages)
        if not stage or stage in (one.name, str(one.number))
        for part in in_order(one.steps)
        if not step or step in (part.name, str(part.number))
    ]
    broken = [pair for pair in fitting if pair[1].status in BROKEN and not pair[1].errignore]
    killed = [pair for pair in fitting if pair[1].status is Status.KILLED]
    begun = [pair for pair in fitting if pair[1].started > 0]
    if broken or killed:
        return (broken or killed)[0]
    last = begun or fitting
    return last[-1] if last else None
