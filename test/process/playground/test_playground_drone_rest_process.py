"""Drone's stand-in starts with one line and stops without a word, and its faults are as ordered."""

import signal
import subprocess
import sys

import pytest
import requests

from playground.drone.rest.accounts import ADMIN_TOKEN
from playground.drone.rest.process import DroneStandIn
from playground.drone.world import HELLO
from playground.stand_in import OrderRefused

COMMAND = [sys.executable, "-m", "playground.drone.rest"]
HEADERS = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
BUILD = "/api/repos/{namespace}/{name}/builds/{number}"


def user(drone: DroneStandIn, timeout: float = 10) -> requests.Response:
    """Ask whose token it is, on a connection of its own."""
    return requests.get(f"{drone.address}/api/user", headers=HEADERS, timeout=timeout)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_says_one_line_then_stops_when_told(stop: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line.removeprefix("Drone stand-in ready: ").strip()
        answered = requests.get(f"{address}/healthz", timeout=60).status_code

        process.send_signal(stop)
        rest, errors = process.communicate(timeout=60)

    assert answered == 200
    assert address.startswith("http://127.0.0.1:")
    assert (rest, errors, process.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    "arguments",
    [["--host", "0.0.0.0"], ["--speed", "-1"], ["--speed", "fast"]],  # noqa: S104
    ids=["host", "negative speed", "no speed"],
)
def test_a_wrong_argument_ends_it_with_a_sentence(arguments: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert arguments[0] in done.stderr


def test_a_fault_hits_what_it_is_meant_for(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.add_fault("answer", status=503, method="GET", route=BUILD, skip=1)
    paths = [f"/api/repos/{HELLO}", *[f"/api/repos/{HELLO}/builds/1"] * 3]

    answers = [requests.get(drone.address + path, timeout=60).status_code for path in paths]

    assert answers == [200, 200, 503, 200]
    assert [one["hits"] for one in drone.order("GET", "faults")] == [1]


def test_a_fault_may_come_after_the_request_took_effect(drone: DroneStandIn) -> None:
    drone.add_build()
    drone.add_fault("reset", when="after", method="POST")

    with pytest.raises(requests.ConnectionError):
        requests.post(f"{drone.address}/api/repos/{HELLO}/builds/1", headers=HEADERS, timeout=60)

    address = f"{drone.address}/api/repos/{HELLO}/builds/2"
    assert requests.get(address, timeout=60).json()["parent"] == 1


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        pytest.param({}, 500, b'{"message":"Internal Server Error"}\n', id="error"),
        pytest.param(
            {"status": 409}, 409, b'{"message":"Optimistic Lock Error"}\n', id="lost race"
        ),
        pytest.param({"status": 500, "message": "x"}, 500, b'{"message":"x"}\n', id="message"),
        pytest.param({"status": 200, "body": None}, 200, b"null\n", id="null"),
        pytest.param({"status": 200, "body": []}, 200, b"[]\n", id="list"),
    ],
)
def test_an_answer_can_be_anything(
    drone: DroneStandIn, fault: dict[str, object], status: int, body: bytes
) -> None:
    drone.add_fault("answer", **fault)

    answer = user(drone)

    assert (answer.status_code, answer.content) == (status, body)


def test_a_page_is_no_json(drone: DroneStandIn) -> None:
    drone.add_fault("page", status=502)

    answer = user(drone)

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")


@pytest.mark.parametrize(
    ("do", "error"),
    [
        pytest.param("reset", requests.ConnectionError, id="reset"),
        pytest.param("hang", requests.Timeout, id="hang"),
        pytest.param("cut", requests.exceptions.ChunkedEncodingError, id="cut"),
    ],
)
def test_a_caller_can_be_left_without_an_answer(
    drone: DroneStandIn, do: str, error: type[Exception]
) -> None:
    drone.add_fault(do)

    with pytest.raises(error):
        user(drone, timeout=0.5)

    assert user(drone).status_code == 200


def test_a_hanging_request_holds_nobody_up(drone: DroneStandIn) -> None:
    drone.add_fault("hang", seconds=1)

    with pytest.raises(requests.Timeout):
        user(drone, timeout=0.1)

    assert user(drone, timeout=60).status_code == 200


def test_a_hanging_request_is_in_the_log_at_once(drone: DroneStandIn) -> None:
    drone.add_fault("hang", seconds=1)

    with pytest.raises(requests.Timeout):
        user(drone, timeout=0.1)

    assert [(one["path"], one["status"]) for one in drone.requests()] == [("/api/user", 0)]


def test_a_slow_answer_is_right(drone: DroneStandIn) -> None:
    drone.add_fault("slow", seconds=0.2)

    answer = user(drone)

    assert (answer.status_code, answer.json()["login"]) == (200, "octocat")
    assert answer.elapsed.total_seconds() >= 0.2


def test_a_dripping_answer_is_right(drone: DroneStandIn) -> None:
    drone.add_fault("drip", seconds=0.001)

    assert user(drone).json()["login"] == "octocat"


def test_faults_can_be_cleared(drone: DroneStandIn) -> None:
    drone.add_fault("answer", times=0)
    broken = user(drone).status_code
    drone.clear_faults()

    assert (broken, user(drone).status_code) == (500, 200)


def test_an_unknown_fault_is_refused(drone: DroneStandIn) -> None:
    with pytest.raises(OrderRefused, match="do must be one of"):
        drone.add_fault("explode")


def test_requests_are_logged_with_who_asked(drone: DroneStandIn) -> None:
    user(drone)
    requests.delete(
        f"{drone.address}/api/repos/{HELLO}/builds/1?a=b", timeout=60, headers={"User-Agent": "x"}
    )
    drone.add_fault("reset")
    with pytest.raises(requests.ConnectionError):
        user(drone)

    keys = ("method", "route", "path", "query", "account", "is_authorized", "status", "fault")
    assert [tuple(one[key] for key in keys) for one in drone.requests()] == [
        ("GET", "/api/user", "/api/user", "", "octocat", True, 200, ""),
        ("DELETE", BUILD, f"/api/repos/{HELLO}/builds/1", "a=b", "", False, 401, ""),
        ("GET", "/api/user", "/api/user", "", "octocat", True, 0, "reset before"),
    ]
    assert drone.requests(method="DELETE")[0]["agent"] == "x"
    assert drone.counts()["most_in_a_second"] == 3


def test_no_log_has_a_token(drone: DroneStandIn) -> None:
    user(drone)
    requests.get(f"{drone.address}/api/user?access_token={ADMIN_TOKEN}", timeout=60)

    assert ADMIN_TOKEN not in str(drone.requests())
