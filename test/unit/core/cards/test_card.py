"""What a card needs next: every decision, why, and not before when."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from build_states import STATES
from fakes import CHANNEL, START, account, card, seconds, state
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.cards.build_card import REPLY_AFTER
from server.core.cards.card import (
    CONFIRM_AFTER,
    LONGEST_WAIT,
    NONCE_LENGTH,
    OLD_AFTER,
    Card,
    is_due,
    is_old,
    nonce,
)
from server.core.cards.content import Content, card_id
from server.core.cards.lifecycle import join, next_move, plan, retried
from server.core.cards.move import Move, MoveKind, Urgency
from server.core.model.build import BuildState
from server.core.model.log_tail import LogTail

INTERVAL = seconds(2)
RUNNING, ENDED, ACCOUNT = state("running"), state("success"), account()

# -- The next move ----------------------------------------------------------------------------

NOW = START + seconds(100)
LONG_AGO = START - seconds(1000)

SEEN = {"message_id": "146", "message_at": START, "shown": "old", "shown_at": START + seconds(8)}
RETRY = START + seconds(60)
CONFIRM = START + seconds(18)
# A message that was made so long ago that its edits fall under the limit on old ones.
AGED = SEEN | {"message_at": NOW - OLD_AFTER - seconds(1), "shown_status": "running"}

CREATE = Move(MoveKind.CREATE, "new", Urgency.NEW)
REST = Move(MoveKind.NOTHING, "shown already")
GONE = Move(MoveKind.NOTHING, "deleted by a person")
DROPPED = Move(MoveKind.NOTHING, "dropped")
COMEBACK = "ended after its message was deleted"

MOVES: dict[str, tuple[Card, Move]] = {
    "a new build": (card(RUNNING), CREATE),
    "a new build that has ended": (
        card(ENDED),
        Move(MoveKind.CREATE, "new", Urgency.ENDING),
    ),
    "a new account": (card(ACCOUNT), CREATE),
    "a create that failed": (
        card(RUNNING, retry_at=RETRY),
        Move(MoveKind.CREATE, "new", Urgency.NEW, RETRY),
    ),
    "a create whose outcome is not known": (card(RUNNING, unsure_since=START), CREATE),
    "a build that is shown": (card(RUNNING, **SEEN | {"shown": "new"}), REST),
    "an ending that is shown": (card(ENDED, **SEEN | {"shown": "new"}), REST),
    "an account that is shown": (card(ACCOUNT, **SEEN | {"shown": "new"}), REST),
    "an ending that is to be confirmed": (
        card(ENDED, **SEEN | {"shown": "new"}, confirm_at=CONFIRM),
        Move(MoveKind.EDIT, "confirmed", Urgency.CONFIRMATION, CONFIRM),
    ),
    "a confirmation that failed": (
        card(ENDED, **SEEN | {"shown": "new"}, confirm_at=CONFIRM, retry_at=RETRY),
        Move(MoveKind.EDIT, "confirmed", Urgency.CONFIRMATION, RETRY),
    ),
    "an ending that changed before it was confirmed": (
        card(ENDED, **SEEN, confirm_at=CONFIRM),
        Move(MoveKind.EDIT, "ended", Urgency.ENDING, START + seconds(1)),
    ),
    "progress": (
        card(RUNNING, **SEEN),
        Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, START + seconds(10)),
    ),
    "progress right after the create": (
        card(RUNNING, **SEEN | {"shown_at": START - seconds(5)}),
        Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, START + seconds(1)),
    ),
    "progress after an edit that failed": (
        card(RUNNING, **SEEN, retry_at=RETRY),
        Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, RETRY),
    ),
    "progress long after a failure": (
        card(RUNNING, **SEEN, retry_at=START),
        Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, START + seconds(10)),
    ),
    "progress of a message of unknown age": (
        card(RUNNING, message_id="146"),
        Move(MoveKind.EDIT, "changed", Urgency.PROGRESS),
    ),
    "progress of an old message whose state is shown": (
        card(RUNNING, **AGED),
        Move(MoveKind.NOTHING, "old, and its state has not changed"),
    ),
    "a new state of an old message": (
        card(RUNNING, **AGED | {"shown_status": "pending"}),
        Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, START + seconds(10)),
    ),
    "progress of an old message that shows an unknown state": (
        card(RUNNING, **AGED | {"shown_status": "", "shown": ""}),
        Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, START + seconds(10)),
    ),
    "progress of a message that is almost old": (
        card(RUNNING, **AGED | {"message_at": NOW - OLD_AFTER}),
        Move(MoveKind.EDIT, "changed", Urgency.PROGRESS, START + seconds(10)),
    ),
    "an ending of an old message": (
        card(ENDED, **AGED),
        Move(MoveKind.EDIT, "ended", Urgency.ENDING, NOW - OLD_AFTER),
    ),
    "an ending of an old message that was refused twice": (
        card(ENDED, **AGED, old_refusals=REPLY_AFTER - 1),
        Move(MoveKind.EDIT, "ended", Urgency.ENDING, NOW - OLD_AFTER),
    ),
    "an ending of an old message that was refused three times": (
        card(ENDED, **AGED, old_refusals=REPLY_AFTER, retry_at=RETRY),
        Move(MoveKind.REPLY, "edits stay refused", Urgency.ENDING, RETRY),
    ),
    "the log that comes after an ending that is shown": (
        card(
            replace(ENDED, log=LogTail(1, 1, ("boom",))),
            **AGED | {"shown_status": "success"},
            old_refusals=REPLY_AFTER,
        ),
        Move(MoveKind.EDIT, "ended", Urgency.ENDING, NOW - OLD_AFTER),
    ),
    "an ending that a reply has told": (
        card(ENDED, **AGED, old_refusals=REPLY_AFTER, reply_id="147"),
        Move(MoveKind.EDIT, "ended", Urgency.ENDING, NOW - OLD_AFTER),
    ),
    "an ending, whatever progress was shown": (
        card(ENDED, **SEEN),
        Move(MoveKind.EDIT, "ended", Urgency.ENDING, START + seconds(1)),
    ),
    "an ending after an edit that failed": (
        card(ENDED, **SEEN, retry_at=RETRY),
        Move(MoveKind.EDIT, "ended", Urgency.ENDING, RETRY),
    ),
    "an account shown otherwise": (
        card(ACCOUNT, **SEEN),
        Move(MoveKind.EDIT, "ended", Urgency.PROGRESS, START + seconds(1)),
    ),
    "progress of a message that was deleted": (card(RUNNING, deletions=1), GONE),
    "an ending after its message was deleted": (
        card(ENDED, deletions=1, retry_at=RETRY),
        Move(MoveKind.CREATE, COMEBACK, Urgency.ENDING, RETRY),
    ),
    "an account whose message was deleted": (
        card(ACCOUNT, deletions=1),
        GONE,  # it has no ending that anybody waits for
    ),
    "an ending after two deletions": (card(ENDED, deletions=2), GONE),
    "progress of a message that came back": (
        card(ENDED, **SEEN, deletions=1),
        Move(MoveKind.EDIT, "ended", Urgency.ENDING, START + seconds(1)),
    ),
    "a new build that was given up": (card(RUNNING, dropped="http_405"), DROPPED),
    "an ending that was given up": (card(ENDED, **SEEN, dropped="http_405"), DROPPED),
}


@pytest.mark.parametrize(("of", "move"), MOVES.values(), ids=MOVES)
def test_the_next_move_of(of: Card, move: Move) -> None:
    assert next_move(of, "new", NOW, INTERVAL) == move


# -- The plan ---------------------------------------------------------------------------------


def test_a_new_card_is_due_at_once() -> None:
    assert plan(card(), "new", NOW, INTERVAL) == card(
        due_at=NOW, urgency=Urgency.NEW, move=MoveKind.CREATE
    )


def test_a_card_at_rest_is_never_due() -> None:
    shown = card(
        **SEEN | {"shown": "new"}, due_at=LONG_AGO, urgency=Urgency.NEW, move=MoveKind.CREATE
    )

    assert plan(shown, "new", NOW, INTERVAL) == card(**SEEN | {"shown": "new"})


def test_progress_is_due_when_its_pause_is_over() -> None:
    fresh = card(**SEEN | {"shown_at": NOW - seconds(0.5)})

    assert plan(fresh, "new", NOW, INTERVAL) == replace(
        fresh, due_at=NOW + seconds(1.5), urgency=Urgency.PROGRESS, move=MoveKind.EDIT
    )


def test_an_ending_is_confirmed_when_its_time_has_come() -> None:
    shown = card(ENDED, **SEEN | {"shown": "new"}, confirm_at=NOW + CONFIRM_AFTER)

    assert plan(shown, "new", NOW, INTERVAL) == replace(
        shown, due_at=NOW + CONFIRM_AFTER, urgency=Urgency.CONFIRMATION, move=MoveKind.EDIT
    )


def test_an_ending_whose_edits_stay_refused_is_replied_to_in_its_place() -> None:
    waiting = card(ENDED, **AGED, old_refusals=REPLY_AFTER, due_at=LONG_AGO, urgency=Urgency.ENDING)

    assert plan(waiting, "new", NOW, INTERVAL) == replace(waiting, move=MoveKind.REPLY)


def test_a_card_that_waits_keeps_its_place_among_its_equals() -> None:
    waiting = card(due_at=LONG_AGO, urgency=Urgency.NEW)

    assert plan(waiting, "new", NOW, INTERVAL).due_at == LONG_AGO


def test_an_ending_queues_up_anew_among_the_endings() -> None:
    waiting = card(ENDED, **SEEN, due_at=LONG_AGO, urgency=Urgency.PROGRESS)

    planned = plan(waiting, "new", NOW, INTERVAL)

    assert (planned.due_at, planned.urgency) == (NOW, Urgency.ENDING)


def test_an_ending_does_not_wait_for_the_pause_of_progress() -> None:
    """The pause may be a minute by its setting."""
    shown = card(RUNNING, **SEEN | {"shown_at": NOW}, due_at=NOW + seconds(60))

    planned = plan(join(shown, ENDED), "new", NOW, seconds(60))

    assert planned.due_at == NOW


# -- A clock that was set back ----------------------------------------------------------------

DUE: dict[str, tuple[timedelta | None, bool]] = {
    "never set": (None, True),
    "long past": (-timedelta(days=1), True),
    "of this moment": (seconds(0), True),
    "to come": (seconds(0.001), False),
    "as far ahead as any wait": (LONGEST_WAIT, False),
    "further ahead than any wait": (LONGEST_WAIT + seconds(0.001), True),
    "of tomorrow": (timedelta(days=1), True),
}


@pytest.mark.parametrize(("ahead", "due"), DUE.values(), ids=DUE)
def test_an_instant_has_come(ahead: timedelta | None, due: bool) -> None:
    assert is_due(None if ahead is None else NOW + ahead, NOW) is due


TOMORROW = START + timedelta(days=1)

SET_BACK: dict[str, Card] = {
    "a create that failed": card(RUNNING, retry_at=TOMORROW),
    "progress": card(RUNNING, **SEEN | {"message_at": TOMORROW, "shown_at": TOMORROW}),
    "an ending": card(ENDED, **SEEN | {"message_at": TOMORROW, "shown_at": TOMORROW}),
    "a confirmation": card(ENDED, **SEEN | {"shown": "new"}, confirm_at=TOMORROW),
}


@pytest.mark.parametrize("of", SET_BACK.values(), ids=SET_BACK)
def test_a_clock_that_was_set_back_does_not_hold_up(of: Card) -> None:
    """Every instant on the card is then of a tomorrow that may not come."""
    assert plan(of, "new", NOW, INTERVAL).due_at == NOW


def test_a_message_of_the_future_is_not_old() -> None:
    assert not is_old(TOMORROW, NOW)


# -- Laws of the plan -------------------------------------------------------------------------


NOWS = st.integers(-40_000, 40_000).map(lambda count: START + seconds(count / 8))
INSTANTS = st.none() | NOWS


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Return a card in any condition, sensible or not."""
    return card(
        draw(st.sampled_from([RUNNING, ENDED, ACCOUNT])),
        message_id=draw(st.sampled_from(["", "146"])),
        message_at=draw(INSTANTS),
        shown=draw(st.sampled_from(["", "old", "new"])),
        shown_status=draw(st.sampled_from(["", "running", "success"])),
        shown_at=draw(INSTANTS),
        confirm_at=draw(INSTANTS),
        unsure_since=draw(INSTANTS),
        deletions=draw(st.integers(0, 3)),
        old_refusals=draw(st.integers(0, 4)),
        reply_id=draw(st.sampled_from(["", "147"])),
        attempts=draw(st.integers(0, 9)),
        retry_at=draw(INSTANTS),
        dropped=draw(st.sampled_from(["", "http_405"])),
        due_at=draw(INSTANTS),
        urgency=draw(st.sampled_from(Urgency)),
        move=draw(st.sampled_from(MoveKind)),
    )


