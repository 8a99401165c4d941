"""What each answer of Drone's API is read as."""

from collections.abc import Callable
from typing import Any

import pytest
from fakes import payload, state

from server.core.drone.answers import (
    REPOS_AT_MOST,
    AccountFound,
    ActionDone,
    Away,
    BuildFound,
    BuildsFound,
    LogFound,
    Missing,
    Refused,
    Rejected,
    RepoFound,
    ReposFound,
    read_account,
    read_action,
    read_build,
    read_builds,
    read_log,
    read_repo,
    read_repos,
)
from server.core.drone.query import DroneQuery, QueryKind
from server.core.http_answer import Answer
from server.core.model.build import Stage
from server.core.model.status import Status

EMPTY: dict[str, object] = {}
STAGES = [{"id": 1, "version": 2, "number": 1, "name": "ci", "status": "running"}]
BODY = {**payload("running", STAGES)["build"], "repo_id": 1}
BUILD = BuildFound(
    1,
    state("running").build,
    (Stage(1, 2, 1, "ci", Status.RUNNING, "", False, 0, 0, 0),),
)
REPO = payload()["repo"]

ANSWERS: dict[str, tuple[Callable[[Answer], object], int, dict[str, object], object]] = {
    "a build": (read_build, 200, BODY, BUILD),
    "a build without an id": (read_build, 200, EMPTY, Away(200)),
    "no build": (read_build, 404, EMPTY, Missing()),
    "a repository": (read_repo, 200, {**REPO, "counter": 9}, RepoFound(state().repo, 9)),
    "no repository": (read_repo, 404, EMPTY, Missing()),
    "a repository without an id": (read_repo, 200, {"slug": "a/b"}, Away(200)),
    "a list": (read_builds, 200, {"items": [BODY]}, BuildsFound((BUILD,))),
    "a list of nothing": (read_builds, 200, {"items": []}, BuildsFound(())),
    "an object where a list should be": (read_builds, 200, {"id": 7}, Away(200)),
    "text where a list should be": (read_builds, 200, {"items": "a"}, Away(200)),
    "the repositories": (
        read_repos,
        200,
        {"items": [REPO]},
        ReposFound((RepoFound(state().repo, 0),)),
    ),
    "an object where repositories should be": (read_repos, 200, REPO, Away(200)),
    "no list of repositories": (read_repos, 404, EMPTY, Missing()),
    "an account": (read_account, 200, {"login": "bridge"}, AccountFound("bridge", False)),
    "an administrator": (
        read_account,
        200,
        {"login": "bridge", "admin": True},
        AccountFound("bridge", True),
    ),
    "an account without a name": (read_account, 200, EMPTY, Away(200)),
    "no such page": (read_account, 404, EMPTY, Away(404)),
    "a log": (read_log, 200, {"items": [{"pos": 0, "out": "a\n"}]}, LogFound("a\n")),
    "a log without lines": (read_log, 200, {"items": []}, LogFound("")),
    "a log of nothing": (read_log, 200, EMPTY, LogFound("")),
    "no log yet": (read_log, 404, EMPTY, Missing()),
    "a refused token": (read_build, 401, EMPTY, Refused(401)),
    "an account that was switched off": (read_build, 403, EMPTY, Refused(403)),
    "nothing": (read_build, 0, EMPTY, Away(0)),
    "a redirect": (read_build, 302, EMPTY, Rejected(302, "")),
    "a bad request": (read_build, 400, EMPTY, Rejected(400, "")),
    "too many requests": (read_build, 429, EMPTY, Rejected(429, "")),
    "a fault": (read_build, 500, {"message": "oops"}, Rejected(500, "oops")),
    "a gateway without a Drone": (read_log, 502, EMPTY, Away(502)),
    "a Drone that is being restarted": (read_build, 503, EMPTY, Away(503)),
    "a gateway that waited for Drone": (read_build, 504, EMPTY, Away(504)),
    "an action that makes a build": (read_action, 200, BODY, ActionDone(BUILD)),
    "an action that starts nothing": (read_action, 200, EMPTY, ActionDone()),
    "an action without an answer": (read_action, 204, EMPTY, ActionDone()),
    "an action that loses": (
        read_action,
        409,
        {"message": "conflict"},
        Rejected(409, "conflict"),
    ),
    "an action on nothing": (read_action, 404, EMPTY, Missing()),
    "an action that is not allowed": (read_action, 403, EMPTY, Refused(403)),
    "an action without any answer": (read_action, 0, EMPTY, Away(0)),
}


@pytest.mark.parametrize(("read", "status", "body", "result"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is(
    read: Callable[[Answer], object], status: int, body: dict[str, object], result: object
) -> None:
    assert read(Answer(status, {}, body)) == result


FAILURES: dict[str, tuple[int, object]] = {
    "missing": (404, Missing(404, "bad_slug")),
    "refused": (401, Refused(401, "bad_slug")),
    "rejected": (500, Rejected(500, "", "bad_slug")),
    "away": (0, Away(0, "bad_slug")),
}


@pytest.mark.parametrize(("status", "failure"), FAILURES.values(), ids=FAILURES)
def test_the_error_of_a_request_is_kept(status: int, failure: object) -> None:
    assert read_build(Answer(status, {}, {}, "bad_slug")) == failure


def test_the_reason_of_no_answer_is_the_error_or_the_status() -> None:
    assert (Away(0, "timeout").reason, Away(502).reason) == ("timeout", "http_502")


def test_of_a_long_message_the_start_is_read() -> None:
    found = read_build(Answer(400, {}, {"message": "x" * 501}))

    assert found == Rejected(400, "x" * 500)


@pytest.mark.parametrize(
    ("count", "is_whole"), [(0, False), (1, True), (REPOS_AT_MOST, False)], ids=str
)
def test_a_list_is_whole_while_it_is_neither_empty_nor_full(count: int, is_whole: bool) -> None:
    items: list[Any] = [{}] * count
    found = read_repos(Answer(200, {}, {"items": items}))

    assert isinstance(found, ReposFound)
    assert found.is_whole is is_whole


def test_a_query_stays_the_same_when_its_repository_is_renamed() -> None:
    assert DroneQuery(QueryKind.BUILD, "a", "old/name") == DroneQuery(
        QueryKind.BUILD, "a", "new/name"
    )
