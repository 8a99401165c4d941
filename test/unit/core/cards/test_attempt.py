"""What the outcome of an attempt changes, and the life of a card from attempt to attempt."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fakes import START, account, card, seconds, state
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.cards.attempt import (
    BARRED_AFTER,
    GONE_AFTER,
    Attempt,
    record,
    snowflake_at,
    snowflake_time,
)
from server.core.cards.card import CONFIRM_AFTER, OLD_AFTER, YOUNG, Card, nonce
from server.core.cards.content import Content
from server.core.cards.lifecycle import join, next_move, plan
from server.core.cards.move import Move, MoveKind, Trial, Urgency
from server.core.discord.answers import (
    ARCHIVED,
    OLD_EDITS,
    STALE,
    Barred,
    BodyRefused,
    Delivered,
    GiveUp,
    Gone,
    Outcome,
    Scope,
    TryAgain,
)

NOW = START + seconds(100)
INTERVAL = seconds(2)
RUNNING, ENDED = state("running"), state("success")

CREATE = Attempt(MoveKind.CREATE, "new", "running")
REPEAT = replace(CREATE, repeats=True)
EDIT = replace(CREATE, kind=MoveKind.EDIT)
ENDS = replace(EDIT, status="success")
CONFIRM = replace(ENDS, confirms=True)
REPLY = replace(ENDS, kind=MoveKind.REPLY)

FORBIDDEN = Barred("http_403_50013", by_body=True)
UNKNOWN = Barred("http_404_10003", is_gone=True)
TRIED = {"last_error": "http_403_50013", "refused_since": NOW}
ALONE = {"attempts": 1, "retry_at": NOW + seconds(15), "due_at": None}
GIVEN_UP = {"attempts": 1, "due_at": None}

BEGUN = card(RUNNING, unsure_since=START, due_at=START)
SEEN = card(
    RUNNING,
    message_id="146",
    message_at=START,
    shown="old",
    shown_status="pending",
    shown_at=START,
    due_at=START,
)
# The same at its end, of a message that is younger, or old.
YOUNGER = replace(SEEN, content=ENDED, message_at=NOW - YOUNG + seconds(0.001))
OLD = replace(SEEN, content=ENDED, message_at=NOW - OLD_AFTER - seconds(1))
# The first id of 2026-02-03 04:06:00, 46 seconds before NOW.
SNOWFLAKE = str((1_770_091_560_000 - 1_420_070_400_000) << 22)


def test_the_instant_of_a_snowflake_is_when_discord_made_it() -> None:
    """The example of https://docs.discord.com/developers/reference#convert-snowflake-to-datetime"""
    assert snowflake_time("175928847299117063") == datetime(
        2016, 4, 30, 11, 18, 25, 796_000, tzinfo=UTC
    )


def test_the_lowest_snowflake_of_an_instant_is_of_that_instant() -> None:
    assert snowflake_at(START + seconds(54)) == SNOWFLAKE
    assert snowflake_time(SNOWFLAKE) == START + seconds(54)


def test_before_discords_first_instant_no_snowflake_is_below_zero() -> None:
    assert snowflake_at(datetime(2014, 12, 31, tzinfo=UTC)) == "0"


@pytest.mark.parametrize("snowflake", ["0", "9" * 20])
def test_every_number_that_an_id_can_be_has_an_instant(snowflake: str) -> None:
    assert snowflake_time(snowflake) >= datetime(2015, 1, 1, tzinfo=UTC)


# -- One outcome ------------------------------------------------------------------------------

