"""Threads carry out what they are handed, and nobody waits longer than asked."""

import threading

import pytest
from stack import eventually

from server.edges.threads import Threads, start_repeating
from server.errors import StoreUnavailable


def test_every_task_comes_back_once() -> None:
    threads: Threads[int, int] = Threads("test", 4, lambda number: number * 2)
    for number in range(100):
        threads.submit(number)
    found: list[int] = []

    eventually(lambda: found.extend(threads.collect()) or len(found) == 100)

    assert sorted(found) == [number * 2 for number in range(100)]


def test_as_many_tasks_are_carried_out_at_once_as_there_are_threads() -> None:
    barrier = threading.Barrier(3, timeout=60)
    threads: Threads[int, int] = Threads("test", 3, lambda number: barrier.wait() * 0 + number)

    for number in range(3):
        threads.submit(number)
    found: list[int] = []
    eventually(lambda: found.extend(threads.collect()) or len(found) == 3)

    assert sorted(found) == [0, 1, 2]


def test_who_collects_nothing_has_nothing() -> None:
    threads: Threads[int, int] = Threads("test", 1, lambda number: number)

    assert (threads.collect(), threads.collect(0.01)) == ([], [])


def test_the_first_outcome_ends_the_wait() -> None:
    threads: Threads[int, int] = Threads("test", 1, lambda number: number)
    threads.submit(7)

    assert threads.collect(10.0) == [7]


def test_a_repeated_job_outlives_its_failures_and_says_once_that_it_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away, fault = StoreUnavailable("away"), ValueError("a fault")
    errors: list[Exception | None] = [away, away, None, away, fault]
    done, never = threading.Event(), threading.Event()

    def work() -> None:
        if not errors:
            done.set()
            never.wait()  # the thread lives as long as the process
        elif (error := errors.pop(0)) is not None:
            raise error

    start_repeating(work, 0.0, "The job waits.")

    assert done.wait(60)
    assert [record.message for record in caplog.records] == [
        "The job waits.",
        "The job waits.",
        "A thread of the server has failed.",
    ]
