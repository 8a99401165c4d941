"""When a server that starts, or goes on, counts as back after none was there."""

import pytest
from fakes import START, MemoryStore, seconds

from server.services.intake.heartbeat import BEAT_SECONDS, ServerHeartbeat


class Server:
    """A process of the server, whose time passes when a test lets it."""

    def __init__(self, store: MemoryStore, second: float = 0.0) -> None:
        self.second = second
        self.heartbeat = ServerHeartbeat(store.heartbeat, lambda: START + seconds(self.second))

    def beats(self, until: float, every: float = BEAT_SECONDS) -> "Server":
        """Beat until an instant."""
        while self.second < until:
            self.heartbeat.beat()
            self.second += every
        return self


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    Server(store).beats(10)
    return store


def test_a_server_that_is_there_is_never_back(store: MemoryStore) -> None:
    Server(store, 10).beats(60)

    assert store.heartbeat.returns() == 1  # its very first start


def test_one_that_starts_after_a_death_is_back(store: MemoryStore) -> None:
    Server(store, 13).beats(20)

    assert store.heartbeat.returns() == 2


def test_one_that_starts_after_a_clean_stop_is_back_however_short_it_was(
    store: MemoryStore,
) -> None:
    store.heartbeat.leave()

    Server(store, 10.1).beats(20)

    assert store.heartbeat.returns() == 2


def test_its_other_processes_are_not_back(store: MemoryStore) -> None:
    first, second = Server(store, 30), Server(store, 30.1)
    first.heartbeat.beat()
    second.heartbeat.beat()

    assert store.heartbeat.returns() == 2


def test_one_that_starts_beside_another_is_not_back(store: MemoryStore) -> None:
    old, new = Server(store, 10), Server(store, 11)
    old.heartbeat.beat()
    new.beats(13)
    old.heartbeat.leave()
    new.beats(30)

    assert store.heartbeat.returns() == 1


def test_one_that_was_held_up_is_back(store: MemoryStore) -> None:
    one = Server(store, 10).beats(20)
    one.second += 7
    one.beats(40)

    assert store.heartbeat.returns() == 2