LATER = TryAgain("http_503", is_unsure=True)
OUTCOMES: dict[str, tuple[Card, Attempt, Outcome, dict[str, Any]]] = {
    "a create that was taken": (
        replace(BEGUN, attempts=2, last_error="timeout", retry_at=START),
        CREATE,
        Delivered("146"),
        {
            "message_id": "146",
            "message_at": NOW,
            "shown": "new",
            "shown_status": "running",
            "shown_at": NOW,
            "unsure_since": None,
            "attempts": 0,
            "last_error": "",
            "retry_at": None,
            "due_at": None,
        },
    ),
    "a repeated create that was taken": (
        BEGUN,
        REPEAT,
        Delivered(SNOWFLAKE),
        {
            "message_id": SNOWFLAKE,
            "message_at": START + seconds(54),
            "shown": "",
            "shown_status": "",
            "shown_at": NOW,
            "unsure_since": None,
            "due_at": None,
        },
    ),
    "a repeated create, by a Discord that is ahead of us": (
        BEGUN,
        REPEAT,
        Delivered(str(int(SNOWFLAKE) + (10**9 << 22))),
        {
            "message_id": str(int(SNOWFLAKE) + (10**9 << 22)),
            "message_at": NOW,
            "shown": "",
            "shown_status": "",
            "shown_at": NOW,
            "unsure_since": None,
            "due_at": None,
        },
    ),
    "an edit that was taken": (
        replace(SEEN, attempts=1, last_error="timeout", retry_at=START),
        EDIT,
        Delivered("146"),
        {
            "shown": "new",
            "shown_status": "running",
            "shown_at": NOW,
            "attempts": 0,
            "last_error": "",
            "retry_at": None,
            "due_at": None,
        },
    ),
    "a young ending that was taken": (
        YOUNGER,
        ENDS,
        Delivered("146"),
        {
            "shown": "new",
            "shown_status": "success",
            "shown_at": NOW,
            "confirm_at": NOW + CONFIRM_AFTER,
            "due_at": None,
        },
    ),
    "an ending of a message that is not young any more": (
        replace(YOUNGER, message_at=NOW - YOUNG),
        ENDS,
        Delivered("146"),
        {"shown": "new", "shown_status": "success", "shown_at": NOW, "due_at": None},
    ),
    "an ending of a message of unknown age": (
        replace(YOUNGER, message_at=None),
        ENDS,
        Delivered("146"),
        {"shown": "new", "shown_status": "success", "shown_at": NOW, "due_at": None},
    ),
    "a young ending that was confirmed": (
        replace(YOUNGER, shown="new", confirm_at=NOW),
        CONFIRM,
        Delivered("146"),
        {
            "shown": "new",
            "shown_status": "success",
            "shown_at": NOW,
            "confirm_at": None,
            "due_at": None,
        },
    ),
    "young progress that was taken": (
        replace(SEEN, message_at=NOW),
        EDIT,
        Delivered("146"),
        {"shown": "new", "shown_status": "running", "shown_at": NOW, "due_at": None},
    ),
    "a young account that was taken": (
        replace(YOUNGER, content=account()),
        replace(EDIT, status="repo:enabled"),
        Delivered("146"),
        {"shown": "new", "shown_status": "repo:enabled", "shown_at": NOW, "due_at": None},
    ),
    "an ending that was taken at its create": (
        replace(BEGUN, content=ENDED),
        replace(CREATE, status="success"),
        Delivered("146"),
        {
            "message_id": "146",
            "message_at": NOW,
            "shown": "new",
            "shown_status": "success",
            "shown_at": NOW,
            "unsure_since": None,
            "due_at": None,
        },
    ),
    "an old ending that was taken at last": (
        replace(OLD, old_refusals=5, reply_id="147", last_error=OLD_EDITS),
        ENDS,
        Delivered("146"),
        {
            "shown": "new",
            "shown_status": "success",
            "shown_at": NOW,
            "old_refusals": 0,
            "last_error": "",
            "due_at": None,
        },
    ),
    "a reply that was taken": (
        replace(OLD, old_refusals=3, attempts=1, last_error=OLD_EDITS, retry_at=START),
        REPLY,
        Delivered("147"),
        {
            "reply_id": "147",
            "attempts": 0,
            "last_error": "",
            "retry_at": None,
            "due_at": None,
        },
    ),
    "a create of unknown outcome": (
        BEGUN,
        CREATE,
        LATER,
        {
            "attempts": 1,
            "last_error": "http_503",
            "retry_at": NOW + seconds(0.5),
            "due_at": None,
        },
    ),
    "an edit of unknown outcome": (
        replace(SEEN, attempts=2),
        EDIT,
        LATER,
        {
            "shown": "",
            "shown_status": "",
            "attempts": 3,
            "last_error": "http_503",
            "retry_at": NOW + seconds(2),
            "due_at": None,
        },
    ),
    "an edit that has to wait by itself": (
        SEEN,
        EDIT,
        TryAgain("busy", Scope.CARD, 7.0),
        {
            "attempts": 1,
            "last_error": "busy",
            "retry_at": NOW + seconds(7),
            "due_at": None,
        },
    ),
    "a create that was not sent any more": (
        BEGUN,
        CREATE,
        TryAgain(STALE, seconds=0.0),
        {
            "unsure_since": None,
            "attempts": 1,
            "last_error": STALE,
            "retry_at": NOW,
            "due_at": None,
        },
    ),
    "a create that met a limit": (
        BEGUN,
        CREATE,
        TryAgain("rate_limit", Scope.KIND, 3.0),
        {"unsure_since": None, "last_error": "rate_limit"},
    ),
    "a repeated create that met a limit": (
        BEGUN,
        REPEAT,
        TryAgain("rate_limit", Scope.KIND, 3.0),
        {"unsure_since": START, "last_error": "rate_limit"},
    ),
    "progress that met the limit on old messages": (
        SEEN,
        EDIT,
        TryAgain(OLD_EDITS, Scope.KIND, 3.0),
        {"last_error": OLD_EDITS},
    ),
    "an ending that met the limit on old messages": (
        replace(OLD, old_refusals=1),
        ENDS,
        TryAgain(OLD_EDITS, Scope.KIND, 3.0),
        {"old_refusals": 2, "last_error": OLD_EDITS},
    ),
    "an ending that met another limit": (
        OLD,
        ENDS,
        TryAgain("rate_limit", Scope.KIND, 3.0),
        {"last_error": "rate_limit"},
    ),
    "an ending in an archived thread": (
        replace(SEEN, content=ENDED),
        ENDS,
        TryAgain(ARCHIVED, Scope.KIND, 15.0),
        {"last_error": ARCHIVED, "old_refusals": 1, "refused_since": NOW},
    ),
    "progress in a thread that was archived days ago": (
        replace(SEEN, refused_since=NOW - BARRED_AFTER),
        EDIT,
        TryAgain(ARCHIVED, Scope.KIND, 15.0),
        GIVEN_UP | {"dropped": ARCHIVED, "last_error": ARCHIVED},
    ),
    "a create that another was refused like": (
        BEGUN,
        CREATE,
        replace(FORBIDDEN, is_proved=True),
        {"unsure_since": None, "last_error": "http_403_50013", "refused_since": NOW},
    ),
    "a create with a file": (
        BEGUN,
        replace(CREATE, has_file=True, is_plain=False),
        FORBIDDEN,
        {**TRIED, "unsure_since": None, "trial": Trial.WITHOUT_FILE},
    ),
    "a create with an embed, without its file": (
        replace(BEGUN, trial=Trial.WITHOUT_FILE),
        replace(CREATE, trial=Trial.WITHOUT_FILE, is_plain=False),
        FORBIDDEN,
        {**TRIED, "unsure_since": None, "trial": Trial.PLAIN},
    ),
    "a plain create": (
        replace(BEGUN, trial=Trial.PLAIN),
        replace(CREATE, trial=Trial.PLAIN),
        FORBIDDEN,
        {**TRIED, **ALONE, "unsure_since": None, "trial": Trial.NONE},
    ),
    "a create that no body would be spared": (
        BEGUN,
        replace(CREATE, is_plain=False),
        UNKNOWN,
        {**ALONE, "unsure_since": None, "last_error": UNKNOWN.reason, "refused_since": NOW},
    ),
    "an edit in a channel that is gone for minutes": (
        replace(SEEN, refused_since=NOW - GONE_AFTER),
        EDIT,
        UNKNOWN,
        GIVEN_UP | {"dropped": UNKNOWN.reason, "last_error": UNKNOWN.reason},
    ),
    "an edit in a channel that others know to be gone": (
        SEEN,
        EDIT,
        replace(UNKNOWN, gone_seconds=300.0),
        GIVEN_UP | {"dropped": UNKNOWN.reason, "last_error": UNKNOWN.reason, "refused_since": NOW},
    ),
    "a create that was taken as plain text": (
        replace(BEGUN, trial=Trial.PLAIN, refused_since=START, unsure_since=None),
        replace(CREATE, trial=Trial.PLAIN),
        Delivered("146"),
        {
            "message_id": "146",
            "message_at": NOW,
            "shown": "new",
            "shown_status": "running",
            "shown_at": NOW,
            "trial": Trial.NONE,
            "refused_since": None,
            "without_file": True,
            "degradation": 3,
            "due_at": None,
        },
    ),
    "a file that is too large": (
        replace(BEGUN, unsure_since=None),
        replace(CREATE, has_file=True, is_plain=False),
        BodyRefused("http_413", is_too_large=True),
        {"attempts": 1, "last_error": "http_413", "due_at": None, "without_file": True},
    ),
    "an edit while everything is stopped": (
        SEEN,
        EDIT,
        TryAgain("token_refused", Scope.EVERYTHING, 300.0),
        {"last_error": "token_refused"},
    ),
    "an edit of a message that is gone": (
        replace(SEEN, confirm_at=NOW),
        EDIT,
        Gone("http_404_10008"),
        {
            "message_id": "",
            "message_at": None,
            "shown": "",
            "shown_status": "",
            "shown_at": None,
            "confirm_at": None,
            "deletions": 1,
            "attempts": 1,
            "last_error": "http_404_10008",
            "due_at": None,
        },
    ),
    "a create of a message that is gone already": (
        BEGUN,
        REPEAT,
        Gone("http_404_10008"),
        {
            "unsure_since": None,
            "deletions": 1,
            "attempts": 1,
            "last_error": "http_404_10008",
            "due_at": None,
        },
    ),
    "a create that was refused": (
        replace(BEGUN, retry_at=START),
        CREATE,
        BodyRefused("http_400_50035"),
        {
            "unsure_since": None,
            "degradation": 1,
            "attempts": 1,
            "last_error": "http_400_50035",
            "retry_at": None,
            "due_at": None,
        },
    ),
    "a repeated create that was refused": (
        BEGUN,
        REPEAT,
        BodyRefused("http_400_50035"),
        {
            "unsure_since": START,
            "degradation": 1,
            "attempts": 1,
            "last_error": "http_400_50035",
            "due_at": None,
        },
    ),
    "plain text that was refused": (
        replace(SEEN, degradation=3, attempts=3),
        EDIT,
        BodyRefused("http_403_200000"),
        {
            "dropped": "http_403_200000",
            "attempts": 4,
            "last_error": "http_403_200000",
            "due_at": None,
        },
    ),
    "a create that is hopeless": (
        replace(BEGUN, retry_at=START),
        CREATE,
        GiveUp("http_405"),
        {
            "dropped": "http_405",
            "attempts": 1,
            "last_error": "http_405",
            "retry_at": None,
            "due_at": None,
        },
    ),
}