@settings(max_examples=200)
@given(cards(), NOWS)
def test_a_card_is_due_exactly_if_there_is_something_to_show(of: Card, now: datetime) -> None:
    move = next_move(of, "new", now, INTERVAL)

    planned = plan(of, "new", now, INTERVAL)

    assert (planned.due_at is None) is (move.kind is MoveKind.NOTHING)
    assert (planned.urgency, planned.move) == (move.urgency, move.kind)


@settings(max_examples=200)
@given(cards(), NOWS)
def test_planning_again_changes_nothing(of: Card, now: datetime) -> None:
    planned = plan(of, "new", now, INTERVAL)

    assert plan(planned, "new", now, INTERVAL) == planned


@settings(max_examples=200)
@given(cards(), NOWS)
def test_planning_changes_only_what_is_next_and_when(of: Card, now: datetime) -> None:
    planned = plan(of, "new", now, INTERVAL)

    assert replace(planned, due_at=of.due_at, urgency=of.urgency, move=of.move) == of


@settings(max_examples=200)
@given(cards(), NOWS)
def test_a_card_that_was_not_due_is_never_due_before_it_may_go(of: Card, now: datetime) -> None:
    move = next_move(of, "new", now, INTERVAL)

    planned = plan(replace(of, due_at=None), "new", now, INTERVAL)

    earliest = now if is_due(move.earliest, now) else move.earliest
    assert planned.due_at is None or planned.due_at == earliest


