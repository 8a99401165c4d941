"""Draining the spool: oldest first, nothing lost, nothing doubled."""

import logging

import pytest
from fakes import START, MemorySpool, MemoryStore, delivery, seconds

from server.errors import StoreUnavailable
from server.services.drain import AT_ONCE, drain


def spool_of(count: int) -> MemorySpool:
    """Return a spool that holds deliveries, the last one first."""
    spool = MemorySpool()
    for number in reversed(range(count)):
        spool.add(delivery(f"{number:04}", b"", START + seconds(number)))
    return spool


def pending(store: MemoryStore) -> list[str]:
    return [one.id for batch in store.inbox.pending(1000) for one in batch]


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE + 50])
def test_everything_moves_in_the_order_of_its_arrival(count: int) -> None:
    spool, store = spool_of(count), MemoryStore()

    assert drain(spool, store.inbox) == count

    assert pending(store) == [f"{number:04}" for number in range(count)]
    assert spool.count() == 0


def test_while_the_inbox_is_away_the_spool_keeps_everything() -> None:
    spool, store = spool_of(3), MemoryStore()
    store.faults.is_away = True

    with pytest.raises(StoreUnavailable):
        drain(spool, store.inbox)

    assert spool.count() == 3


def test_what_was_drained_halfway_is_drained_whole_the_next_time() -> None:
    spool, store = spool_of(3), MemoryStore()
    store.faults.unanswered.add("inbox.add")
    with pytest.raises(StoreUnavailable):
        drain(spool, store.inbox)

    drain(spool, store.inbox)

    assert (pending(store), spool.count()) == (["0000", "0001", "0002"], 0)


def test_deliveries_that_cannot_be_removed_come_into_the_inbox_once() -> None:
    spool, store = spool_of(3), MemoryStore()
    spool.forgets_nothing = True
    with pytest.raises(StoreUnavailable):
        drain(spool, store.inbox)
    spool.forgets_nothing = False

    drain(spool, store.inbox)

    assert (pending(store), spool.count()) == (["0000", "0001", "0002"], 0)


def test_what_was_merged_meanwhile_does_not_come_back() -> None:
    spool, store = spool_of(2), MemoryStore()
    store.inbox.add(delivery("0000", b""))
    store.inbox.settle(["0000"], [], START)

    drain(spool, store.inbox)

    assert pending(store) == ["0001"]


def test_a_spool_that_cannot_be_read_is_no_empty_one() -> None:
    spool = spool_of(1)
    spool.is_broken = True

    with pytest.raises(StoreUnavailable):
        drain(spool, MemoryStore().inbox)


@pytest.mark.parametrize(("count", "said"), [(0, []), (2, ["The spool is drained."])], ids=str)
def test_only_a_spool_that_held_something_is_spoken_of(
    caplog: pytest.LogCaptureFixture, count: int, said: list[str]
) -> None:
    caplog.set_level(logging.INFO)

    drain(spool_of(count), MemoryStore().inbox)

    assert [record.message for record in caplog.records] == said
