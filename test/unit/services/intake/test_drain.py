"""Draining the spool: oldest first, nothing lost, nothing doubled."""

import logging
from collections.abc import Sequence

import pytest
from fakes import START, MemorySpool, MemoryStore, delivery, seconds

from server.core.delivery import Delivery
from server.errors import StoreUnavailable
from server.services.intake.drain import AT_ONCE, FAILURES, Drain


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

    assert Drain(spool, store.inbox).run() == count

    assert pending(store) == [f"{number:04}" for number in range(count)]
    assert spool.count() == 0


def test_while_the_inbox_is_away_the_spool_keeps_everything() -> None:
    spool, store = spool_of(3), MemoryStore()
    store.faults.is_away = True

    with pytest.raises(StoreUnavailable):
        Drain(spool, store.inbox).run()

    assert spool.count() == 3


def test_what_was_taken_without_an_answer_comes_into_the_inbox_once() -> None:
    spool, store = spool_of(3), MemoryStore()
    store.faults.unanswered.add("inbox.add")

    assert Drain(spool, store.inbox).run() == 3

    assert (pending(store), spool.count()) == (["0000", "0001", "0002"], 0)


def test_what_one_process_could_not_remove_another_brings_into_the_inbox_once() -> None:
    spool, store = spool_of(3), MemoryStore()
    spool.forgets_nothing = True
    Drain(spool, store.inbox).run()
    spool.forgets_nothing = False

    Drain(spool, store.inbox).run()

    assert (pending(store), spool.count()) == (["0000", "0001", "0002"], 0)


def test_what_was_merged_meanwhile_does_not_come_back() -> None:
    spool, store = spool_of(2), MemoryStore()
    store.inbox.add(delivery("0000", b""))
    store.inbox.settle(["0000"], [], START)

    Drain(spool, store.inbox).run()

    assert pending(store) == ["0001"]


def test_a_spool_that_refuses_to_forget_does_not_begin_again_with_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    spool, store = spool_of(2 * AT_ONCE + 50), MemoryStore()
    spool.forgets_nothing = True
    drain = Drain(spool, store.inbox)

    assert [drain.run(), drain.run()] == [0, 0]

    assert store.faults.calls.count("inbox.add") == 2 * AT_ONCE + 50
    assert len(pending(store)) == spool.count() == 2 * AT_ONCE + 50
    assert drain.problem == "the disk is full"
    said = [(record.levelname, record.message) for record in caplog.records]
    assert said == [("ERROR", "The spool cannot be emptied; look at its disk.")]


def test_what_could_not_be_removed_is_removed_as_soon_as_it_can_be() -> None:
    spool, store = spool_of(AT_ONCE + 1), MemoryStore()
    spool.forgets_nothing = True
    drain = Drain(spool, store.inbox)
    drain.run()
    spool.forgets_nothing = False

    assert (drain.run(), spool.count(), drain.problem) == (AT_ONCE + 1, 0, "")


class Picky:
    """An inbox that takes some deliveries one by one and no more."""

    def __init__(self, refused: set[str]) -> None:
        self.refused = refused
        self.tried: list[str] = []
        self.taken: list[str] = []

    def add(self, delivery: Delivery) -> bool:
        self.tried.append(delivery.id)
        if delivery.id in self.refused:
            raise StoreUnavailable("not this one")
        self.taken.append(delivery.id)
        return True

    def add_all(self, deliveries: Sequence[Delivery]) -> None:
        raise StoreUnavailable("not so many")


def test_a_delivery_that_is_not_taken_holds_up_none_behind_it() -> None:
    spool, inbox = spool_of(4), Picky({"0001"})

    assert Drain(spool, inbox).run() == 3

    assert (inbox.taken, list(spool.kept)) == (["0000", "0002", "0003"], ["0001"])


def test_an_inbox_that_takes_none_is_not_asked_for_each() -> None:
    spool, inbox = spool_of(10), Picky({f"{number:04}" for number in range(10)})

    with pytest.raises(StoreUnavailable):
        Drain(spool, inbox).run()

    assert (len(inbox.tried), spool.count()) == (FAILURES, 10)


def test_a_spool_that_cannot_be_read_is_no_empty_one() -> None:
    spool = spool_of(1)
    spool.is_broken = True

    with pytest.raises(StoreUnavailable):
        Drain(spool, MemoryStore().inbox).run()


@pytest.mark.parametrize(("count", "said"), [(0, []), (2, ["The spool is drained."])], ids=str)
def test_only_a_spool_that_held_something_is_spoken_of(
    caplog: pytest.LogCaptureFixture, count: int, said: list[str]
) -> None:
    caplog.set_level(logging.INFO)

    Drain(spool_of(count), MemoryStore().inbox).run()

    assert [record.message for record in caplog.records] == said
