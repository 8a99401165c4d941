"""Clients that take their time, and clients that come by the hundred: all others are served."""

import resource
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from front import output_of, port_of
from slow_clients import HEAD, KINDS, slow_clients
from stack import SECRET, Bridge, environ_of, eventually
from wire import head, wire

from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.drone.delivery import Delivery
from playground.drone.signing import sign

CLIENTS = 300
DELIVERIES = play("push")
# Drone would wait for a minute; who is held up by slow clients waits for as long as they like.
PATIENCE = 10


def post_all(bridge: Bridge, deliveries: list[Delivery]) -> list[int]:
    """Post each on a connection of its own."""
    statuses = []
    for delivery in deliveries:
        signed = dict(sign(delivery.body, SECRET, datetime.now(UTC)))
        answer = requests.post(bridge.url, data=delivery.body, headers=signed, timeout=PATIENCE)
        statuses.append(answer.status_code)
    return statuses


def test_slow_clients_hold_nobody_up(front: Bridge) -> None:
    with slow_clients(port_of(front), CLIENTS) as clients:
        eventually(lambda: clients.opened >= CLIENTS)

        assert post_all(front, DELIVERIES) == [204] * len(DELIVERIES)
        assert requests.get(f"{front.url}/health", timeout=PATIENCE).status_code == 200

    assert "Traceback" not in output_of(front)


def test_a_head_that_does_not_end_is_ended(front: Bridge) -> None:
    with slow_clients(port_of(front), 1, [HEAD]) as clients:
        assert eventually(lambda: clients.longest_seconds)


def test_a_new_client_is_served_however_many_are_there(front: Bridge) -> None:
    silent: list[socket.socket] = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2000)), hard))
    try:
        # More than both processes let one address have.
        for _ in range(1200):
            silent.append(socket.create_connection(("127.0.0.1", port_of(front))))
        assert post_all(front, DELIVERIES[:1]) == [204]
    finally:
        for sock in silent:
            sock.close()


def test_clients_that_do_not_read_their_answers_hold_nobody_up(front: Bridge) -> None:
    deaf = [socket.create_connection(("127.0.0.1", port_of(front))) for _ in range(40)]
    try:
        for sock in deaf:
            sock.setblocking(False)
            for _ in range(50):
                try:
                    sock.send(head("GET", "/openapi.json") * 100)
                except BlockingIOError:
                    break

        assert post_all(front, DELIVERIES[:1]) == [204]
        assert requests.get(f"{front.url}/health", timeout=PATIENCE).status_code == 200
    finally:
        for sock in deaf:
            sock.close()


def test_a_flood_of_refused_requests_is_told_in_a_few_lines(front: Bridge) -> None:
    before = output_of(front).count("\n")

    with wire(port_of(front)) as connection:
        for _ in range(300):
            connection.send(head("POST", "/", Content_Length=2), b"{}")
            assert connection.reason() == (401, "unsigned")

    assert output_of(front).count("\n") - before <= 20


@pytest.fixture
def another(mongo_uri: str, stand_in: StandIn, tmp_path: Path) -> Iterator[Bridge]:
    """Give a bridge that the test may stop."""
    environ = {**environ_of(mongo_uri, stand_in, tmp_path), "WEB_CONCURRENCY": "2"}
    bridge = Bridge(environ, tmp_path, stand_in)
    bridge.start_server()
    yield bridge
    bridge.stop()


def test_sigterm_ends_a_server_that_slow_clients_hold(another: Bridge) -> None:
    (server,) = another.processes

    with slow_clients(port_of(another), CLIENTS, KINDS) as clients:
        eventually(lambda: clients.opened >= CLIENTS)
        assert server.end(signal.SIGTERM) == 0

    assert "Shutting down: Master" in server.output()
