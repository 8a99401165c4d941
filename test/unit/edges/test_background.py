"""Work that goes on after its request was answered, and its end."""

from threading import Barrier, Event

from server.edges.background import THREADS, Background


def test_work_is_done_and_waited_for() -> None:
    background, done = Background(), []
    for number in range(3 * THREADS):
        background.submit(lambda number=number: done.append(number))  # type: ignore[misc]

    assert background.finish(10)
    assert sorted(done) == list(range(3 * THREADS))


def test_works_are_done_side_by_side() -> None:
    background, barrier = Background(), Barrier(THREADS)
    for _ in range(THREADS):
        background.submit(lambda: [barrier.wait(60)].clear())

    assert background.finish(10)
    assert not barrier.broken


def test_work_that_takes_too_long_is_left_behind() -> None:
    background, may_end = Background(), Event()
    background.submit(lambda: [may_end.wait(60)].clear())

    assert not background.finish(0.01)
    may_end.set()


def test_an_end_without_work_takes_no_time() -> None:
    assert Background().finish(0)


def test_work_that_comes_at_the_end_is_done_at_once() -> None:
    background, done = Background(), []
    background.finish(0)

    background.submit(lambda: done.append(1))

    assert done == [1]


def test_work_that_would_take_too_long_is_hurried() -> None:
    background, may_end = Background(), Event()
    for _ in range(THREADS + 1):
        background.submit(lambda: [may_end.wait(60)].clear())

    assert background.finish(30.0, may_end.set, 29.99)


def test_work_that_is_done_in_time_is_not_hurried() -> None:
    background, hurried = Background(), Event()
    background.submit(lambda: None)

    assert background.finish(30.0, hurried.set, 1.0)
    assert not hurried.is_set()
