"""What stages and steps have in common where they are shown."""

from typing import TypeVar

from server.core.model.build import BuildState, Stage, Step
from server.core.model.status import Status

EXIT_CODES = range(1, 256)  # what a process can end with; anything else says nothing

Part = TypeVar("Part", Stage, Step)


def in_order(parts: tuple[Part, ...]) -> list[Part]:
    """Sort stages or steps by their number, as people see them in Drone."""
    return sorted(parts, key=lambda part: (part.number, part.id))


def exit_code(part: Stage | Step) -> str:
    """Write how the process failed, or ""."""
    failed = part.status is Status.FAILURE and part.exit_code in EXIT_CODES
    return f"exit code {part.exit_code}" if failed else ""


def has_one_unnamed_stage(state: BuildState) -> bool:
    """Tell whether the build is one pipeline that nobody named, as most are.

    Drone calls such a pipeline `default` (harness/drone trigger/trigger.go:416-418).
    """
    return len(state.stages) == 1 and state.stages[0].name in ("", "default")