@settings(max_examples=200)
@given(cards(), NOWS)
def test_no_card_waits_longer_than_any_wait(of: Card, now: datetime) -> None:
    planned = plan(of, "new", now, INTERVAL)

    assert planned.due_at is None or planned.due_at <= now + LONGEST_WAIT


# -- Another chance ---------------------------------------------------------------------------

GIVEN_UP = {
    "dropped": "http_400_50035",
    "degradation": 3,
    "attempts": 4,
    "last_error": "http_400_50035",
    "refused": "{}",
    "retry_at": RETRY,
}


@pytest.mark.parametrize(
    ("seen", "move"), [({}, MoveKind.CREATE), (SEEN, MoveKind.EDIT)], ids=["new", "seen"]
)
def test_a_dropped_card_is_tried_again_from_the_start(seen: dict[str, Any], move: MoveKind) -> None:
    """What was refused stays for a developer to read."""
    dropped = card(RUNNING, **seen, **GIVEN_UP)

    assert retried(dropped, NOW) == card(
        RUNNING,
        **seen,
        last_error="http_400_50035",
        refused="{}",
        due_at=NOW,
        urgency=Urgency.NEW,
        move=move,
    )


@settings(max_examples=100)
@given(cards())
def test_what_is_tried_again_is_not_dropped_any_more(of: Card) -> None:
    again = plan(retried(of, NOW), "new", NOW, INTERVAL)

    assert next_move(again, "new", NOW, INTERVAL).reason != "dropped"


