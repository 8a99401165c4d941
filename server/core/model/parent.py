"""The parent of a build: the build that it restarts, promotes or rolls back to."""

from server.core.model.build import BuildState

# The events of a build that deploys its parent.
DEPLOYS = frozenset({"promote", "rollback"})


def wants_parent_event(state: BuildState) -> bool:
    """Tell whether the event of the parent is needed to tell a restart from a deployment."""
    build = state.build
    return build.event in DEPLOYS and build.parent > 0 and not state.parent_event


def restarts_parent(state: BuildState) -> bool:
    """Tell whether a build repeats its parent.

    A promotion or a rollback has a parent anyway; it repeats one that was the same
    (harness/drone handler/api/repos/builds/retry.go:66-107).
    """
    event = state.build.event
    return state.build.parent > 0 and (event not in DEPLOYS or event == state.parent_event)
