"""Drone's API as the bridge calls it: what it asks, and what it makes of whatever comes back."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from playground.drone.rest.accounts import ADMIN_TOKEN, USER_TOKEN
from playground.drone.rest.process import DroneStandIn
from playground.drone.world import HELLO, MONOREPO, SHOP
from playground.supervisor import free_port
from runtime.secret import Secret
from server.core.drone.log_rows import KEPT_CHARS
from server.core.http_answer import Answer
from server.edges import drone as drone_rest
from server.edges.drone import DroneRest, Patience
from server.services import ports

BUILDS = f"/api/repos/{HELLO}/builds"
FAILING = [{"name": "test", "steps": [{"name": "unit", "exit_code": 1, "log": "one\ntwo\n"}]}]


def rest_of(
    drone: DroneStandIn, token: str = ADMIN_TOKEN, patience: Patience | None = None
) -> DroneRest:
    """Return what is tested, which is what the services need."""
    rest = DroneRest(drone.address, Secret(token), patience)
    _: ports.Drone = rest
    return rest


@pytest.fixture
def rest(drone: DroneStandIn) -> DroneRest:
    """Give an administrator's calls."""
    return rest_of(drone)


def asked(drone: DroneStandIn) -> list[tuple[str, str, str]]:
    """Return what Drone was asked: method, path and query."""
    return [(one["method"], one["path"], one["query"]) for one in drone.requests()]


def brief(answer: Answer) -> tuple[int, Mapping[str, Any], str]:
    """Return an answer without its headers."""
    return answer.status, answer.body, answer.error


def items(answer: Answer) -> list[Any]:
    """Return the list that an answer has."""
    assert answer.status == 200
    found = answer.body["items"]
    assert isinstance(found, list)
    return found


CALLS: Mapping[str, tuple[Callable[[DroneRest], Answer], tuple[str, str, str]]] = {
    "who am I": (lambda rest: rest.who_am_i(), ("GET", "/api/user", "")),
    "own repositories": (lambda rest: rest.own_repos(), ("GET", "/api/user/repos", "")),
    "all repositories": (
        lambda rest: rest.all_repos(),
        ("GET", "/api/repos", "page=1&per_page=5000"),
    ),
    "builds": (lambda rest: rest.builds(HELLO), ("GET", BUILDS, "")),
    "build": (lambda rest: rest.build(HELLO, 1), ("GET", f"{BUILDS}/1", "")),
    "repo": (lambda rest: rest.repo(HELLO), ("GET", f"/api/repos/{HELLO}", "")),
    "log": (lambda rest: rest.step_log(HELLO, 1, 2, 3), ("GET", f"{BUILDS}/1/logs/2/3", "")),
    "restart": (
        lambda rest: rest.restart(HELLO, 1, {"A": "1 & 2", "Ä": "="}),
        ("POST", f"{BUILDS}/1", "A=1+%26+2&%C3%84=%3D"),
    ),
    "cancel": (lambda rest: rest.cancel(HELLO, 1), ("DELETE", f"{BUILDS}/1", "")),
    "promote": (
        lambda rest: rest.promote(HELLO, 1, "a b", {"target": "other", "B": "2"}),
        ("POST", f"{BUILDS}/1/promote", "target=a+b&target=other&B=2"),
    ),
    "rollback": (
        lambda rest: rest.rollback(HELLO, 1, "prod", {}),
        ("POST", f"{BUILDS}/1/rollback", "target=prod"),
    ),
    "approve": (lambda rest: rest.approve(HELLO, 1, 2), ("POST", f"{BUILDS}/1/approve/2", "")),
    "decline": (lambda rest: rest.decline(HELLO, 1, 2), ("POST", f"{BUILDS}/1/decline/2", "")),
}


@pytest.mark.parametrize(("call", "request_"), CALLS.values(), ids=CALLS)
def test_each_call_is_one_request_with_the_token(
    drone: DroneStandIn,
    rest: DroneRest,
    call: Callable[[DroneRest], Answer],
    request_: tuple[str, str, str],
) -> None:
    call(rest)

    assert asked(drone) == [request_]
    (entry,) = drone.requests()
    assert (entry["account"], entry["agent"]) == ("octocat", drone_rest.USER_AGENT)


@pytest.mark.parametrize("call", [call for call, _ in CALLS.values()], ids=CALLS)
def test_no_call_raises_without_a_drone(call: Callable[[DroneRest], Answer]) -> None:
    rest = DroneRest(f"http://127.0.0.1:{free_port()}", Secret("token-of-the-tests"))

    assert brief(call(rest)) == (0, {}, "ConnectionError")


