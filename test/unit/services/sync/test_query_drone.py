"""A query goes to the call that answers it, and whatever happens comes back."""

import logging
from dataclasses import replace

import pytest
from fakes import FakeDrone

from server.core.drone.answers import Away, LogFound
from server.core.drone.query import ACCOUNT, REPOS, DroneQuery, DroneResponse, QueryKind
from server.core.http_answer import Answer
from server.services.sync.query import query_drone

SLUG = "octocat/hello-world"
CALLS = {
    "account": (ACCOUNT, "account"),
    "repos": (REPOS, "own repos"),
    "repo": (DroneQuery(QueryKind.REPO, "a", SLUG), f"repo {SLUG}"),
    "builds": (DroneQuery(QueryKind.BUILDS, "a", SLUG), f"builds {SLUG}"),
    "missed": (DroneQuery(QueryKind.MISSED, "a", SLUG, 3), f"build {SLUG} 3"),
    "build": (DroneQuery(QueryKind.BUILD, "a", SLUG, 7), f"build {SLUG} 7"),
    "log": (DroneQuery(QueryKind.LOG, "a", SLUG, 7, 1, 2), f"log {SLUG} 7 1 2"),
}


def test_every_kind_of_query_is_here() -> None:
    assert {*CALLS} == {kind.value for kind in QueryKind}


@pytest.mark.parametrize(("query", "call"), CALLS.values(), ids=CALLS)
def test_a_query_goes_to_its_call(query: DroneQuery, call: str) -> None:
    drone = FakeDrone()

    response = query_drone(query, drone)

    assert (drone.asked, response.query) == ([call], query)


def test_an_admin_asks_for_all_repositories() -> None:
    drone = FakeDrone()

    query_drone(replace(REPOS, is_admin=True), drone)

    assert drone.asked == ["all repos"]


class Broken(FakeDrone):
    """A client with a fault of its own."""

    def who_am_i(self) -> Answer:
        raise ValueError("Authorization: Bearer hunter2")


def test_a_fault_comes_back_as_no_answer_without_a_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    response = query_drone(ACCOUNT, Broken())

    assert response == DroneResponse(ACCOUNT, Away(0, "ValueError"))
    assert "hunter2" not in str([vars(one) for one in caplog.records])


class Talkative(FakeDrone):
    """A client whose step has printed more than anybody reads."""

    def step_log(self, slug: str, number: int, stage: int, step: int) -> Answer:
        lines = [*("\u200b\n" * 50_000).splitlines(True), *(f"{n}\n" for n in range(100))]
        rows = [{"pos": place, "out": line} for place, line in enumerate(lines)]
        return Answer(200, {}, {"items": rows})


def test_of_a_log_no_more_comes_back_than_can_be_shown() -> None:
    response = query_drone(DroneQuery(QueryKind.LOG, "a", SLUG, 7, 1, 2), Talkative())

    assert response.result == LogFound("\n".join(str(60 + place) for place in range(40)))
