"""How often Drone is polled, and which builds it is polled for early."""

from dataclasses import dataclass

from server.core.model.build import BuildState
from server.core.model.status import Status

# harness/drone core/trigger.go:20-23: only what a hook started can be blocked.
BY_HOOK = "@hook"


@dataclass(frozen=True, slots=True)
class PollIntervals:
    """How long it is until the next poll, in seconds."""

    silence: float = 60.0  # after the last news of an open build
    longest: float = 600.0  # between two polls of one build
    unreported: float = 3.0  # after news of a build that no webhook may follow
    outage: float = 120.0  # after so long without a round, any webhook may be lost
    repos: float = 30.0  # between two lists of the repositories
    all_repos: float = 600.0  # between two polls of repositories that no list names
    backfill: float = 10.0  # between two polls of everything
    log: float = 5.0  # between the first two queries for a log


INTERVALS = PollIntervals()


def may_be_blocked(state: BuildState) -> bool:
    """Tell whether a new build may wait for approval, which no webhook ever says."""
    build = state.build
    is_new = build.status is Status.PENDING and not state.stages
    return is_new and state.repo.protected and build.trigger == BY_HOOK


def may_have_ended(state: BuildState) -> bool:
    """Tell whether a stage may have ended, or skips what is left of it, which no webhook says.

    Drone reports the end of a stage with the next step of another one, or with the last stage
    (harness/drone operator/manager/teardown.go:126-129).
    """
    return any(
        stage.status is Status.RUNNING
        and stage.steps
        and not any(step.status is Status.RUNNING for step in stage.steps)
        for stage in state.stages
    )
