"""Drone's stand-in answers each call of the API as Drone does, to whoever asks."""

from collections.abc import Mapping
from typing import Any

import pytest
import requests

from playground.drone.rest.accounts import ADMIN_TOKEN, MACHINE_TOKEN, USER_TOKEN
from playground.drone.rest.process import DroneStandIn
from playground.drone.world import HELLO, MONOREPO, SHOP, SITE
from playground.stand_in import OrderRefused

ADMIN, PERSON, MACHINE, GUEST = ADMIN_TOKEN, USER_TOKEN, MACHINE_TOKEN, ""
FAILING = [{"name": "test", "steps": [{"name": "unit", "exit_code": 1, "log": "one\ntwo\r3\n"}]}]
Json = Any


def ask(
    drone: DroneStandIn, path: str, token: str = ADMIN, method: str = "GET", **headers: str
) -> tuple[int, Json]:
    """Return status and JSON of a call."""
    given = {"Authorization": f"Bearer {token}", **headers} if token else headers
    response = requests.request(method, drone.address + path, headers=given, timeout=60)
    return response.status_code, response.json() if response.content else None


def error(message: str) -> Mapping[str, str]:
    """Return how Drone says *message*."""
    return {"message": message}


UNAUTHORIZED = 401, error("Unauthorized")
FORBIDDEN = 403, error("Forbidden")
NOT_FOUND = 404, error("Not Found")
NO_ROWS = 404, error("sql: no rows in result set")


def bad_number(text: str) -> tuple[int, Mapping[str, str]]:
    """Return how Drone complains about a number."""
    return 400, error(f'strconv.ParseInt: parsing "{text}": invalid syntax')


def test_anybody_may_ask_for_the_version(drone: DroneStandIn) -> None:
    status, body = ask(drone, "/version", GUEST)

    assert (status, sorted(body)) == (200, ["commit", "source", "version"])


def test_health_is_always_ok(drone: DroneStandIn) -> None:
    response = requests.get(f"{drone.address}/healthz", timeout=60)

    assert (response.status_code, response.text) == (200, "OK")


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        pytest.param(ADMIN, ("octocat", True, False), id="administrator"),
        pytest.param(PERSON, ("ada", False, False), id="person"),
        pytest.param(MACHINE, ("bridge", True, True), id="machine"),
    ],
)
def test_a_token_tells_its_account(
    drone: DroneStandIn, token: str, answer: tuple[str, bool, bool]
) -> None:
    status, user = ask(drone, "/api/user", token)

    assert status == 200
    assert (user["login"], user["admin"], user["machine"]) == answer


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Authorization": ADMIN}, id="header without Bearer"),
        pytest.param({"Authorization": f"Bearer {ADMIN}"}, id="header with Bearer"),
    ],
)
def test_any_authorization_header_is_a_token(
    drone: DroneStandIn, headers: Mapping[str, str]
) -> None:
    assert ask(drone, "/api/user", GUEST, **headers)[0] == 200


def test_a_token_in_the_query_does_as_well_without_being_logged(drone: DroneStandIn) -> None:
    status, _ = ask(drone, f"/api/user?access_token={ADMIN}&a=1", GUEST)

    assert status == 200
    assert [one["query"] for one in drone.requests()] == ["a=1"]