@pytest.mark.parametrize(
    ("before", "attempt", "outcome", "changes"), OUTCOMES.values(), ids=OUTCOMES
)
def test_what_changes_after(
    before: Card, attempt: Attempt, outcome: Outcome, changes: dict[str, Any]
) -> None:
    assert record(before, attempt, outcome, NOW, 0.0) == replace(before, **changes)


def test_chance_takes_a_part_of_the_wait_off() -> None:
    waits = [record(BEGUN, CREATE, LATER, NOW, jitter).retry_at for jitter in (0.0, 0.5)]

    assert waits == [NOW + seconds(0.5), NOW + seconds(0.375)]


def test_the_wait_grows_up_to_a_minute_and_no_further() -> None:
    failed = record(replace(BEGUN, attempts=1000), CREATE, LATER, NOW, 0.0)

    assert failed.retry_at == NOW + seconds(60)


OUTCOME = st.one_of(
    st.builds(Delivered, st.integers(1, 2**63).map(str)),
    st.builds(
        TryAgain,
        st.just("later"),
        st.sampled_from(Scope),
        st.none() | st.floats(0, 1e6),
        st.booleans(),
    ),
    st.builds(
        Barred, st.just("barred"), st.booleans(), st.booleans(), st.booleans(), st.floats(0, 1e6)
    ),
    st.just(TryAgain(ARCHIVED, Scope.KIND, 15.0)),
    st.just(TryAgain(OLD_EDITS, Scope.KIND, 3.0)),
    st.builds(Gone, st.just("gone")),
    st.builds(BodyRefused, st.just("refused")),
    st.builds(GiveUp, st.just("hopeless")),
)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(OUTCOME, st.booleans()), min_size=1, max_size=12),
    st.floats(0, 1, exclude_max=True),
)
def test_whatever_comes_a_card_is_due_or_has_a_reason_to_rest(
    history: list[tuple[Outcome, bool]], jitter: float
) -> None:
    of = plan(card(RUNNING), "new", START, INTERVAL)
    for number, (outcome, ends) in enumerate(history):
        if ends:
            of = join(of, ENDED)
        now = START + timedelta(minutes=10 * number)
        move = next_move(of, "new", now, INTERVAL)
        if move.kind is not MoveKind.NOTHING:
            attempt = Attempt(
                move.kind,
                "new",
                of.content.status_word,
                repeats=of.unsure_since is not None,
                confirms=of.shown == "new",
            )
            of = record(of, attempt, outcome, now, jitter)
        of = plan(of, "new", now, INTERVAL)

    at_rest = (
        of.shown == "new"
        or of.shown_status == "running"  # old, and still that
        or of.dropped != ""
        or of.deletions >= 1
    )
    assert of.due_at is not None or at_rest


