"""How far back builds are fetched, and what a list holds."""

from typing import Any

import pytest
from fakes import START, payload, seconds, state

from server.core.drone.answers import (
    BuildsFound,
    RepoFound,
    ReposFound,
    read_builds,
    read_repos,
)
from server.core.drone.backfill import builds_of, horizon, repos_with_builds, with_first_page
from server.core.drone.payload import read_state
from server.core.http_answer import Answer
from server.core.model.build import Build
from server.core.model.repository import KnownRepo

NOW = int(START.timestamp())
SYSTEM, REPO = state().system, state().repo


def row(build_id: int, **build: Any) -> dict[str, Any]:
    return {"repo_id": 1, **payload(build_id=build_id)["build"], **build}


def builds(items: object) -> BuildsFound:
    """Return a list of builds as it is read."""
    found = read_builds(Answer(200, {}, {"items": items}))
    assert isinstance(found, BuildsFound)
    return found


def repos(items: object) -> ReposFound:
    """Return a list of repositories as it is read."""
    found = read_repos(Answer(200, {}, {"items": items}))
    assert isinstance(found, ReposFound)
    return found


HORIZONS = {
    "our first start": (seconds(3600), NOW - 3600),
    "a day ago": (seconds(90_000), NOW - 86_400),
    "now, at our first start": (seconds(0), NOW),
}


@pytest.mark.parametrize(("span", "second"), HORIZONS.values(), ids=HORIZONS)
def test_the_horizon_is(span: Any, second: int) -> None:
    assert horizon(START - span, START) == second


def test_a_page_is_read_with_what_it_lacks() -> None:
    found = builds([row(8), row(7)])

    assert [one.state(SYSTEM, REPO) for one in found.builds] == [
        read_state(payload(build_id=one)) for one in (8, 7)
    ]
    assert builds_of(REPO, found) == [read_state(payload(build_id=one)).build for one in (8, 7)]


def test_builds_of_another_repository_of_that_name_are_left_out() -> None:
    found = builds([row(9, repo_id=0), row(8, repo_id=2), row(7)])

    assert ids(builds_of(REPO, found)) == [7]


def test_repositories_are_read_with_the_number_of_their_newest_build() -> None:
    repo = {**payload()["repo"], "counter": 9}

    assert repos_with_builds(repos([repo])) == [RepoFound(read_state(payload()).repo, 9)]


def test_repositories_without_a_build_are_left_out() -> None:
    repo = payload()["repo"]

    assert repos_with_builds(repos([repo, {**repo, "counter": 0}, *ODD])) == []


ODD: list[Any] = [None, 1, "a", [], {}, {"id": -1}, {"id": 1}, {"id": 1, "build": []}]


def ids(found: list[Build]) -> list[int]:
    return [one.id for one in found]


def test_what_is_no_build_is_left_out() -> None:
    assert ids(builds_of(REPO, builds([*ODD[:6], row(7)]))) == [7]


def page(*numbers: int, created: int = NOW) -> list[Build]:
    return [state(build_id=one, created=created).build for one in numbers]


def repository(last: int, *settled: tuple[int, int]) -> KnownRepo:
    return KnownRepo(SYSTEM, REPO, last, START, settled=settled)


LEARNED: dict[str, tuple[KnownRepo, list[Build], KnownRepo]] = {
    "a newer build": (repository(7, (1, 7)), page(8, *range(7, 0, -1)), repository(8, (1, 7))),
    "numbers that there are none of": (
        repository(9, (9, 9)),
        page(9, 6, 5),
        repository(9, (1, 4), (7, 9)),
    ),
    "nothing of what is below a full page": (
        repository(100),
        page(*range(100, 75, -1)),
        repository(100),
    ),
    "what is history": (
        repository(100),
        page(*range(100, 75, -1), created=NOW - 1),
        repository(100, (1, 100)),
    ),
    "that there is no build at all": (repository(9), [], repository(9, (1, 9))),
}


@pytest.mark.parametrize(("before", "listed", "after"), LEARNED.values(), ids=LEARNED)
def test_the_newest_builds_show(before: KnownRepo, listed: list[Build], after: KnownRepo) -> None:
    assert with_first_page(before, listed, NOW) == after