@pytest.mark.parametrize(
    ("path", "method", "answers"),
    [
        ("/api/user", "GET", [200, 200, 200, 401, 401]),
        ("/api/user/repos", "GET", [200, 200, 200, 401, 401]),
        ("/api/user/builds/recent", "GET", [200, 200, 200, 401, 401]),
        ("/api/repos", "GET", [200, 403, 200, 401, 401]),
        ("/api/builds/incomplete", "GET", [200, 403, 200, 401, 401]),
        (f"/api/repos/{HELLO}", "GET", [200, 200, 200, 200, 200]),
        (f"/api/repos/{HELLO}/builds", "GET", [200, 200, 200, 200, 200]),
        (f"/api/repos/{MONOREPO}", "GET", [200, 404, 200, 401, 401]),
        ("/api/repos/no/body", "GET", [404, 404, 404, 401, 401]),
        (f"/api/repos/{HELLO}/builds/1", "DELETE", [200, 200, 200, 401, 401]),
        (f"/api/repos/{SHOP}/builds/1", "DELETE", [200, 404, 200, 401, 401]),
        (f"/api/repos/{HELLO}/builds/1/decline/1", "POST", [400, 404, 400, 401, 401]),
    ],
)
def test_each_account_gets_what_it_may(
    drone: DroneStandIn, path: str, method: str, answers: list[int]
) -> None:
    for slug in (HELLO, SHOP):
        drone.add_build(slug=slug)

    tokens = (ADMIN, PERSON, MACHINE, GUEST, "wrong")
    assert [ask(drone, path, token, method)[0] for token in tokens] == answers


def test_internal_repositories_are_for_everybody_with_an_account(drone: DroneStandIn) -> None:
    drone.set_repo(SITE, visibility="internal")

    assert [ask(drone, f"/api/repos/{SITE}", token)[0] for token in (PERSON, GUEST)] == [200, 401]


def test_a_revoked_token_makes_a_guest_of_its_account(drone: DroneStandIn) -> None:
    drone.revoke_token("octocat")

    assert ask(drone, "/api/user") == UNAUTHORIZED
    assert ask(drone, f"/api/repos/{HELLO}")[0] == 200

    drone.revoke_token("octocat", revoked=False)
    assert ask(drone, "/api/user")[0] == 200


def test_an_inactive_account_is_forbidden_everything(drone: DroneStandIn) -> None:
    drone.set_account("ada", active=False)

    assert ask(drone, "/api/user", PERSON) == FORBIDDEN
    assert ask(drone, f"/api/repos/{HELLO}", PERSON) == FORBIDDEN


def test_an_account_can_be_made(drone: DroneStandIn) -> None:
    drone.set_account("grace", token="t", permissions={MONOREPO: "read"})

    status, repo = ask(drone, f"/api/repos/{MONOREPO}", "t")
    assert (status, repo["permissions"]) == (200, {"read": True, "write": False, "admin": False})


@pytest.mark.parametrize(
    ("path", "method", "answer"),
    [
        ("/api/repos/octocat/hello-world/builds/x", "GET", bad_number("x")),
        ("/api/repos/octocat/hello-world/builds/1e3", "GET", bad_number("1e3")),
        ("/api/repos/octocat/hello-world/builds/7", "GET", NO_ROWS),
        ("/api/repos/octocat/hello-world/builds/x", "POST", bad_number("x")),
        ("/api/repos/octocat/hello-world/builds/7", "POST", NO_ROWS),
        ("/api/repos/octocat/hello-world/builds/7", "DELETE", NO_ROWS),
        ("/api/repos/octocat/hello-world/builds/1/logs/2/1", "GET", NO_ROWS),
        ("/api/repos/octocat/hello-world/builds/1/logs/1/9", "GET", NO_ROWS),
        ("/api/repos/octocat/hello-world/builds/1/logs/1/x", "GET", bad_number("x")),
        (
            "/api/repos/octocat/hello-world/builds/1/promote",
            "POST",
            (400, error("Missing target environment")),
        ),
        (
            "/api/repos/octocat/hello-world/builds/1/rollback?target=",
            "POST",
            (400, error("Missing target environment")),
        ),
        (
            "/api/repos/octocat/hello-world/builds/1/approve/1",
            "POST",
            (400, error('Cannot approve a Pipeline with Status "pending"')),
        ),
        (
            "/api/repos/octocat/hello-world/builds/1/approve/5",
            "POST",
            (404, error("Stage not found")),
        ),
        (
            "/api/repos/octocat/hello-world/builds/9/decline/1",
            "POST",
            (404, error("Build not found")),
        ),
        (
            "/api/repos/octocat/hello-world/builds/x/approve/1",
            "POST",
            (400, error("Invalid build number")),
        ),
        (
            "/api/repos/octocat/hello-world/builds/1/approve/x",
            "POST",
            (400, error("Invalid stage number")),
        ),
        (
            "/api/repos/octocat/hello-world/builds/1/decline",
            "POST",
            (400, error('Cannot decline build with status "pending"')),
        ),
        ("/api/repos/octocat/../builds/1", "GET", NOT_FOUND),
    ],
)
def test_errors_are_drones(
    drone: DroneStandIn, path: str, method: str, answer: tuple[int, Json]
) -> None:
    drone.add_build()
    path = path.replace("..", "%2e%2e")

    assert ask(drone, path, ADMIN, method) == answer


