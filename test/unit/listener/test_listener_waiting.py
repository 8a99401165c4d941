"""Which connections may wait, and which of them goes first."""

import pytest

from server.listener import waiting
from server.listener.waiting import Waiting, network_of


class Client:
    """A connection that waits."""

    def __init__(self, network: bytes = b"192.0.2.1", deadline: float = 5.0) -> None:
        self.network = network
        self.deadline = deadline


def test_of_one_address_the_one_that_has_waited_longest_goes() -> None:
    table: Waiting[Client] = Waiting(2000)
    other = Client(b"192.0.2.2")
    table.add(other, 0)
    clients = [Client() for _ in range(waiting.PER_ADDRESS)]

    assert [table.add(client, 0) for client in clients] == [[]] * len(clients)
    assert table.add(Client(), 0) == [clients[0]]


def test_of_all_the_one_that_has_waited_longest_goes() -> None:
    table: Waiting[Client] = Waiting(2)
    clients = [Client(str(number).encode()) for number in range(3)]

    assert [table.add(client, 0) for client in clients] == [[], [], [clients[0]]]


def test_who_comes_back_has_not_waited_before() -> None:
    table: Waiting[Client] = Waiting(2)
    clients = [Client(str(number).encode()) for number in range(3)]
    for client in clients[:2]:
        table.add(client, 0)
    table.remove(clients[0])
    table.add(clients[0], 0)

    assert table.add(clients[2], 0) == [clients[1]]


def test_those_that_wait_share_the_memory() -> None:
    table: Waiting[Client] = Waiting(2000)
    light, first, second = Client(), Client(), Client()
    for client in (light, first, second):
        table.add(client, 0)
    half = waiting.WAITING_BYTES // 2

    assert table.weigh(first, half) == []
    assert table.weigh(second, half) == []
    assert table.weigh(light, 0) == []
    assert table.weigh(second, half + 1) == [first]
    table.remove(first)
    assert table.weigh(second, waiting.WAITING_BYTES) == []


def test_those_whose_time_is_over_are_known() -> None:
    table: Waiting[Client] = Waiting(2000)
    early, late = Client(deadline=5.0), Client(deadline=30.0)
    table.add(early, 0)
    table.add(late, 0)

    assert (table.overdue(4.9), table.overdue(5.0), table.overdue(30.0)) == (
        [],
        [early],
        [early, late],
    )


@pytest.mark.parametrize(
    ("one", "other", "is_the_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_an_address_is_that_of_one_peer(one: str, other: str, is_the_same: bool) -> None:
    assert (network_of(one) == network_of(other)) is is_the_same
