"""Know Drone's status words (core/status.go); must not know how they come about."""

from collections.abc import Sequence

from playground.drone.rows import Stage

NOT_DONE = frozenset({"waiting_on_dependencies", "pending", "running", "blocked"})
FAILED = frozenset({"failure", "killed", "error"})


def is_done(status: str) -> bool:
    """Say whether a build, stage or step of this status has ended (core/build.go)."""
    return status not in NOT_DONE


def is_complete(stages: Sequence[Stage]) -> bool:
    """Say whether a build may end; to Drone a declined stage never does (manager/util.go)."""
    return not any(stage.status in NOT_DONE | {"declined"} for stage in stages)


def verdict(stages: Sequence[Stage]) -> str:
    """Give the status of a build whose stages are done: the first that failed decides."""
    return next((stage.status for stage in stages if stage.status in FAILED), "success")