def test_where_there_is_no_route_there_is_no_json(drone: DroneStandIn) -> None:
    response = requests.get(f"{drone.address}/api/nothing", timeout=60)

    assert (response.status_code, response.text) == (404, "404 page not found\n")


def test_lists_have_the_newest_first_without_stages(drone: DroneStandIn) -> None:
    for _ in range(3):
        drone.add_build()
    drone.leap()

    _, builds = ask(drone, f"/api/repos/{HELLO}/builds")

    assert [build["number"] for build in builds] == [3, 2, 1]
    assert {build["status"] for build in builds} == {"success"}
    assert not any("stages" in build for build in builds)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", range(30, 5, -1)),
        ("page=2", range(5, 0, -1)),
        ("page=0&per_page=2", (30, 29)),
        ("page=2&per_page=2", (28, 27)),
        ("per_page=101", range(30, 5, -1)),
        ("per_page=100", range(30, 0, -1)),
        ("per_page=x&page=x", range(30, 5, -1)),
        ("branch=main&per_page=2", (30, 29)),
        ("branch=none", ()),
        ("tag=v1", ()),
    ],
)
def test_builds_come_in_pages(drone: DroneStandIn, query: str, numbers: range) -> None:
    for _ in range(30):
        drone.add_build(error="yaml: no")

    _, builds = ask(drone, f"/api/repos/{HELLO}/builds?{query}")

    assert [build["number"] for build in builds] == list(numbers)


def test_one_build_has_its_stages_with_their_steps(drone: DroneStandIn) -> None:
    drone.add_build(stages=FAILING)
    drone.leap()

    _, build = ask(drone, f"/api/repos/{HELLO}/builds/1")

    assert (build["status"], build["version"]) == ("failure", 3)
    assert [(stage["name"], stage["status"]) for stage in build["stages"]] == [("test", "failure")]
    (step,) = build["stages"][0]["steps"]
    assert (step["name"], step["status"], step["exit_code"]) == ("unit", "failure", 1)


def test_a_log_is_there_once_it_was_handed_in(drone: DroneStandIn) -> None:
    drone.add_build(stages=FAILING)
    path = f"/api/repos/{HELLO}/builds/1/logs/1/1"
    drone.leap(5)
    before = ask(drone, path)
    drone.leap()

    assert before == NO_ROWS
    assert ask(drone, path) == (
        200,
        [{"pos": 0, "out": "one\n", "time": 0}, {"pos": 1, "out": "two\r3\n", "time": 5}],
    )


