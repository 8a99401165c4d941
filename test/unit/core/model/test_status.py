"""Drone's ten statuses and two of ours, each by each."""

import pytest

from server.core.model.status import Status, finality, is_final, progress, read_status

# What Drone calls done, how far on each is, and what outranks what.
STATUSES: dict[str, tuple[Status, bool, int, int]] = {
    "pending": (Status.PENDING, False, 0, 0),
    "waiting_on_dependencies": (Status.WAITING, False, 0, 0),
    "blocked": (Status.BLOCKED, False, 0, 0),
    "running": (Status.RUNNING, False, 1, 0),
    "success": (Status.SUCCESS, True, 2, 2),
    "failure": (Status.FAILURE, True, 2, 2),
    "error": (Status.ERROR, True, 2, 2),
    "killed": (Status.KILLED, True, 2, 2),
    "skipped": (Status.SKIPPED, True, 2, 2),
    "declined": (Status.DECLINED, True, 2, 2),
    "unknown": (Status.UNKNOWN, True, 2, 1),
    "other": (Status.OTHER, False, 0, 0),
}


def test_the_table_names_every_status() -> None:
    assert list(STATUSES) == [status.value for status in Status]


@pytest.mark.parametrize(("word", "meaning"), STATUSES.items(), ids=STATUSES)
def test_a_word_means(word: str, meaning: tuple[Status, bool, int, int]) -> None:
    status = read_status(word)

    assert (status, is_final(status), progress(status), finality(status)) == meaning


@pytest.mark.parametrize("word", ["", "cancelled", "SUCCESS", " success", "success\0"])
def test_a_word_that_drone_may_invent_ends_nothing(word: str) -> None:
    assert read_status(word) is Status.OTHER
