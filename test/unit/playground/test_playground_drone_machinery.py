"""Check the simulation's own parts: the optimistic lock and simulated time."""

import pytest

from playground.drone.loop import Loop, Process
from playground.drone.rows import Stage, Step
from playground.drone.status import is_complete, verdict
from playground.drone.table import LostLock, Table


def new_table() -> Table[Step]:
    table = Table[Step](lambda row: row.step_id)
    table.create(Step(1, 10, 1, "clone"))
    table.create(Step(2, 10, 2, "test"))
    return table


def test_an_update_raises_the_version() -> None:
    table = new_table()
    row = table.find(1)
    row.status = "running"

    table.update(row)

    assert (row.version, table.find(1)) == (2, row)


def test_what_was_read_does_not_change_what_is_stored() -> None:
    table = new_table()

    table.find(1).status = "running"

    assert table.find(1).status == "pending"


def test_who_read_before_an_update_loses_the_lock() -> None:
    table = new_table()
    early, late = table.find(1), table.find(1)
    table.update(early)
    late.status = "killed"

    with pytest.raises(LostLock):
        table.update(late)

    assert (late.version, table.find(1).status) == (1, "pending")


def test_children_come_oldest_first() -> None:
    assert [row.name for row in new_table().children(10)] == ["clone", "test"]


def counting(loop: Loop, log: list[tuple[str, float]], name: str, wait: float) -> Process:
    for _ in range(2):
        log.append((name, loop.elapsed))
        yield wait
    log.append((name, loop.elapsed))


def played(loop: Loop) -> None:
    while loop.step():
        pass


def test_processes_take_turns_by_time() -> None:
    loop, log = Loop(), list[tuple[str, float]]()
    loop.start(counting(loop, log, "slow", 3.0))
    loop.start(counting(loop, log, "fast", 1.0), after=0.5)

    played(loop)

    assert log == [
        *[("slow", 0.0), ("fast", 0.5), ("fast", 1.5), ("fast", 2.5)],
        *[("slow", 3.0), ("slow", 6.0)],
    ]


def test_processes_of_the_same_moment_keep_their_order() -> None:
    loop, log = Loop(), list[tuple[str, float]]()
    for name in "abc":
        loop.start(counting(loop, log, name, 1.0))

    played(loop)

    assert "".join(name for name, _ in log) == "abcabcabc"


def test_a_process_that_is_woken_does_not_wait_on() -> None:
    loop, log = Loop(), list[tuple[str, float]]()
    task = loop.start(counting(loop, log, "sleeper", 100.0))
    loop.step()

    loop.wake(task, after=1.0)
    loop.step()

    assert log == [("sleeper", 0.0), ("sleeper", 1.0)]


def test_a_process_that_is_over_cannot_be_woken() -> None:
    loop, log = Loop(), list[tuple[str, float]]()
    task = loop.start(counting(loop, log, "sleeper", 1.0))
    played(loop)

    loop.wake(task)

    assert not loop.step()


def stages(*statuses: str) -> list[Stage]:
    return [
        Stage(number, 1, 1, number, f"stage {number}", status=status)
        for number, status in enumerate(statuses, 1)
    ]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["success", "success"], "success"),
        (["success", "skipped"], "success"),
        (["skipped"], "success"),
        (["success", "failure", "killed"], "failure"),
        (["killed", "failure"], "killed"),
        (["error", "failure"], "error"),
    ],
)
def test_the_first_bad_stage_decides_the_build(statuses: list[str], status: str) -> None:
    assert verdict(stages(*statuses)) == status


@pytest.mark.parametrize(
    "status", ["pending", "running", "blocked", "waiting_on_dependencies", "declined"]
)
def test_a_build_does_not_end_while_a_stage_is_open(status: str) -> None:
    assert not is_complete(stages("success", status))