# -- Names ------------------------------------------------------------------------------------

IDS: dict[str, tuple[Content, str]] = {
    "a build": (state(build_id=7), f"build/drone.example.com/7/{CHANNEL}"),
    "a restart of it": (state(build_id=8, parent=7), f"build/drone.example.com/8/{CHANNEL}"),
    "a promotion of it": (
        state(build_id=9, parent=7, event="promote"),
        f"build/drone.example.com/9/{CHANNEL}",
    ),
    "a repository that was enabled": (
        account("repo:enabled", version=1),
        f"repo-enabled/drone.example.com/1/1/{CHANNEL}",
    ),
    "the same, enabled again": (
        account("repo:enabled", version=3),
        f"repo-enabled/drone.example.com/1/3/{CHANNEL}",
    ),
    "the same, disabled": (
        account("repo:disabled", version=2),
        f"repo-disabled/drone.example.com/1/2/{CHANNEL}",
    ),
}


@pytest.mark.parametrize(("content", "name"), IDS.values(), ids=IDS)
def test_the_id_of_the_card_of(content: Content, name: str) -> None:
    assert card_id(content, CHANNEL) == name


def test_every_report_of_a_build_has_the_same_card() -> None:
    before = state("pending", version=1, number=42)
    after = state("success", {"id": 1}, version=9, number=42, message="Amended")

    assert card_id(before, CHANNEL) == card_id(after, CHANNEL)


