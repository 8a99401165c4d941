"""What Drone's lists say: which repositories there are, and which builds one of them has."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from server.core.drone.payload import read_state
from server.core.json_reader import Json, integer, rows
from server.core.model.build import BuildState, Repo, System
from server.core.model.repository import KnownRepo, settled

# Older builds are history; nobody waits for them.
MEMORY = timedelta(days=1)
# How many builds a page has (harness/drone handler/api/repos/builds/list.go:44-54).
PAGE = 25


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository that has had builds; *counter* is the number of the newest."""

    repo: Repo
    counter: int


def horizon(since: datetime, now: datetime) -> int:
    """Return the Unix second before which builds are left alone: a day ago, or our first start."""
    return int(max(since, now - MEMORY).timestamp())


def read_repos(body: Json) -> list[Listed]:
    """Read a list of repositories, without those that have never had a build."""
    listed = (
        Listed(read_state({"repo": row}).repo, integer(row, "counter"))
        for row in rows(body, "items")
    )
    return [one for one in listed if one.repo.id > 0 and one.repo.slug and one.counter > 0]


def read_page(system: System, repo: Repo, body: Json) -> list[BuildState]:
    """Read a page of a repository's builds, which names neither server nor slug.

    What is of another repository is left out: the slug may be another's by now.
    """
    place = {"system": asdict(system), "repo": asdict(repo)}
    listed = (
        read_state({**place, "build": row})
        for row in rows(body, "items")
        if integer(row, "repo_id") == repo.id
    )
    return [state for state in listed if state.build.id > 0 and state.build.number > 0]


def with_first_page(known: KnownRepo, page: Sequence[BuildState], horizon: int) -> KnownRepo:
    """Learn from the newest builds which numbers there are none of, and which are history."""
    created = {state.build.number: state.build.created for state in page}
    above = max(created, default=known.last_number) + 1
    known = replace(known, last_number=max(known.last_number, above - 1))
    for number in sorted(created, reverse=True):
        known = settled(known, number + 1, above - 1)
        above = number
    if len(page) < PAGE:
        known = settled(known, 1, above - 1)
    old = [number for number in created if created[number] < horizon]
    return settled(known, 1, max(old, default=0))
