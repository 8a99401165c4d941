"""Which question is due next: in order, in turns, ever more slowly, and none is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.drone.poll_queue import PollQueue
from server.core.drone.query import DroneQuery, QueryKind

LONGEST = 600.0
ONE, TWO, THREE = (DroneQuery(QueryKind.BUILD, name) for name in "abc")


def taken(schedule: PollQueue, now: float) -> list[str]:
    """Take all that is due at one instant."""
    found = []
    while (question := schedule.take(now)) is not None:
        found.append(question.subject)
    return found


def test_nothing_is_due_of_nothing() -> None:
    assert (PollQueue(LONGEST).take(0.0), len(PollQueue(LONGEST))) == (None, 0)


def test_a_question_waits_until_it_is_due() -> None:
    schedule = PollQueue(LONGEST)
    schedule.put(ONE, 60.0, 120.0)

    assert (schedule.take(59.9), schedule.take(60.0)) == (None, ONE)


def test_a_question_comes_back_after_pauses_that_double_up_to_the_longest() -> None:
    schedule = PollQueue(LONGEST)
    schedule.put(ONE, 60.0, 120.0)

    instants = [second for second in range(3600) if schedule.take(float(second))]

    assert instants == [60, 180, 420, 900, 1500, 2100, 2700, 3300]


def test_questions_go_in_the_order_in_which_they_fell_due() -> None:
    schedule = PollQueue(LONGEST)
    for question, due_at in ((ONE, 3.0), (TWO, 1.0), (THREE, 2.0)):
        schedule.put(question, due_at, 60.0)

    assert taken(schedule, 10.0) == ["b", "c", "a"]


def test_an_urgent_question_goes_before_those_that_fell_due_earlier() -> None:
    schedule = PollQueue(LONGEST)
    schedule.put(ONE, 1.0, 60.0)
    schedule.put(TWO, 2.0, 60.0)
    schedule.put(THREE, 3.0, 60.0, is_urgent=True)

    assert taken(schedule, 10.0) == ["c", "a", "b"]


def test_urgent_and_patient_questions_take_turns() -> None:
    schedule = PollQueue(LONGEST)
    for number in range(3):
        schedule.put(DroneQuery(QueryKind.BUILD, f"patient {number}"), 1.0, 60.0)
        schedule.put(DroneQuery(QueryKind.BUILD, f"urgent {number}"), 1.0, 60.0, is_urgent=True)

    assert taken(schedule, 1.0) == [
        f"{word} {number}" for number in range(3) for word in ("urgent", "patient")
    ]


def test_an_urgent_question_is_patient_once_it_was_asked() -> None:
    schedule = PollQueue(LONGEST)
    schedule.put(ONE, 0.0, 1.0, is_urgent=True)
    schedule.take(0.0)
    schedule.put(TWO, 0.5, 60.0)

    assert taken(schedule, 1.0) == ["b", "a"]


def test_a_question_that_is_put_again_is_due_at_the_new_instant_alone() -> None:
    schedule = PollQueue(LONGEST)
    schedule.put(ONE, 10.0, 60.0)
    schedule.put(ONE, 20.0, 60.0)

    assert (taken(schedule, 19.0), taken(schedule, 20.0)) == ([], ["a"])


def test_a_question_that_was_dropped_is_asked_no_more() -> None:
    schedule = PollQueue(LONGEST)
    schedule.put(ONE, 10.0, 60.0)
    schedule.drop(ONE)
    schedule.drop(TWO)

    assert (taken(schedule, 1000.0), ONE in schedule, len(schedule)) == ([], False, 0)


def test_the_pause_of_a_question_is_known() -> None:
    schedule = PollQueue(LONGEST)
    schedule.put(ONE, 0.0, 5.0)
    before = schedule.pause_of(ONE)
    schedule.take(0.0)

    assert (before, schedule.pause_of(ONE), schedule.pause_of(TWO)) == (5.0, 10.0, 0.0)


NAMES = st.lists(st.integers(0, 30), min_size=1, max_size=30, unique=True)


@settings(max_examples=60)
@given(NAMES, st.sets(st.integers(0, 30)), st.floats(1, 300))
def test_every_question_is_asked_however_few_may_go(
    names: list[int], urgent: set[int], first: float
) -> None:
    """One question a second may go; some are urgent and more of those come all the time."""
    schedule = PollQueue(LONGEST)
    for name in names:
        schedule.put(DroneQuery(QueryKind.BUILD, str(name)), first, 60.0, is_urgent=name in urgent)
    asked = set()

    for second in range(int(first) + 2 * len(names) + 3):
        schedule.put(DroneQuery(QueryKind.LOG, number=second), float(second), 5.0, is_urgent=True)
        question = schedule.take(float(second))
        if question is not None:
            asked.add(question.subject)
            if question.kind is QueryKind.LOG:
                schedule.drop(question)

    patient = {str(name) for name in names if name not in urgent}
    assert patient <= asked


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0.1, 300)), min_size=1, max_size=20))
def test_no_question_is_given_before_it_is_due_or_later_than_its_longest_pause(
    waits: list[tuple[float, float]],
) -> None:
    schedule = PollQueue(LONGEST)
    due = {}
    for number, (due_at, pause) in enumerate(waits):
        question = DroneQuery(QueryKind.BUILD, str(number))
        schedule.put(question, due_at, pause)
        due[question] = (due_at, pause)
    last = dict.fromkeys(due, 0.0)

    for second in range(2500):
        now = float(second)
        while (question := schedule.take(now)) is not None:
            due_at, pause = due[question]
            assert now >= due_at
            due[question], last[question] = (now + pause, min(pause * 2, LONGEST)), now

    assert all(2500 - instant <= LONGEST + 1 for instant in last.values())