# -- Lives ------------------------------------------------------------------------------------


@dataclass
class Life:
    """A card that lives through attempts, as the worker leads it."""

    card: Card
    now: datetime = START

    @classmethod
    def of(cls, content: Content = RUNNING) -> "Life":
        """Begin with a card that is planned."""
        life = cls(card(content))
        life.card = plan(life.card, life.wanted, life.now, INTERVAL)
        return life

    @property
    def wanted(self) -> str:
        """Name what should be shown: it changes with the content and with every degradation."""
        content = self.card.content
        word = content.build.status if hasattr(content, "build") else content.event
        return f"{word} {self.card.degradation}"

    @property
    def move(self) -> Move:
        """Return what is next."""
        return next_move(self.card, self.wanted, self.now, INTERVAL)

    def hears(self, content: Content) -> None:
        """Merge what a delivery said."""
        self.card = join(self.card, content)
        self.card = plan(self.card, self.wanted, self.now, INTERVAL)

    def tries(self, outcome: Outcome) -> str:
        """Carry out what is due when it is due; return what was done."""
        assert self.card.due_at is not None
        self.now = max(self.now, self.card.due_at)
        move, wanted = self.move, self.wanted
        attempt = Attempt(
            move.kind,
            wanted,
            self.card.content.status_word,
            repeats=self.card.unsure_since is not None,
            confirms=self.card.shown == wanted,
        )
        if move.kind is MoveKind.CREATE and not attempt.repeats:
            self.card = replace(self.card, unsure_since=self.now)
        self.card = record(self.card, attempt, outcome, self.now, 0.0)
        self.card = plan(self.card, self.wanted, self.now, INTERVAL)
        return move.kind.value

    @property
    def after(self) -> timedelta | None:
        """Return how long it is until the next attempt; None if there is none."""
        return None if self.card.due_at is None else self.card.due_at - self.now


