"""What of the inbox is merged together and what alone, and when a delivery is put aside."""

import logging
from datetime import datetime

import pytest
from fakes import START, MemoryStore, delivery, seconds

from server.core.delivery import Delivery, Failure
from server.errors import StoreUnavailable
from server.services.worker.batches import (
    BATCH,
    BEGINNINGS,
    LARGE_BYTES,
    NEVER_FINISHED,
    SUSPECTS,
    Batches,
    never_finished,
)

LARGE = bytes(LARGE_BYTES + 1)


def store_of(*names: str, large: str = "") -> MemoryStore:
    """Return a store whose inbox holds deliveries, the first one oldest."""
    store = MemoryStore()
    for number, name in enumerate(names):
        store.inbox.add(delivery(name, LARGE if name in large else b"{}", at(number)))
    return store


def at(number: int) -> datetime:
    return START + seconds(number)


def all_of(batches: Batches) -> list[list[Delivery]]:
    """Return every batch, until nothing waits."""
    found = []
    while batch := batches.next():
        found.append(batch)
    return found


def taken(batches: Batches) -> list[list[str]]:
    """Return the ids of every batch."""
    return [[one.id for one in batch] for batch in all_of(batches)]


def begun(store: MemoryStore) -> dict[str, int]:
    return {one.id: one.begun for batch in store.inbox.pending(1000) for one in batch}


def test_what_is_small_is_merged_together() -> None:
    store = store_of("a", "b", "c")

    assert taken(Batches(store.inbox)) == [["a", "b", "c"]]
    assert begun(store) == {"a": 0, "b": 0, "c": 0}


def test_a_large_delivery_is_merged_alone_and_counted_before() -> None:
    store = store_of("a", "b", "c", "d", large="bc")

    assert taken(Batches(store.inbox)) == [["a", "d"], ["b"], ["c"]]
    assert begun(store) == {"a": 0, "b": 1, "c": 1, "d": 0}


def test_after_a_worker_that_died_everything_is_merged_alone() -> None:
    store = store_of("a", "b")
    batches = Batches(store.inbox)

    batches.suspect()

    assert taken(batches) == [["a"], ["b"]]
    assert begun(store) == {"a": 1, "b": 1}


def test_the_suspicion_ends_with_what_waited() -> None:
    store = store_of("a")
    batches = Batches(store.inbox)
    batches.suspect()
    taken(batches)
    store.inbox.settle(["a"], [], START)
    for name in "bc":
        store.inbox.add(delivery(name, b"{}"))

    assert taken(batches) == [["b", "c"]]


def test_the_suspicion_ends_behind_what_one_worker_can_have_been_at() -> None:
    store = store_of(*(f"{number:05}" for number in range(SUSPECTS + BATCH)))
    batches = Batches(store.inbox)
    batches.suspect()

    assert [len(batch) for batch in taken(batches)] == [1] * SUSPECTS + [BATCH]


def test_a_worker_that_tries_again_counts_once() -> None:
    store = store_of("a", large="a")
    batches = Batches(store.inbox)

    for _ in range(BEGINNINGS + 1):
        batches.next()
        batches.restart()

    assert begun(store) == {"a": 1}


def test_what_cannot_be_counted_is_not_begun() -> None:
    store = store_of("a", large="a")
    store.faults.refused.add("inbox.begin")

    with pytest.raises(StoreUnavailable):
        Batches(store.inbox).next()


def test_a_delivery_that_several_workers_began_is_put_aside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = store_of("a", large="a")
    found = [
        never_finished(batch)
        for _ in range(BEGINNINGS + 1)
        for batch in all_of(Batches(store.inbox))
    ]

    assert found == [[]] * BEGINNINGS + [[Failure("a", NEVER_FINISHED, "")]]
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (
            logging.ERROR,
            "A delivery was begun several times and never finished; it is put aside.",
        )
    ]
