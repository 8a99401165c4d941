"""How far back builds are looked for, and what a list holds."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fakes import START, payload, seconds, state

from server.core.build import BuildState
from server.core.event import read_state
from server.core.territory import PAGES, goes_on, horizon, read_newest, read_page, within

NOW = int(START.timestamp())
SYSTEM, REPO = state().system, state().repo


def row(build_id: int, **build: Any) -> dict[str, Any]:
    return {"repo_id": 1, **payload(build_id=build_id)["build"], **build}


HORIZONS = {
    "our first start": (seconds(3600), NOW - 3600),
    "a day ago": (seconds(90_000), NOW - 86_400),
    "now, at our first start": (seconds(0), NOW),
}


@pytest.mark.parametrize(("span", "second"), HORIZONS.values(), ids=HORIZONS)
def test_the_horizon_is(span: Any, second: int) -> None:
    assert horizon(START - span, START) == second


def test_before_anything_began_nothing_is_recent() -> None:
    never = datetime.max.replace(tzinfo=UTC)

    assert within([state(created=NOW + 10**9)], horizon(never, START)) == []


def test_what_was_created_before_the_horizon_is_left_out() -> None:
    states = [state(build_id=one, created=NOW + one) for one in (1, 2, 3)] + [state()]

    assert within(states, NOW + 2) == states[1:3]


def test_a_page_is_read_with_what_it_lacks() -> None:
    body = {"items": [row(8), row(7)]}

    found = read_page(SYSTEM, REPO, body)

    assert found == [read_state(payload(build_id=one)) for one in (8, 7)]


def test_builds_of_another_repository_of_that_name_are_left_out() -> None:
    body = {"items": [row(9, repo_id=0), row(8, repo_id=2), row(7)]}

    assert names(read_page(SYSTEM, REPO, body)) == [7]


def test_the_newest_builds_are_read_out_of_their_repositories() -> None:
    repo = {**payload()["repo"], "id": 2, "slug": "octocat/other"}
    body = {"items": [{**repo, "build": row(8)}]}

    assert read_newest(SYSTEM, body) == [read_state({**payload(build_id=8), "repo": repo})]


ODD: list[Any] = [None, 1, "a", [], {}, {"id": -1}, {"id": 1}, {"id": 1, "build": []}]


def names(states: list[BuildState]) -> list[int]:
    return [one.build.id for one in states]


def test_what_is_no_build_is_left_out() -> None:
    assert names(read_page(SYSTEM, REPO, {"items": [*ODD[:6], row(7)]})) == [7]
    assert names(read_newest(SYSTEM, {"items": [*ODD, {"build": row(7)}]})) == []
    assert names(read_page(SYSTEM, REPO, {"items": "a"})) == []


PAGES_ON = {
    "all of it unheard": ((1, 25, 25, 25), True),
    "some of it unheard": ((1, 25, 25, 1), True),
    "none of it unheard": ((1, 25, 25, 0), False),
    "past the horizon": ((1, 25, 24, 24), False),
    "empty": ((2, 0, 0, 0), False),
    "the last that is read": ((PAGES, 25, 25, 25), False),
}


@pytest.mark.parametrize(("page", "on"), PAGES_ON.values(), ids=PAGES_ON)
def test_another_page_follows_one_that_is(page: tuple[int, int, int, int], on: bool) -> None:
    assert goes_on(*page) is on
