"""Which of the builds that Drone lists we should have heard of, and how far back to look."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from server.core.build import BuildState, Repo, System
from server.core.event import read_state
from server.core.reading import Json, integer, rows, table

# Older builds are history; nobody waits for them.
MEMORY = timedelta(days=1)
# Of 25 builds each (harness/drone handler/api/repos/builds/list.go:44-54); no further back.
PAGES = 10


def horizon(since: datetime, now: datetime) -> int:
    """Return the Unix second before which builds are left alone: a day ago, or our first start."""
    return int(max(since, now - MEMORY).timestamp())


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
    return [state for state in listed if state.build.id > 0]


def read_newest(system: System, body: Json) -> list[BuildState]:
    """Read the newest builds of all repositories, each inside of its repository."""
    server = asdict(system)
    listed = (
        read_state({"system": server, "repo": row, "build": table(row, "build") or {}})
        for row in rows(body, "items")
    )
    return [state for state in listed if state.build.id > 0 and state.repo.id > 0]


def within(states: Sequence[BuildState], horizon: int) -> list[BuildState]:
    """Leave out what was created before the horizon."""
    return [state for state in states if state.build.created >= horizon]


def goes_on(page: int, listed: int, recent: int, unheard: int) -> bool:
    """Tell whether the next page may hold unheard builds: not in known land or past the horizon."""
    return 0 < listed == recent and unheard > 0 and page < PAGES
