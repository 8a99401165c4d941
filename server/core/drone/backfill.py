"""What a backfill learns from Drone's lists: which builds to fetch, and which are history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from server.core.drone.answers import BuildsFound, RepoFound, ReposFound
from server.core.model.build import Build, Repo
from server.core.model.repository import KnownRepo, settled

# Older builds are history.
MEMORY = timedelta(days=1)
# How many builds a page has (harness/drone handler/api/repos/builds/list.go:44-54).
PAGE = 25


def horizon(since: datetime, now: datetime) -> int:
    """Return the Unix second before which builds are left alone: a day ago, or our first start."""
    return int(max(since, now - MEMORY).timestamp())


def repos_with_builds(found: ReposFound) -> list[RepoFound]:
    """Leave out the repositories that have never had a build."""
    return [one for one in found.repos if one.repo.id > 0 and one.repo.slug and one.counter > 0]


def builds_of(repo: Repo, found: BuildsFound) -> list[Build]:
    """Leave out the builds of another repository: the slug may be another's by now."""
    return [
        one.build
        for one in found.builds
        if one.repo_id == repo.id and one.build.id > 0 and one.build.number > 0
    ]


def with_first_page(known: KnownRepo, page: Sequence[Build], horizon: int) -> KnownRepo:
    """Learn from the newest builds which numbers there are none of, and which are history."""
    created = {build.number: build.created for build in page}
    above = max(created, default=known.last_number) + 1
    known = replace(known, last_number=max(known.last_number, above - 1))
    for number in sorted(created, reverse=True):
        known = settled(known, number + 1, above - 1)
        above = number
    if len(page) < PAGE:
        known = settled(known, 1, above - 1)
    old = [number for number in created if created[number] < horizon]
    return settled(known, 1, max(old, default=0))
