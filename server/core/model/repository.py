"""What is known of a repository, so that builds can be found that no webhook reported."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from server.core.model.build import BuildState, Repo, System
from server.core.model.build_numbers import Ranges, newest_gap, with_range
from server.core.model.parent import DEPLOYS

# How many targets of promotions are remembered, the newest first.
TARGETS = 10
# So far below the newest build one that is missing is still fetched.
DEPTH = 250


@dataclass(frozen=True, slots=True)
class KnownRepo:
    """One repository of one Drone server."""

    system: System
    repo: Repo
    last_number: int  # the highest build that there was
    heard_at: datetime  # when this last changed
    targets: tuple[str, ...] = ()  # where builds were promoted to
    is_readable: bool = False  # Drone has answered to our token about it
    # The numbers that need no query: reported, older than what is shown, or none there.
    settled: Ranges = ()
    hidden_at: datetime | None = None  # since when Drone answers 404 about it
    is_deleted: bool = False  # for certain; an id never comes back

    @property
    def id(self) -> str:
        """Name it; the same after a rename."""
        return repo_id(self.system, self.repo)

    @property
    def missed(self) -> int:
        """Return the newest build that no webhook reported; 0 if there is none."""
        return newest_gap(self.settled, self.last_number)


def repo_id(system: System, repo: Repo) -> str:
    """Name a repository; two Drone servers may use the same ids."""
    return f"{system.host}/{repo.id}"


def with_report(known: KnownRepo | None, state: BuildState, now: datetime) -> KnownRepo | None:
    """Return what is known after a report of a build; None if it says nothing new."""
    number = state.build.number
    before = known or KnownRepo(state.system, state.repo, number, now)
    after = replace(
        _refreshed(before, state.system, state.repo, number),
        targets=_targets(before.targets, state),
        hidden_at=None,  # whose webhooks come is there
    )
    return _changed(known, settled(after, number, number), state.repo, now)


def with_listing(
    known: KnownRepo | None, system: System, repo: Repo, counter: int, now: datetime
) -> KnownRepo | None:
    """Return what is known after Drone has listed a repository; None if that says nothing new.

    *counter* is the number of its newest build.
    """
    before = known or KnownRepo(system, repo, counter, now)
    after = replace(
        _refreshed(before, system, repo, counter),
        is_readable=True,
        hidden_at=None,
        is_deleted=False,
    )
    return _changed(known, settled(after, 0, 0), repo, now)


def settled(known: KnownRepo, low: int, high: int) -> KnownRepo:
    """Note that the builds from *low* to *high* need no query."""
    ranges = with_range(known.settled, 1, known.last_number - DEPTH)
    return replace(known, settled=with_range(ranges, max(low, 1), high))


def polled_system(known: Iterable[KnownRepo], authority: str) -> System | None:
    """Return the Drone server whose API is at *authority*; None before any webhook of it.

    Its API may be reached by another name than it has; then it is the one that reported last.
    """
    latest = max(
        known, key=lambda one: (one.system.host == authority, one.heard_at, one.id), default=None
    )
    return latest.system if latest else None


def _refreshed(known: KnownRepo, system: System, repo: Repo, number: int) -> KnownRepo:
    """Take what a report says of the repository itself, unless it is older than what is known.

    Drone raises a repository's version with every build, so that alone is no news.
    """
    is_newer = repo.version >= known.repo.version
    return replace(
        known,
        system=system if is_newer else known.system,
        repo=replace(repo, version=known.repo.version) if is_newer else known.repo,
        last_number=max(known.last_number, number),
    )


def _changed(
    known: KnownRepo | None, after: KnownRepo, repo: Repo, now: datetime
) -> KnownRepo | None:
    if after == known:
        return None
    version = max(after.repo.version, repo.version)
    return replace(after, repo=replace(after.repo, version=version), heard_at=now)


def _targets(targets: tuple[str, ...], state: BuildState) -> tuple[str, ...]:
    target = state.build.deploy_to if state.build.event in DEPLOYS else ""
    if not target or target in targets:
        return targets
    return (target, *targets)[:TARGETS]
