"""Which cards wait, and which goes next."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fakes import CHANNEL, START, card, seconds, state
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.cards.card import LONGEST_WAIT
from server.core.cards.move import MoveKind, Urgency
from server.core.cards.send_queue import LONGEST_DELAY, QueueEntry, SendQueue, entry_of, kind_of
from server.core.discord.rate_limits import RequestKind

ALL = frozenset(RequestKind)
NOW = START + seconds(100)


def entry(
    name: str,
    urgency: Urgency = Urgency.NEW,
    due: float = 0,
    channel: str = CHANNEL,
    age: float | None = None,
) -> QueueEntry:
    """Return an entry that is due *due* seconds after the start, of a message of some age."""
    move = MoveKind.CREATE if age is None else MoveKind.EDIT
    message_at = None if age is None else NOW - seconds(age)
    return QueueEntry(name, channel, urgency, START + seconds(due), move, message_at)


def order(queue: SendQueue, allowed: frozenset[RequestKind] = ALL) -> list[str]:
    """Take out what is next until nothing is."""
    names = []
    while found := queue.next_in(CHANNEL, NOW, allowed):
        names.append(found.card_id)
        queue.put(found.card_id, None)
    return names


def test_endings_go_before_new_cards_before_progress() -> None:
    queue = SendQueue(
        [
            entry("progress", Urgency.PROGRESS, due=0, age=60),
            entry("new", Urgency.NEW, due=1),
            entry("ending", Urgency.ENDING, due=2, age=60),
        ]
    )

    assert order(queue) == ["ending", "new", "progress"]


def test_among_equals_who_has_waited_longest_goes_first() -> None:
    queue = SendQueue([entry("late", due=3), entry("early", due=1), entry("middle", due=2)])

    assert order(queue) == ["early", "middle", "late"]


def test_of_those_that_have_waited_alike_the_order_is_fixed() -> None:
    assert order(SendQueue([entry("b"), entry("c"), entry("a")])) == ["a", "b", "c"]


def test_what_is_not_due_yet_does_not_go() -> None:
    queue = SendQueue([entry("later", Urgency.ENDING, due=100.001), entry("now", due=100)])

    assert order(queue) == ["now"]


def test_what_a_clock_that_was_set_back_put_too_far_ahead_goes_last_among_its_equals() -> None:
    far = 100 + LONGEST_WAIT.total_seconds()
    queue = SendQueue([entry("tomorrow", due=far + 0.001), entry("soon", due=far), entry("now")])

    assert order(queue) == ["now", "tomorrow"]


OPEN: dict[str, tuple[set[RequestKind], list[str]]] = {
    "everything": (
        {RequestKind.CREATE, RequestKind.EDIT, RequestKind.EDIT_OLD},
        ["old", "young", "new"],
    ),
    "creates": ({RequestKind.CREATE}, ["new"]),
    "edits": ({RequestKind.EDIT}, ["young"]),
    "edits of old messages": ({RequestKind.EDIT_OLD}, ["old"]),
    "nothing": (set(), []),
}


@pytest.mark.parametrize(("kinds", "names"), OPEN.values(), ids=OPEN)
def test_what_goes_while_a_limit_leaves_open(kinds: set[RequestKind], names: list[str]) -> None:
    queue = SendQueue(
        [
            entry("old", Urgency.ENDING, age=3500),
            entry("young", Urgency.ENDING, due=1, age=3000),
            entry("new"),
        ]
    )

    assert order(queue, frozenset(kinds)) == names


def test_a_reply_waits_for_creates_however_old_its_message_is() -> None:
    reply = replace(entry("reply", Urgency.ENDING, age=4000), move=MoveKind.REPLY)

    assert order(SendQueue([reply]), frozenset({RequestKind.EDIT, RequestKind.EDIT_OLD})) == []
    assert order(SendQueue([reply]), frozenset({RequestKind.CREATE})) == ["reply"]


def test_channels_wait_apart() -> None:
    queue = SendQueue([entry("a", channel="1"), entry("b", channel="2"), entry("c", channel="2")])

    assert (sorted(queue.channels()), len(queue)) == (["1", "2"], 3)
    assert queue.next_in("1", NOW, ALL) == entry("a", channel="1")
    assert queue.next_in("2", NOW, ALL) == entry("b", channel="2")
    assert queue.next_in("3", NOW, ALL) is None


def test_an_entry_takes_the_place_of_the_one_before() -> None:
    queue = SendQueue([entry("a", channel="1")])

    queue.put("a", entry("a", Urgency.ENDING, channel="2"))

    assert (queue.channels(), len(queue)) == (["2"], 1)
    assert queue.next_in("2", NOW, ALL) == entry("a", Urgency.ENDING, channel="2")


def test_a_card_at_rest_is_not_in_the_queue() -> None:
    queue = SendQueue([entry("a"), entry("b")])

    for name in ("a", "a", "never there"):
        queue.put(name, None)

    assert (len(queue), order(queue)) == (1, ["b"])


def test_a_channel_in_which_nothing_waits_is_forgotten() -> None:
    queue = SendQueue([entry("a")])

    queue.put("a", None)

    assert (queue.channels(), len(queue)) == ([], 0)


def test_the_entry_of_a_waiting_card() -> None:
    waiting = card(due_at=NOW, urgency=Urgency.ENDING, move=MoveKind.EDIT, message_at=START)

    assert entry_of(waiting) == QueueEntry(
        waiting.id, CHANNEL, Urgency.ENDING, NOW, MoveKind.EDIT, START, created_at=START
    )


def test_of_those_that_became_due_together_the_one_that_arrived_first_goes_first() -> None:
    at = {"a": NOW, "b": NOW - seconds(0.06), "c": NOW - seconds(0.03)}
    queue = SendQueue(
        QueueEntry(name, CHANNEL, Urgency.NEW, NOW, MoveKind.CREATE, created_at=created_at)
        for name, created_at in at.items()
    )

    assert order(queue) == ["b", "c", "a"]


def confirmation(name: str, due_at: datetime) -> QueueEntry:
    return QueueEntry(name, CHANNEL, Urgency.CONFIRMATION, due_at, MoveKind.EDIT, START)


AWAITED = QueueEntry("news", CHANNEL, Urgency.PROGRESS, NOW + seconds(1), MoveKind.EDIT, START)


def test_a_confirmation_waits_while_anything_waits_for_its_bucket() -> None:
    queue = SendQueue([confirmation("a", NOW), confirmation("b", NOW), AWAITED])
    assert order(queue) == []

    queue.put("news", None)
    assert order(queue) == ["a", "b"]


def test_a_confirmation_does_not_wait_for_another_bucket() -> None:
    queue = SendQueue(
        [
            confirmation("a", NOW),
            QueueEntry("new", CHANNEL, Urgency.NEW, NOW + seconds(1), MoveKind.CREATE),
        ]
    )

    assert order(queue) == ["a"]


def test_a_confirmation_waits_no_longer_than_minutes() -> None:
    late = confirmation("a", NOW - LONGEST_DELAY - seconds(1))

    assert order(SendQueue([late, AWAITED])) == ["a"]


def test_a_card_at_rest_has_no_entry() -> None:
    assert entry_of(card(state("success"))) is None


DAY = timedelta(days=1)

AGES: dict[str, tuple[MoveKind, timedelta | None, RequestKind]] = {
    "a create": (MoveKind.CREATE, None, RequestKind.CREATE),
    "a create after a deletion": (MoveKind.CREATE, DAY, RequestKind.CREATE),
    "a reply to an old message": (MoveKind.REPLY, DAY, RequestKind.CREATE),
    "an edit at this moment": (MoveKind.EDIT, seconds(0), RequestKind.EDIT),
    "an edit after 55 minutes": (MoveKind.EDIT, timedelta(minutes=55), RequestKind.EDIT),
    "an edit after just over 55 minutes": (
        MoveKind.EDIT,
        timedelta(minutes=55, seconds=1),
        RequestKind.EDIT_OLD,
    ),
    "an edit after a day": (MoveKind.EDIT, DAY, RequestKind.EDIT_OLD),
    "an edit of a message of the future": (MoveKind.EDIT, -DAY, RequestKind.EDIT),
    "an edit of a message of unknown age": (MoveKind.EDIT, None, RequestKind.EDIT),
}


@pytest.mark.parametrize(("move", "age", "kind"), AGES.values(), ids=AGES)
def test_the_limit_for(move: MoveKind, age: timedelta | None, kind: RequestKind) -> None:
    assert kind_of(move, None if age is None else NOW - age, NOW) is kind


ENTRIES = st.builds(
    entry,
    st.sampled_from("abcdefgh"),
    st.sampled_from([one for one in Urgency if one is not Urgency.CONFIRMATION]),
    st.integers(0, 200),
    st.sampled_from([CHANNEL, "2"]),
    st.none() | st.sampled_from([0, 4000]),
)
KINDS = st.frozensets(st.sampled_from(RequestKind))


@settings(max_examples=150)
@given(st.lists(ENTRIES, max_size=20), KINDS)
def test_everything_that_may_go_goes_and_nothing_else(
    puts: list[QueueEntry], allowed: frozenset[RequestKind]
) -> None:
    queue = SendQueue(puts)
    last = {one.card_id: one for one in puts}
    may_go = {
        name
        for name, one in last.items()
        if one.channel_id == CHANNEL
        and one.due_at <= NOW
        and kind_of(one.move, one.message_at, NOW) in allowed
    }

    names = order(queue, allowed)

    assert Counter(names) == Counter(may_go)
    assert len(queue) == len(last) - len(may_go)


@settings(max_examples=150)
@given(st.lists(ENTRIES, max_size=20), ENTRIES)
def test_who_waits_is_passed_only_by_what_is_more_urgent_or_waits_longer(
    puts: list[QueueEntry], waiting: QueueEntry
) -> None:
    queue = SendQueue([*puts, waiting])

    found = queue.next_in(waiting.channel_id, NOW, ALL)

    if waiting.due_at <= NOW:
        assert found is not None
        assert (found.urgency, found.due_at) <= (waiting.urgency, waiting.due_at)