def test_a_step_that_printed_nothing_has_a_log_of_null(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.leap()

    response = requests.get(f"{drone.address}/api/repos/{HELLO}/builds/1/logs/1/1", timeout=60)

    assert (response.status_code, response.text) == (200, "null\n")


def test_a_log_can_be_given_taken_away(drone: DroneStandIn) -> None:
    drone.add_build(stages=FAILING)
    drone.leap()
    path = f"/api/repos/{HELLO}/builds/1/logs/1/1"

    drone.set_log(HELLO, 1, 1, 1, [{"pos": 7, "out": "x\n", "time": 3}])
    given = ask(drone, path)
    drone.forget_log(HELLO, 1, 1, 1)

    assert given == (200, [{"pos": 7, "out": "x\n", "time": 3}])
    assert ask(drone, path) == NO_ROWS


def test_recent_builds_are_those_of_the_accounts_own_repositories(drone: DroneStandIn) -> None:
    for slug in (HELLO, MONOREPO, SHOP):
        drone.add_build(slug=slug)

    def recent(token: str) -> list[str]:
        return [repo["slug"] for repo in ask(drone, "/api/user/builds/recent", token)[1]]

    assert recent(ADMIN) == [SHOP, MONOREPO, HELLO]
    assert recent(PERSON) == [SHOP, HELLO]
    assert recent(MACHINE) == []


def test_recent_builds_are_at_most_25_inside_their_repositories(drone: DroneStandIn) -> None:
    for _ in range(27):
        drone.add_build(error="yaml: no")

    _, repos = ask(drone, "/api/user/builds/recent")

    assert [repo["build"]["number"] for repo in repos] == list(range(27, 2, -1))
    assert not any("stages" in repo["build"] for repo in repos)


def test_own_repositories_may_come_with_their_newest_build(drone: DroneStandIn) -> None:
    drone.add_build(slug=SHOP)

    _, plain = ask(drone, "/api/user/repos", PERSON)
    _, latest = ask(drone, "/api/user/repos?latest=true", PERSON)

    assert [(repo["slug"], "build" in repo) for repo in plain] == [(HELLO, False), (SHOP, False)]
    assert [(repo["slug"], "build" in repo) for repo in latest] == [(HELLO, False), (SHOP, True)]


def test_builds_that_wait_for_approval_are_missing_among_the_incomplete(
    drone: DroneStandIn,
) -> None:
    drone.add_build(slug=SHOP, blocked=True)
    drone.add_build(slug=HELLO)

    _, repos = ask(drone, "/api/builds/incomplete")

    assert [(repo["slug"], repo["build"]["status"]) for repo in repos] == [(HELLO, "pending")]


def test_an_administrator_sees_inactive_repositories_too(drone: DroneStandIn) -> None:
    drone.set_repo("acme/attic", active=False)

    _, repos = ask(drone, "/api/repos?per_page=1000")

    assert [repo["slug"] for repo in repos] == sorted(
        [HELLO, SHOP, SITE, MONOREPO, "octocat/impatient", "acme/attic"]
    )


def test_a_repository_that_was_removed_is_unknown(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.leap(5)
    drone.forget_repo(HELLO)
    drone.leap()

    assert ask(drone, f"/api/repos/{HELLO}/builds/1") == NOT_FOUND


def test_a_repository_that_was_renamed_has_its_builds_under_the_new_name_alone(
    drone: DroneStandIn,
) -> None:
    drone.add_build()
    drone.rename_repo(HELLO, "acme/moved")

    assert ask(drone, f"/api/repos/{HELLO}/builds/1") == NOT_FOUND
    status, build = ask(drone, "/api/repos/acme/moved/builds/1")
    assert (status, build["number"]) == (200, 1)
    _, repo = ask(drone, "/api/repos/acme/moved")
    assert (repo["slug"], repo["namespace"], repo["name"]) == ("acme/moved", "acme", "moved")
    assert repo["permissions"]["admin"]


def test_a_build_that_was_purged_is_unknown(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.leap(5)
    drone.forget_build(HELLO, 1)
    drone.leap()

    assert ask(drone, f"/api/repos/{HELLO}/builds/1") == NO_ROWS
    assert ask(drone, f"/api/repos/{HELLO}/builds") == (200, [])


def test_orders_about_what_is_not_there_are_refused(drone: DroneStandIn) -> None:
    with pytest.raises(OrderRefused, match="no rows"):
        drone.edit_build(HELLO, 4, status="killed")


def test_orders_with_unknown_keys_are_refused(drone: DroneStandIn) -> None:
    with pytest.raises(OrderRefused, match="unknown: colour"):
        drone.add_build(colour="red")


def test_a_strangers_name_for_this_machine_opens_no_control(drone: DroneStandIn) -> None:
    url, headers = f"{drone.address}/control/counts", {"Host": "evil.example"}

    assert requests.get(url, headers=headers, timeout=60).status_code == 403
    assert requests.get(url, timeout=60).status_code == 200
