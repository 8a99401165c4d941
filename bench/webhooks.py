"""The webhooks to send: builds of a chosen length, and the bytes of their requests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stack import SECRET

from playground.drone import hooks
from playground.drone.builds import play
from playground.drone.delivery import Delivery
from playground.drone.loop import Process
from playground.drone.pipeline import StagePlan, StepPlan
from playground.drone.server import Server
from playground.drone.signing import headers_of
from playground.drone.trigger import create_build
from playground.drone.world import HELLO

FINAL = ("success", "failure")


@dataclass(frozen=True, slots=True)
class Timed:
    """One request, and when it is to be sent: seconds after the start."""

    at: float
    request: bytes


def play_builds(
    count: int, webhooks: int, seconds_between: float = 3.0, first: int = 1
) -> list[Delivery]:
    """Play *count* builds of *webhooks* deliveries each, in the order in which Drone sends them.

    *webhooks* is even: one for the start, two for every step, one for the ending. Every fifth build
    fails. Other values of *first* give other builds.
    """
    scenario = _builds(count, webhooks // 2 - 1, seconds_between)
    return play(scenario, seed=first, first_id=first * 1000, first_number=first)


def _builds(count: int, steps: int, seconds_between: float) -> Callable[[Server], Process]:
    def scenario(server: Server) -> Process:
        for number in range(count):
            hook = hooks.push(server.repos[HELLO], server.random)
            create_build(server, HELLO, hook, [_stage(steps, fails=number % 5 == 4)])
            yield seconds_between

    return scenario


def _stage(steps: int, fails: bool) -> StagePlan:
    plans = [StepPlan(f"step {number}", seconds=7.0) for number in range(1, steps)]
    last = StepPlan(f"step {steps}", seconds=7.0, exit_code=int(fails))
    return StagePlan("default", [*plans, last])


def by_build(deliveries: Sequence[Delivery]) -> list[list[Delivery]]:
    """Sort deliveries by build, in the order in which the builds began."""
    builds: dict[int, list[Delivery]] = {}
    for delivery in deliveries:
        builds.setdefault(delivery.build_id, []).append(delivery)
    return list(builds.values())


def request_of(delivery: Delivery, signed_at: datetime) -> bytes:
    """Return the bytes that Drone would send, signed at an instant of its clock."""
    headers = {
        "Host": "127.0.0.1",
        "User-Agent": "Go-http-client/1.1",
        "Content-Length": str(len(delivery.body)),
        **headers_of(delivery, SECRET, signed_at),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + delivery.body


def many_requests(
    deliveries: Sequence[Delivery], count: int, signed_at: datetime, first: int = 0
) -> list[bytes]:
    """Return *count* different requests from *deliveries*, each body signed at several instants.

    Another instant makes another signature, and so another delivery. Other values of *first* give
    other requests.
    """
    return [
        request_of(
            deliveries[number % len(deliveries)],
            signed_at - timedelta(seconds=number // len(deliveries)),
        )
        for number in range(first, first + count)
    ]
