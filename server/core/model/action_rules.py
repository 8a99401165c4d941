"""Actions that make sense for a build as it is now."""

from enum import StrEnum, unique

from server.core.model.build import BuildState, effective_status, stages_to_approve
from server.core.model.parts import in_order
from server.core.model.status import BROKEN, Status, is_final
from server.core.model.user_action import ActionKind

ENDED_BADLY = BROKEN | {Status.KILLED}


@unique
class Obstacle(StrEnum):
    """Why an action makes no sense."""

    IS_FINAL = "is_final"
    WAS_DECLINED = "was_declined"
    IS_NOT_BLOCKED = "is_not_blocked"


def offered(state: BuildState) -> tuple[ActionKind, ...]:
    """Choose the actions that a card offers by its buttons."""
    status = effective_status(state)
    if status is Status.BLOCKED:
        return (ActionKind.APPROVE, ActionKind.DECLINE)
    if status in (Status.RUNNING, Status.PENDING):
        decisions = (ActionKind.APPROVE, ActionKind.DECLINE) if stages_to_approve(state) else ()
        return (*decisions, ActionKind.CANCEL)
    return (ActionKind.RESTART,) if status in ENDED_BADLY else ()


def obstacle(kind: ActionKind, state: BuildState) -> Obstacle | None:
    """Return what stands against an action; None if it makes sense."""
    status = effective_status(state)
    if kind is ActionKind.CANCEL and is_final(status):
        return Obstacle.IS_FINAL
    if kind is ActionKind.RESTART and status is Status.DECLINED:
        return Obstacle.WAS_DECLINED
    if kind in (ActionKind.APPROVE, ActionKind.DECLINE) and not blocked_stages(state):
        return Obstacle.IS_NOT_BLOCKED
    return None


def blocked_stages(state: BuildState) -> list[int]:
    """Number the stages that wait for approval; each is approved by itself."""
    return [stage.number for stage in in_order(state.stages) if stage.status is Status.BLOCKED]


def skips_approval(kind: ActionKind, state: BuildState) -> bool:
    """Tell whether an action makes a build run without the approval that this one waits for.

    The new build of a restart was started by an account and not by a hook, so Drone does not ask
    for its signature (harness/drone trigger/trigger.go:265-276).
    """
    return kind is ActionKind.RESTART and bool(blocked_stages(state))