def test_another_server_or_channel_has_a_card_of_its_own() -> None:
    here = state()
    there = replace(here, system=replace(here.system, host="drone.example.org"))

    names = {card_id(here, "1"), card_id(there, "1"), card_id(here, "2"), card_id(there, "2")}

    assert len(names) == 4


def test_a_nonce_fits_discord() -> None:
    name = nonce(card(), MoveKind.CREATE)

    assert name == nonce(card(), MoveKind.CREATE)
    assert len(name) == NONCE_LENGTH == 25
    assert name.isalnum()


CHANGES: dict[str, dict[str, Any]] = {
    "its content": {"content": ENDED},
    "its attempts": {"attempts": 3, "degradation": 2, "revision": 9},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_nonce_stays_whatever_happens_to(changes: dict[str, Any]) -> None:
    for kind in (MoveKind.CREATE, MoveKind.REPLY):
        assert nonce(replace(card(RUNNING), **changes), kind) == nonce(card(RUNNING), kind)


def test_what_comes_back_after_a_deletion_has_a_nonce_of_its_own() -> None:
    assert nonce(card(deletions=1), MoveKind.CREATE) != nonce(card(), MoveKind.CREATE)


def test_a_reply_has_a_nonce_of_its_own() -> None:
    assert nonce(card(), MoveKind.REPLY) != nonce(card(), MoveKind.CREATE)


# -- Joining ----------------------------------------------------------------------------------


def test_a_report_is_merged_into_the_card() -> None:
    known = card(state("running", {"id": 1, "status": "success"}))

    joined = join(known, state("success", {"id": 2, "status": "success"}, version=2))

    assert joined == card(
        state(
            "success",
            {"id": 1, "status": "success"},
            {"id": 2, "status": "success"},
            version=2,
        )
    )


@settings(max_examples=50)
@given(STATES, STATES)
def test_joining_touches_nothing_but_the_content(one: BuildState, two: BuildState) -> None:
    known = card(one, message_id="146", due_at=START)

    joined = join(known, two)

    assert replace(joined, content=one) == known


def test_an_account_event_stays_what_it_was() -> None:
    assert join(card(ACCOUNT), account("repo:enabled", version=2)) == card(ACCOUNT)


ENDINGS: dict[str, tuple[Content, bool]] = {
    "pending": (state("pending"), False),
    "running": (state("running"), False),
    "unknown": (state("cancelled"), False),
    "declined": (state("declined"), True),
    "success": (state("success"), True),
    "an account": (ACCOUNT, True),
}


@pytest.mark.parametrize(("content", "ended"), ENDINGS.values(), ids=ENDINGS)
def test_nothing_comes_after(content: Content, ended: bool) -> None:
    assert content.is_ended is ended


WORDS: dict[str, tuple[Content, str]] = {
    "a build": (RUNNING, "running"),
    "a build that waits for a person": (
        state("pending", {"id": 1, "status": "blocked"}),
        "blocked",
    ),
    "a build of an unknown status": (state("cancelled"), "other"),
    "an account": (ACCOUNT, "repo:enabled"),
}


@pytest.mark.parametrize(("content", "word"), WORDS.values(), ids=WORDS)
def test_the_word_of_the_state_of(content: Content, word: str) -> None:
    assert content.status_word == word
