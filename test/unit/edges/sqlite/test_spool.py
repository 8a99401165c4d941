"""The spool on disk: kept before it is answered, once, in order, by many processes at a time."""

import multiprocessing
import resource
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier as BarrierType
from pathlib import Path
from threading import Barrier

import pytest
from fakes import START, delivery, seconds
from small_disk import fill

from server.core.delivery import Delivery
from server.edges.sqlite.spool import JOURNAL_BYTES, READ_BYTES, Spool
from server.errors import StoreUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a spool in a folder that is not there yet."""
    return tmp_path / "data" / "spool.sqlite3"


@pytest.fixture
def spool(path: Path) -> Spool:
    return Spool(path)


def test_a_delivery_comes_back_as_it_was_kept(spool: Spool) -> None:
    kept = Delivery("a", "build:created", bytes(range(256)), START)

    assert spool.add(kept)

    assert spool.oldest(10) == [kept]


INSTANTS = [
    START,
    START + timedelta(microseconds=1),
    datetime(2038, 1, 19, 3, 14, 8, 999_999, tzinfo=UTC),
]


@pytest.mark.parametrize("instant", INSTANTS, ids=str)
def test_instants_come_back_to_the_microsecond(spool: Spool, instant: datetime) -> None:
    spool.add(delivery("a", b"", instant))

    assert spool.oldest(1)[0].received_at == instant


def test_a_delivery_is_kept_once(spool: Spool) -> None:
    first = delivery("a", b"first")

    assert [spool.add(one) for one in (first, delivery("a", b"second"))] == [True, False]

    assert spool.oldest(10) == [first]


def test_the_oldest_come_first_and_no_more_than_asked_for(spool: Spool) -> None:
    for name, late in (("c", 3), ("a", 1), ("d", 4), ("b", 2)):
        spool.add(delivery(name, b"", START + seconds(late)))

    assert [one.id for one in spool.oldest(3)] == ["a", "b", "c"]


def test_those_that_arrived_at_the_same_instant_are_all_read_once(spool: Spool) -> None:
    for name in "cadb":
        spool.add(delivery(name, b"", START))

    found: list[Delivery] = []
    while some := spool.oldest(3, found[-1] if found else None):
        found += some

    assert [one.id for one in found] == ["a", "b", "c", "d"]


def test_of_large_deliveries_fewer_are_read_at_once(spool: Spool) -> None:
    for number in range(3):
        spool.add(delivery(str(number), bytes(READ_BYTES - 1), START + seconds(number)))

    assert [one.id for one in spool.oldest(10)] == ["0", "1"]


def test_what_is_removed_is_forgotten(spool: Spool) -> None:
    for name in "abc":
        spool.add(delivery(name, b""))

    spool.remove(["a", "c", "never there"])

    assert ([one.id for one in spool.oldest(10)], spool.count()) == (["b"], 1)


def test_another_process_of_the_host_sees_the_same(path: Path) -> None:
    Spool(path).add(delivery("a", b""))

    assert (Spool(path).count(), [one.id for one in Spool(path).oldest(1)]) == (1, ["a"])


def test_looking_makes_no_file(spool: Spool, path: Path) -> None:
    assert (spool.oldest(10), spool.count()) == ([], 0)

    assert not path.parent.exists()


def test_threads_that_keep_at_once_lose_nothing(path: Path) -> None:
    barrier = Barrier(8)

    def keep(number: int) -> bool:
        barrier.wait()
        return Spool(path).add(delivery(str(number // 2), b""))

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(keep, range(8)))

    assert (results.count(True), Spool(path).count()) == (4, 4)


def keep_in_each(paths: list[Path], name: str, barrier: BarrierType) -> None:
    """Keep a delivery in each spool, at once with the other processes; fail if that fails."""
    for path in paths:
        barrier.wait(30)
        Spool(path).add(delivery(name, b""))


def test_processes_that_make_the_spool_at_once_lose_nothing(tmp_path: Path) -> None:
    """The workers of the server meet a MongoDB that is away in the same moment."""
    paths = [tmp_path / str(number) / "spool.sqlite3" for number in range(20)]
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(4)
    processes = [
        context.Process(target=keep_in_each, args=(paths, name, barrier)) for name in "abcd"
    ]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * 4
    assert [Spool(path).count() for path in paths] == [4] * 20


def test_what_was_kept_is_there_after_a_crash(path: Path) -> None:
    """Nothing waits in a connection: each delivery is a transaction of its own."""
    spool = Spool(path)
    spool.add(delivery("a", b""))

    copy = path.with_name("copy.sqlite3")
    copy.write_bytes(path.read_bytes())

    assert Spool(copy).count() == 1


# -- A disk that fails ------------------------------------------------------------------------

CALLS: dict[str, Callable[[Spool], object]] = {
    "add": lambda spool: spool.add(delivery("a", b"")),
    "oldest": lambda spool: spool.oldest(1),
    "remove": lambda spool: spool.remove(["a"]),
    "count": lambda spool: spool.count(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_file_that_is_no_spool_is_unavailable(
    path: Path, call: Callable[[Spool], object]
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but longer than a header of SQLite" * 10)

    with pytest.raises(StoreUnavailable, match=r"the spool .*: file is not a database"):
        call(Spool(path))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_path_that_cannot_be_looked_at_is_unavailable(
    tmp_path: Path, call: Callable[[Spool], object]
) -> None:
    with pytest.raises(StoreUnavailable, match=r"too long|unable to open"):
        call(Spool(tmp_path / ("x" * 300)))


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with pytest.raises(StoreUnavailable):
        Spool(tmp_path / "data" / "spool.sqlite3").add(delivery("a", b""))


def test_a_place_where_no_file_can_be_is_told_before_one_is_needed(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with pytest.raises(StoreUnavailable, match="data cannot be written to"):
        Spool(tmp_path / "data" / "spool.sqlite3").count()


def fill_the_disk(path: Path) -> None:
    """Keep more than this process may write; end with status 3 if that is said to fail."""
    # Without this, the process would be killed where a full disk only says no.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        Spool(path).add(delivery("b", b"x" * 1_000_000))
    except StoreUnavailable:
        sys.exit(3)


def test_a_full_disk_is_unavailable_and_leaves_what_was_kept(path: Path) -> None:
    spool = Spool(path)
    spool.add(delivery("a", b""))

    process = multiprocessing.get_context("spawn").Process(target=fill_the_disk, args=(path,))
    process.start()
    process.join()

    assert process.exitcode == 3
    assert [one.id for one in spool.oldest(10)] == ["a"]


SIZES = {"many small": 100, "as Drone's": 5_000, "large": 300_000, "as large as can be": 8 << 20}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_spool_is_emptied_on_a_disk_without_any_room(small_disk: Path, size: int) -> None:
    spool = Spool(small_disk / "spool.sqlite3")
    for number in range(200):
        try:
            spool.add(delivery(str(number), bytes(size), START + seconds(number)))
        except StoreUnavailable:
            break
    kept = spool.count()
    fill(small_disk)

    removed = 0
    while some := spool.oldest(100):
        spool.remove([one.id for one in some])
        removed += len(some)

    assert (removed, spool.count()) == (kept, 0)
    # The room is kept for the next time.
    assert (small_disk / "spool.sqlite3-journal").stat().st_size == JOURNAL_BYTES