def test_a_card_is_created_edited_and_laid_to_rest() -> None:
    life = Life.of()

    assert life.tries(Delivered("146")) == "create"
    assert life.after is None

    life.now += YOUNG
    life.hears(ENDED)
    assert life.tries(Delivered("146")) == "edit"
    assert (life.after, life.card.shown) == (None, "success 0")


def test_an_ending_keeps_its_distance_from_the_create() -> None:
    life = Life.of()
    life.tries(Delivered("146"))

    life.hears(ENDED)

    assert life.after == seconds(1)


def test_an_ending_that_follows_its_create_is_confirmed_once() -> None:
    """Discord takes such an edit back now and then."""
    life = Life.of()
    life.tries(Delivered("146"))
    life.hears(ENDED)
    life.tries(Delivered("146"))

    assert (life.after, life.move.reason) == (CONFIRM_AFTER, "confirmed")
    assert life.tries(Delivered("146")) == "edit"
    assert (life.after, life.card.confirm_at) == (None, None)


def test_an_ending_that_was_created_as_such_needs_no_confirmation() -> None:
    life = Life.of(ENDED)

    life.tries(Delivered("146"))

    assert life.after is None


def test_a_confirmation_that_has_to_wait_does_not_spin() -> None:
    life = Life.of()
    life.tries(Delivered("146"))
    life.hears(ENDED)
    life.tries(Delivered("146"))

    life.tries(TryAgain("http_400_20016"))

    assert life.after == seconds(0.5)


