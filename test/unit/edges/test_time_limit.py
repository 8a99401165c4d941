"""A call that takes too long is left, and goes on."""

import threading
from collections.abc import Iterator

import pytest

from server.edges.time_limit import THREADS, TimeLimit
from server.errors import StoreUnavailable

LONG = 60.0  # more than any test takes


class Slow:
    """A store whose one operation ends when the test says so."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.begun: list[str] = []
        self.has_ended = threading.Event()

    def add(self, name: str) -> str:
        self.begun.append(name)
        self.may_end.wait(LONG)
        self.has_ended.set()
        return f"kept {name}"


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.may_end.set()


def test_what_is_soon_done_comes_back(slow: Slow) -> None:
    slow.may_end.set()

    assert TimeLimit(LONG).wrap(slow).add("a") == "kept a"


def test_what_fails_raises_what_it_raised() -> None:
    def fail() -> None:
        raise KeyError("a")

    with pytest.raises(KeyError, match="a"):
        TimeLimit(LONG).call(fail)


def test_what_takes_longer_is_left_and_goes_on(slow: Slow) -> None:
    with pytest.raises(StoreUnavailable, match=r"no answer within 0\.01 s"):
        TimeLimit(0.01).wrap(slow).add("a")

    slow.may_end.set()
    assert slow.has_ended.wait(LONG)


def test_no_more_calls_than_there_are_threads_are_begun(slow: Slow) -> None:
    store = TimeLimit(0.1).wrap(slow)
    names = [str(number) for number in range(THREADS + 3)]

    for name in names:
        with pytest.raises(StoreUnavailable):
            store.add(name)

    assert slow.begun == names[:THREADS]


def test_a_call_that_was_left_before_it_was_begun_never_is(slow: Slow) -> None:
    limit = TimeLimit(0.1)
    for name in range(THREADS + 1):
        with pytest.raises(StoreUnavailable):
            limit.call(lambda name=name: slow.add(str(name)))

    slow.may_end.set()

    assert limit.call(lambda: "free again") == "free again"
    assert len(slow.begun) == THREADS
