"""What an answer of Drone's means for asking on."""

import pytest

from server.core.drone.query import (
    ACCOUNT,
    REPOS,
    DroneQuery,
    DroneResponse,
    Meaning,
    QueryKind,
    read_meaning,
)
from server.core.http_answer import Answer

BUILD = DroneQuery(QueryKind.BUILD, "a", "octocat/hello-world", 7)
REPO = DroneQuery(QueryKind.REPO, "a", "octocat/hello-world")
BUILDS = DroneQuery(QueryKind.BUILDS, "a", "octocat/hello-world", 1)
MISSED = DroneQuery(QueryKind.MISSED, "a", "octocat/hello-world", 7)
LOG = DroneQuery(QueryKind.LOG, "a", "octocat/hello-world", 7, 1, 2)
EMPTY: dict[str, object] = {}

MEANINGS: dict[str, tuple[DroneQuery, int, dict[str, object], Meaning]] = {
    "a build": (BUILD, 200, {"id": 7}, Meaning.FOUND),
    "a build without an id": (BUILD, 200, EMPTY, Meaning.AWAY),
    "no build": (BUILD, 404, EMPTY, Meaning.MISSING),
    "a repository": (REPO, 200, {"id": 1}, Meaning.FOUND),
    "no repository": (REPO, 404, EMPTY, Meaning.MISSING),
    "a list": (BUILDS, 200, {"items": []}, Meaning.FOUND),
    "an object where a list should be": (BUILDS, 200, {"id": 7}, Meaning.AWAY),
    "the repositories": (REPOS, 200, {"items": [{}]}, Meaning.FOUND),
    "a build that was missed": (MISSED, 200, {"id": 7}, Meaning.FOUND),
    "an account": (ACCOUNT, 200, {"login": "bridge"}, Meaning.FOUND),
    "an account without a name": (ACCOUNT, 200, EMPTY, Meaning.AWAY),
    "no such page": (ACCOUNT, 404, EMPTY, Meaning.AWAY),
    "a log": (LOG, 200, {"items": []}, Meaning.FOUND),
    "a log of nothing": (LOG, 200, EMPTY, Meaning.FOUND),
    "no log yet": (LOG, 404, EMPTY, Meaning.MISSING),
    "a refused token": (BUILD, 401, EMPTY, Meaning.REFUSED),
    "an account that was switched off": (BUILD, 403, EMPTY, Meaning.REFUSED),
    "nothing": (BUILD, 0, EMPTY, Meaning.AWAY),
    "a redirect": (BUILD, 302, EMPTY, Meaning.AWAY),
    "a bad request": (BUILD, 400, EMPTY, Meaning.AWAY),
    "too many requests": (BUILD, 429, EMPTY, Meaning.AWAY),
    "a fault": (BUILD, 500, EMPTY, Meaning.AWAY),
    "a gateway without a Drone": (LOG, 502, EMPTY, Meaning.AWAY),
}


@pytest.mark.parametrize(("question", "status", "body", "meaning"), MEANINGS.values(), ids=MEANINGS)
def test_an_answer_means(
    question: DroneQuery, status: int, body: dict[str, object], meaning: Meaning
) -> None:
    assert read_meaning(DroneResponse(question, Answer(status, {}, body))) is meaning


def test_a_question_stays_the_same_when_its_repository_is_renamed() -> None:
    assert DroneQuery(QueryKind.BUILD, "a", "old/name") == DroneQuery(
        QueryKind.BUILD, "a", "new/name"
    )
