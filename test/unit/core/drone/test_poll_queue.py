"""Which query is due next: in order, in turns, ever more slowly, and none is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import DroneQuery, QueryKind

LONGEST = 600.0
ONE, TWO, THREE = (DroneQuery(QueryKind.BUILD, name) for name in "abc")


def taken(queue: PollQueue, now: float) -> list[str]:
    """Take all that is due at one instant."""
    found = []
    while (query := queue.take(now)) is not None:
        found.append(query.subject)
    return found


def test_nothing_is_due_of_nothing() -> None:
    assert (PollQueue(LONGEST).take(0.0), len(PollQueue(LONGEST))) == (None, 0)


def test_a_query_waits_until_it_is_due() -> None:
    queue = PollQueue(LONGEST)
    queue.put(ONE, 60.0, 120.0)

    assert (queue.take(59.9), queue.take(60.0)) == (None, ONE)


def test_a_query_comes_back_after_pauses_that_double_up_to_the_longest() -> None:
    queue = PollQueue(LONGEST)
    queue.put(ONE, 60.0, 120.0)

    instants = [second for second in range(3600) if queue.take(float(second))]

    assert instants == [60, 180, 420, 900, 1500, 2100, 2700, 3300]


def test_queries_go_in_the_order_in_which_they_fell_due() -> None:
    queue = PollQueue(LONGEST)
    for query, due_at in ((ONE, 3.0), (TWO, 1.0), (THREE, 2.0)):
        queue.put(query, due_at, 60.0)

    assert taken(queue, 10.0) == ["b", "c", "a"]


def test_an_urgent_query_goes_before_those_that_fell_due_earlier() -> None:
    queue = PollQueue(LONGEST)
    queue.put(ONE, 1.0, 60.0)
    queue.put(TWO, 2.0, 60.0)
    queue.put(THREE, 3.0, 60.0, is_urgent=True)

    assert taken(queue, 10.0) == ["c", "a", "b"]


def test_urgent_and_patient_queries_take_turns() -> None:
    queue = PollQueue(LONGEST)
    for number in range(3):
        queue.put(DroneQuery(QueryKind.BUILD, f"patient {number}"), 1.0, 60.0)
        queue.put(DroneQuery(QueryKind.BUILD, f"urgent {number}"), 1.0, 60.0, is_urgent=True)

    assert taken(queue, 1.0) == [
        f"{word} {number}" for number in range(3) for word in ("urgent", "patient")
    ]


def test_an_urgent_query_is_patient_once_it_was_taken() -> None:
    queue = PollQueue(LONGEST)
    queue.put(ONE, 0.0, 1.0, is_urgent=True)
    queue.take(0.0)
    queue.put(TWO, 0.5, 60.0)

    assert taken(queue, 1.0) == ["b", "a"]


def test_a_query_that_is_put_again_is_due_at_the_new_instant_alone() -> None:
    queue = PollQueue(LONGEST)
    queue.put(ONE, 10.0, 60.0)
    queue.put(ONE, 20.0, 60.0)

    assert (taken(queue, 19.0), taken(queue, 20.0)) == ([], ["a"])


def test_a_query_that_was_dropped_comes_no_more() -> None:
    queue = PollQueue(LONGEST)
    queue.put(ONE, 10.0, 60.0)
    queue.drop(ONE)
    queue.drop(TWO)

    assert (taken(queue, 1000.0), ONE in queue, len(queue)) == ([], False, 0)


def test_the_pause_of_a_query_is_known() -> None:
    queue = PollQueue(LONGEST)
    queue.put(ONE, 0.0, 5.0)
    before = queue.pause_of(ONE)
    queue.take(0.0)

    assert (before, queue.pause_of(ONE), queue.pause_of(TWO)) == (5.0, 10.0, 0.0)


NAMES = st.lists(st.integers(0, 30), min_size=1, max_size=30, unique=True)


@settings(max_examples=60)
@given(NAMES, st.sets(st.integers(0, 30)), st.floats(1, 300))
def test_every_query_comes_however_few_may_go(
    names: list[int], urgent: set[int], first: float
) -> None:
    """One query a second may go; some are urgent and more of those come all the time."""
    queue = PollQueue(LONGEST)
    for name in names:
        queue.put(DroneQuery(QueryKind.BUILD, str(name)), first, 60.0, is_urgent=name in urgent)
    came = set()

    for second in range(int(first) + 2 * len(names) + 3):
        queue.put(DroneQuery(QueryKind.LOG, number=second), float(second), 5.0, is_urgent=True)
        query = queue.take(float(second))
        if query is not None:
            came.add(query.subject)
            if query.kind is QueryKind.LOG:
                queue.drop(query)

    patient = {str(name) for name in names if name not in urgent}
    assert patient <= came


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0.1, 300)), min_size=1, max_size=20))
def test_no_query_is_given_before_it_is_due_or_later_than_its_longest_pause(
    waits: list[tuple[float, float]],
) -> None:
    queue = PollQueue(LONGEST)
    due = {}
    for number, (due_at, pause) in enumerate(waits):
        query = DroneQuery(QueryKind.BUILD, str(number))
        queue.put(query, due_at, pause)
        due[query] = (due_at, pause)
    last = dict.fromkeys(due, 0.0)

    for second in range(2500):
        now = float(second)
        while (query := queue.take(now)) is not None:
            due_at, pause = due[query]
            assert now >= due_at
            due[query], last[query] = (now + pause, min(pause * 2, LONGEST)), now

    assert all(2500 - instant <= LONGEST + 1 for instant in last.values())