def test_a_confirmation_of_unknown_outcome_is_made_again() -> None:
    life = Life.of()
    life.tries(Delivered("146"))
    life.hears(ENDED)
    life.tries(Delivered("146"))

    life.tries(LATER)

    assert life.move.reason == "ended"
    assert life.tries(Delivered("146")) == "edit"
    assert life.card.shown == "success 0"


def aged(content: Content = RUNNING) -> Life:
    """Begin with a message that is too old to be edited at will."""
    life = Life.of(content)
    life.tries(Delivered("146"))
    life.now += OLD_AFTER + seconds(1)
    return life


def test_an_old_message_is_edited_for_a_new_state_alone() -> None:
    life = aged(state("pending"))

    life.card = replace(life.card, degradation=1)  # it should look otherwise, of the same state
    looks = life.move.reason
    life.hears(RUNNING)

    assert looks == "old, and its state has not changed"
    assert life.after == seconds(0)
    assert life.tries(Delivered("146")) == "edit"
    assert life.after is None


def test_an_ending_whose_edits_stay_refused_is_told_by_one_reply() -> None:
    life = aged()
    life.hears(ENDED)
    refused = TryAgain(OLD_EDITS, Scope.KIND, 3.0)

    tries = [life.tries(refused) for _ in range(3)]
    tries += [life.tries(Delivered("147"))]
    tries += [life.tries(refused) for _ in range(3)]
    tries += [life.tries(Delivered("146"))]

    assert tries == ["edit"] * 3 + ["reply"] + ["edit"] * 4
    assert (life.after, life.card.shown, life.card.reply_id) == (None, "success 0", "147")


def test_progress_that_stays_refused_is_not_told_by_a_reply() -> None:
    life = aged(state("pending"))
    life.hears(RUNNING)

    tries = [life.tries(TryAgain(OLD_EDITS, Scope.KIND, 3.0)) for _ in range(5)]

    assert tries == ["edit"] * 5


def test_an_old_message_that_shows_an_unknown_state_is_edited_again() -> None:
    """Blocked, of which the answer was lost, then approved: what it shows is not what it was."""
    life = aged(state("pending"))
    life.hears(state("blocked", version=2))
    life.tries(LATER)

    life.card = replace(life.card, content=state("pending", version=3))

    assert life.move.kind is MoveKind.EDIT


def test_an_old_message_that_a_repeated_create_found_is_edited_to_the_truth() -> None:
    """It was made an hour ago, and of another state."""
    life = Life.of(state("pending"))
    made_at = snowflake_at(life.now)
    life.tries(LATER)
    life.now += OLD_AFTER + seconds(1)
    life.hears(RUNNING)

    life.tries(Delivered(made_at))

    assert (life.card.message_at, life.move.kind) == (snowflake_time(made_at), MoveKind.EDIT)


def test_progress_waits_for_its_pause() -> None:
    life = Life.of(state("pending"))
    life.tries(Delivered("146"))

    life.hears(RUNNING)

    assert (life.after, life.card.urgency) == (seconds(2), Urgency.PROGRESS)


def test_a_create_whose_answer_was_lost_is_repeated_with_its_nonce() -> None:
    life = Life.of()
    before = nonce(life.card, MoveKind.CREATE)

    life.tries(LATER)

    assert (life.after, life.card.unsure_since) == (seconds(0.5), START)
    assert nonce(life.card, MoveKind.CREATE) == before
    assert life.move.kind is MoveKind.CREATE


def test_what_a_repeated_create_made_is_edited_to_the_truth() -> None:
    """Discord answers it with the message as the first one made it."""
    life = Life.of()
    life.tries(LATER)
    life.hears(ENDED)

    assert life.tries(Delivered("146")) == "create"
    assert life.after is not None
    assert life.tries(Delivered("146")) == "edit"

    assert (life.after, life.card.shown) == (None, "success 0")


def test_a_create_that_met_a_limit_needs_no_edit_afterwards() -> None:
    life = Life.of()

    life.tries(TryAgain("rate_limit", Scope.KIND, 3.0))
    life.tries(Delivered("146"))

    assert life.after is None


def test_a_create_that_met_a_limit_after_a_lost_answer_is_edited_all_the_same() -> None:
    life = Life.of()
    life.tries(LATER)

    life.tries(TryAgain("rate_limit", Scope.KIND, 3.0))
    life.tries(Delivered("146"))

    assert life.tries(Delivered("146")) == "edit"