def test_a_build_comes_with_its_stages(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_build(stages=FAILING)
    drone.leap()

    answer = rest.build(HELLO, 1)

    assert (answer.status, answer.body["status"], answer.error) == (200, "failure", "")
    stages: Any = answer.body["stages"]
    assert [step["name"] for step in stages[0]["steps"]] == ["unit"]


def test_lists_come_under_items(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_build(stages=FAILING)
    drone.leap()

    assert [build["number"] for build in items(rest.builds(HELLO))] == [1]
    assert [repo["counter"] for repo in items(rest.own_repos()) if repo["slug"] == HELLO] == [1]
    assert [repo["counter"] for repo in items(rest.all_repos()) if repo["slug"] == HELLO] == [1]
    assert [line["out"] for line in items(rest.step_log(HELLO, 1, 1, 1))] == ["one\n", "two\n"]


def test_null_is_nothing_without_an_error(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_build(message="[ci skip]")

    assert brief(rest.restart(HELLO, 1, {})) == (200, {}, "")


def test_a_step_that_printed_nothing_has_no_lines(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_build()
    drone.leap()

    assert brief(rest.step_log(HELLO, 1, 1, 1)) == (200, {}, "")


def test_an_approval_is_answered_without_a_body(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_build(slug=SHOP, blocked=True)

    assert brief(rest.approve(SHOP, 1, 1)) == (204, {}, "")


def test_acts_return_the_build_they_made(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_build()

    answers = [
        rest.restart(HELLO, 1, {}),
        rest.promote(HELLO, 1, "prod", {"target": "other"}),
        rest.rollback(HELLO, 1, "prod", {}),
        rest.cancel(HELLO, 1),
    ]

    keys = ("number", "event", "status", "deploy_to")
    assert [tuple(answer.body.get(key) for key in keys) for answer in answers] == [
        (2, "push", "pending", None),
        (3, "promote", "pending", "prod"),
        (4, "rollback", "pending", "prod"),
        (1, "push", "killed", None),
    ]


@pytest.mark.parametrize(
    ("token", "call", "answer"),
    [
        pytest.param(
            *("wrong", lambda rest: rest.who_am_i(), (401, {"message": "Unauthorized"}, "")),
            id="a wrong token",
        ),
        pytest.param(
            *("wrong", lambda rest: rest.repo(MONOREPO), (401, {"message": "Unauthorized"}, "")),
            id="a guest at a private repository",
        ),
        pytest.param(
            *(USER_TOKEN, lambda rest: rest.repo(MONOREPO), (404, {"message": "Not Found"}, "")),
            id="an account without permission",
        ),
        pytest.param(
            ADMIN_TOKEN,
            lambda rest: rest.build(HELLO, 9),
            (404, {"message": "sql: no rows in result set"}, ""),
            id="an unknown build",
        ),
        pytest.param(
            ADMIN_TOKEN,
            lambda rest: rest.promote(HELLO, 1, "", {}),
            (400, {"message": "Missing target environment"}, ""),
            id="no target",
        ),
    ],
)
def test_refusals_come_as_drone_says_them(
    drone: DroneStandIn,
    token: str,
    call: Callable[[DroneRest], Answer],
    answer: tuple[int, Mapping[str, Any], str],
) -> None:
    drone.add_build()

    assert brief(call(rest_of(drone, token))) == answer


@pytest.mark.parametrize(
    "slug",
    [
        *("", "/", "hello", "a/b/c", "../..", "octocat/..", "./hello-world", "octocat/", "/x"),
        "octocat/hello-world/builds/1",
    ],
)
def test_a_slug_that_no_repository_has_is_not_asked_for(
    drone: DroneStandIn, rest: DroneRest, slug: str
) -> None:
    assert brief(rest.cancel(slug, 1)) == (404, {}, "bad_slug")
    assert asked(drone) == []


@pytest.mark.parametrize(
    ("slug", "path"),
    [
        ("~ada/repo", "/api/repos/~ada/repo/builds/1"),
        ("a/b?access_token=x", "/api/repos/a/b%3Faccess_token%3Dx/builds/1"),
        ("a/b#c", "/api/repos/a/b%23c/builds/1"),
        ("a/%2e%2e", "/api/repos/a/%252e%252e/builds/1"),
        ("a/..;x", "/api/repos/a/..%3Bx/builds/1"),
        ("a\\..\\b/c", "/api/repos/a%5C..%5Cb/c/builds/1"),
        ("a/b c\r\nd", "/api/repos/a/b%20c%0D%0Ad/builds/1"),
        ("é/\ud800", "/api/repos/%C3%A9/%3F/builds/1"),
        ("@evil.example/x", "/api/repos/%40evil.example/x/builds/1"),
    ],
)
def test_a_hostile_slug_stays_in_its_place(
    drone: DroneStandIn, rest: DroneRest, slug: str, path: str
) -> None:
    assert rest.build(slug, 1).status == 404
    assert asked(drone) == [("GET", path, "")]


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        pytest.param({"do": "reset"}, (0, {}, "ConnectionError"), id="reset"),
        pytest.param({"do": "answer"}, (500, {"message": "Internal Server Error"}, ""), id="500"),
        pytest.param(
            {"do": "answer", "status": 409},
            (409, {"message": "Optimistic Lock Error"}, ""),
            id="somebody was faster",
        ),
        pytest.param({"do": "page", "status": 502}, (502, {}, ""), id="a proxy's page"),
        pytest.param({"do": "page", "status": 200}, (0, {}, "not_json"), id="a page with 200"),
        pytest.param(
            {"do": "answer", "status": 200, "body": "well"}, (0, {}, "not_json"), id="a text"
        ),
        pytest.param({"do": "answer", "status": 500, "body": 7}, (500, {}, ""), id="a number"),
        pytest.param(
            {"do": "answer", "status": 302, "body": {}, "headers": {"Location": "/version"}},
            (302, {}, ""),
            id="a redirect",
        ),
    ],
)
def test_whatever_comes_is_an_answer(
    drone: DroneStandIn,
    rest: DroneRest,
    fault: dict[str, Any],
    answer: tuple[int, Mapping[str, Any], str],
) -> None:
    drone.add_fault(**fault)

    assert brief(rest.build(HELLO, 1)) == answer
    assert len(asked(drone)) == 1


def test_half_an_answer_is_none(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_fault("cut")

    answer = rest.who_am_i()

    # How much of it comes before the reset is chance, and so is the error's name.
    assert (answer.status, answer.body, answer.error != "") == (0, {}, True)


def test_after_a_fault_the_next_call_is_well(drone: DroneStandIn, rest: DroneRest) -> None:
    for do in ("reset", "cut", "answer"):
        drone.add_fault(do)
        rest.who_am_i()

    assert rest.who_am_i().body["login"] == "octocat"


def test_a_drone_that_does_not_answer_is_given_up(drone: DroneStandIn) -> None:
    drone.add_fault("hang", times=2, seconds=1)

    rest = rest_of(drone, patience=Patience(read=0.1, act=0.1))

    assert brief(rest.build(HELLO, 1)) == (0, {}, "timeout")
    assert brief(rest.restart(HELLO, 1, {})) == (0, {}, "timeout")


def test_an_answer_that_never_ends_is_given_up(drone: DroneStandIn) -> None:
    drone.add_fault("drip", seconds=0.01)

    assert brief(rest_of(drone, patience=Patience(total=0.2)).who_am_i()) == (0, {}, "timeout")


def log_of(lines: int, out: str) -> list[dict[str, object]]:
    """Return a long log."""
    return [{"pos": pos, "out": out, "time": 0} for pos in range(lines)]


def test_of_the_longest_log_that_drone_keeps_the_end_is_kept(
    drone: DroneStandIn, rest: DroneRest
) -> None:
    drone.add_build(stages=FAILING)
    drone.leap()
    drone.set_log(HELLO, 1, 1, 1, log_of(50_000, "x" * 99 + "\n"))

    lines = items(rest.step_log(HELLO, 1, 1, 1))

    assert [line["pos"] for line in lines] == list(range(50_000 - len(lines), 50_000))
    assert sum(len(line["out"]) for line in lines) <= KEPT_CHARS


def test_of_a_line_without_measure_the_ends_are_kept(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_build(stages=FAILING)
    drone.leap()
    drone.set_log(HELLO, 1, 1, 1, log_of(1, f"start {'x' * 15_000_000} end\n"))

    (line,) = items(rest.step_log(HELLO, 1, 1, 1))

    assert (line["out"][:6], line["out"][-5:]) == ("start ", " end\n")
    assert len(line["out"]) <= KEPT_CHARS


def test_a_page_instead_of_a_log_is_no_answer(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_fault("page", status=200)

    assert brief(rest.step_log(HELLO, 1, 1, 1)) == (0, {}, "not_json")


def test_drone_is_waited_for_longer_than_it_takes_to_start_a_build() -> None:
    configuration_seconds, receiver_seconds = 45, 60

    assert Patience().act > configuration_seconds + receiver_seconds


def test_a_token_of_netrc_is_not_used(
    drone: DroneStandIn, rest: DroneRest, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login a password b", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))

    assert rest.who_am_i().status == 200


def test_a_redirect_does_not_carry_the_token_away(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_fault("answer", status=307, headers={"Location": f"{drone.address}/api/user"})

    assert rest.repo(HELLO).status == 307
    assert len(asked(drone)) == 1


def test_threads_ask_side_by_side(drone: DroneStandIn, rest: DroneRest) -> None:
    drone.add_build()
    drone.add_fault("slow", seconds=2, times=4)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(rest.build(HELLO, 1).status))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 4
    starts = [one["at"] for one in drone.requests()]
    assert max(starts) - min(starts) < 2


def test_no_token_shows_anywhere(
    drone: DroneStandIn, rest: DroneRest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = [repr(rest), str(vars(rest))]
    for do in ("reset", "cut", "answer", "page"):
        drone.add_fault(do)
        answer = rest.who_am_i()
        said.append(json.dumps(brief(answer)) + repr(answer))
    gone = DroneRest(f"http://127.0.0.1:{free_port()}", Secret(ADMIN_TOKEN))
    said.append(repr(gone.who_am_i()))

    assert ADMIN_TOKEN not in "".join(said) + caplog.text
