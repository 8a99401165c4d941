"""What is remembered of a repository, so that builds can be found that nobody told us of."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from server.core.build import BuildState, Repo, System

# How many targets of promotions are remembered, the newest first.
TARGETS = 10
WITH_TARGET = frozenset({"promote", "rollback"})


@dataclass(frozen=True, slots=True)
class KnownRepo:
    """One repository of one Drone server."""

    system: System
    repo: Repo
    last_number: int  # the highest build that was heard of
    heard_at: datetime  # when this last changed
    targets: tuple[str, ...] = ()  # where builds were promoted to
    is_readable: bool = False  # Drone has answered to our token about it

    @property
    def id(self) -> str:
        """Name it; the same after a rename."""
        return repo_id(self.system, self.repo)


def repo_id(system: System, repo: Repo) -> str:
    """Name a repository; two Drone servers may use the same ids."""
    return f"{system.host}/{repo.id}"


def noted(known: KnownRepo | None, state: BuildState, now: datetime) -> KnownRepo | None:
    """Return what is known after a report; None if it says nothing new.

    Drone raises a repository's version with every build, so that alone is no news.
    """
    if known is None:
        first = KnownRepo(state.system, state.repo, state.build.number, now)
        return replace(first, targets=_targets((), state))
    is_newer = state.repo.version >= known.repo.version
    after = replace(
        known,
        system=state.system if is_newer else known.system,
        repo=replace(state.repo, version=known.repo.version) if is_newer else known.repo,
        last_number=max(known.last_number, state.build.number),
        targets=_targets(known.targets, state),
    )
    if after == known:
        return None
    version = max(known.repo.version, state.repo.version)
    return replace(after, repo=replace(after.repo, version=version), heard_at=now)


def home_of(known: Iterable[KnownRepo], authority: str) -> System | None:
    """Return the Drone server whose API is at *authority*, as its webhooks name it; None: unheard.

    Its API may be reached by another name than it has; then it is the one heard of last.
    """
    latest = max(
        known, key=lambda one: (one.system.host == authority, one.heard_at, one.id), default=None
    )
    return latest.system if latest else None


def _targets(targets: tuple[str, ...], state: BuildState) -> tuple[str, ...]:
    target = state.build.deploy_to if state.build.event in WITH_TARGET else ""
    if not target or target in targets:
        return targets
    return (target, *targets)[:TARGETS]