def test_a_create_that_is_refused_after_a_lost_answer_is_edited_all_the_same() -> None:
    life = Life.of()
    life.tries(LATER)

    life.tries(BodyRefused("http_400_50035"))
    life.tries(Delivered("146"))

    assert life.tries(Delivered("146")) == "edit"
    assert life.card.shown == "running 1"


def test_an_edit_whose_answer_was_lost_is_made_again_though_the_old_state_is_back() -> None:
    """Blocked, then approved, a build waits as it did before."""
    pending = state("pending")
    life = Life.of(pending)
    life.tries(Delivered("146"))
    life.hears(state("blocked", version=2))
    life.tries(LATER)

    life.card = replace(life.card, content=pending)

    assert life.move.kind is MoveKind.EDIT


def test_a_limit_does_not_cost_a_card_its_place() -> None:
    life = Life.of()
    place = life.card.due_at
    life.now += seconds(60)

    life.tries(TryAgain("rate_limit", Scope.KIND, 3.0))

    assert life.card.due_at == place


def test_failures_space_the_attempts_out() -> None:
    life = Life.of()

    waits = []
    for _ in range(10):
        life.tries(LATER)
        assert life.after is not None
        waits.append(life.after.total_seconds())

    assert waits == [0.5, 1, 2, 4, 5, 5, 5, 5, 5, 5]


def test_progress_of_a_deleted_message_is_not_posted_again() -> None:
    life = Life.of(state("pending"))
    life.tries(Delivered("146"))
    life.hears(RUNNING)

    life.tries(Gone("http_404_10008"))

    assert (life.after, life.move.reason) == (None, "deleted by a person")


def test_the_ending_of_a_deleted_message_is_posted_once() -> None:
    life = Life.of(state("pending"))
    life.tries(Delivered("146"))
    life.hears(RUNNING)
    life.tries(Gone("http_404_10008"))

    life.hears(ENDED)
    first = (life.move.reason, life.tries(Delivered("147")))

    assert first == ("ended after its message was deleted", "create")
    assert (life.after, life.card.message_id) == (None, "147")


def test_a_second_deletion_is_respected() -> None:
    life = Life.of()
    life.tries(Delivered("146"))
    life.hears(ENDED)
    life.tries(Gone("http_404_10008"))
    life.tries(Delivered("147"))

    life.hears(state("failure", version=9))
    life.tries(Gone("http_404_10008"))

    assert (life.after, life.card.deletions) == (None, 2)


def test_a_body_that_is_refused_becomes_simpler_until_it_is_given_up() -> None:
    life = Life.of()

    levels = []
    while life.after is not None:
        levels.append(life.card.degradation)
        life.tries(BodyRefused("http_400_50035"))

    assert levels == [0, 1, 2, 3]
    assert (life.card.dropped, life.move.reason) == ("http_400_50035", "dropped")


def test_a_body_that_was_refused_is_shown_simpler_from_then_on() -> None:
    life = Life.of()
    life.tries(BodyRefused("http_400_50035"))
    life.tries(Delivered("146"))

    life.now += YOUNG
    life.hears(ENDED)
    life.tries(Delivered("146"))

    assert (life.after, life.card.shown, life.card.degradation) == (None, "success 1", 1)


def test_what_was_given_up_does_not_come_back_by_itself() -> None:
    life = Life.of()
    life.tries(GiveUp("http_405"))

    life.hears(ENDED)

    assert life.after is None


def test_an_account_is_shown_once() -> None:
    life = Life.of(account())

    assert life.card.urgency is Urgency.NEW
    assert life.tries(Delivered("146")) == "create"
    assert life.after is None


@pytest.mark.parametrize("outcome", [Gone("x"), BodyRefused("x"), GiveUp("x")], ids=repr)
def test_a_reply_that_discord_will_not_take_leaves_the_card_alone_and_is_not_repeated(
    outcome: Outcome,
) -> None:
    ending = replace(SEEN, content=ENDED, old_refusals=3)

    after = record(ending, REPLY, outcome, NOW, 0.0)

    assert after == replace(ending, reply_id="refused", due_at=None)
    assert next_move(after, "new", NOW, INTERVAL).kind is MoveKind.EDIT
