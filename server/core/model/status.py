"""Drone's ten statuses and two of ours: what ends something, and which of two is further on."""

from enum import StrEnum, unique


@unique
class Status(StrEnum):
    """The words Drone sends (harness/drone core/status.go), OTHER for any it may invent.

    UNKNOWN is ours: a build that Drone does not know any more.
    """

    PENDING = "pending"
    WAITING = "waiting_on_dependencies"
    BLOCKED = "blocked"
    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    KILLED = "killed"
    SKIPPED = "skipped"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    OTHER = "other"


# harness/drone core/build.go:121-131: everything but these is done.
UNFINISHED = frozenset({Status.PENDING, Status.WAITING, Status.BLOCKED, Status.RUNNING})

# harness/drone core/build.go:134-143: a cancel counts as a failure there; to people it is not one.
BROKEN = frozenset({Status.FAILURE, Status.ERROR})


def read_status(word: str) -> Status:
    """Read Drone's word; an unknown one is OTHER, which ends nothing."""
    try:
        return Status(word)
    except ValueError:
        return Status.OTHER


def is_final(status: Status) -> bool:
    """Tell whether nothing comes after *status*."""
    return status not in UNFINISHED and status is not Status.OTHER


def finality(status: Status) -> int:
    """Rank how much *status* ends: 0 nothing, 1 until an ending comes after all, 2 for good."""
    if status is Status.UNKNOWN:
        return 1
    return 2 if is_final(status) else 0


def progress(status: Status) -> int:
    """Rank how far on *status* is: 0 not begun, 1 running, 2 ended."""
    if is_final(status):
        return 2
    return 1 if status is Status.RUNNING else 0
