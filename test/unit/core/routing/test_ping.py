"""Who is pinged for what, once; and when a reminder is due."""

from datetime import UTC, datetime, timedelta

import pytest

from server.core.model.status import Status
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import RedRun
from server.core.routing.ping import PingCode, PingDecision, decide_ping, reminder_due_at
from server.core.routing.reason import Reason, ReasonCode, Verdict
from server.core.routing.router import Placement
from server.core.routing.rules import Channel, Ping, PingOn
from server.core.routing.transition import Change, Transition

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
WHO = ("author", "role:666666666666666666")

FAILED = BuildFacts(status=Status.FAILURE)
PASSED = BuildFacts(status=Status.SUCCESS)
BLOCKED = BuildFacts(status=Status.BLOCKED)
FAILING = BuildFacts(status=Status.RUNNING, failed_steps=frozenset({"unit"}))


def placement(*on: str, verdict: Verdict = Verdict.SHOWN) -> Placement:
    """Place a build by a rule that pings for *on*; without any it does not ping."""
    return Placement(
        Channel("alerts", "2" * 18),
        "rule",
        verdict,
        Reason(ReasonCode.SHOWS_ALL),
        ping=Ping(frozenset(map(PingOn, on)), WHO, HALF_HOUR) if on else None,
    )


@pytest.mark.parametrize(
    ("on", "facts", "change", "happened"),
    [
        pytest.param(["bad"], FAILED, Change.STILL_FAILING, "bad", id="every failure"),
        pytest.param(["bad"], FAILING, Change.NONE, "bad", id="as soon as it has failed"),
        pytest.param(["bad"], PASSED, Change.FIXED, None, id="not a success"),
        pytest.param(["broken"], FAILED, Change.BROKEN, "broken", id="broke"),
        pytest.param(["broken"], FAILED, Change.STILL_FAILING, None, id="still failing"),
        pytest.param(["broken"], FAILED, Change.NEW_STEP, None, id="another step is not asked for"),
        pytest.param(["new-step"], FAILED, Change.NEW_STEP, "new-step", id="another step"),
        pytest.param(["fixed"], PASSED, Change.FIXED, "fixed", id="fixed"),
        pytest.param(["approval"], BLOCKED, Change.NONE, "approval", id="waits for approval"),
        pytest.param(["approval"], FAILED, Change.BROKEN, None, id="needs none"),
        pytest.param(["bad", "broken"], FAILED, Change.BROKEN, "broken", id="the more telling one"),
    ],
)
def test_people_are_pinged_only_for_what_the_rule_names(
    on: list[str], facts: BuildFacts, change: Change, happened: str | None
) -> None:
    decision = decide_ping(placement(*on), facts, Transition(change), NOW)

    assert decision == (
        PingDecision(PingCode.DUE, PingOn(happened), WHO)
        if happened
        else PingDecision(PingCode.NOTHING_HAPPENED)
    )


@pytest.mark.parametrize(
    "placed",
    [
        placement(),
        placement("bad", verdict=Verdict.SUPPRESSED),
        placement("bad", verdict=Verdict.WAITS),
    ],
    ids=["the rule does not ping", "the build is not shown", "the build is not shown yet"],
)
def test_nobody_is_pinged_without_a_wish_or_a_card(placed: Placement) -> None:
    decision = decide_ping(placed, FAILED, Transition(Change.BROKEN), NOW)

    assert decision == PingDecision(PingCode.NOT_WANTED)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(set(), PingCode.DUE, id="nothing yet"),
        pytest.param({PingOn.BROKEN}, PingCode.SENT, id="this"),
        pytest.param({PingOn.BAD}, PingCode.SENT, id="that it failed, by other words"),
        pytest.param({PingOn.APPROVAL}, PingCode.DUE, id="that it needed approval before"),
    ],
)
def test_a_build_pings_once_about_how_it_went(sent: set[PingOn], code: PingCode) -> None:
    placed = placement("bad", "broken", "approval")

    decision = decide_ping(placed, FAILED, Transition(Change.BROKEN), NOW, frozenset(sent))

    assert (decision.code, decision.on) == (code, PingOn.BROKEN)


def test_an_approval_is_asked_for_once() -> None:
    sent = frozenset({PingOn.APPROVAL})

    decision = decide_ping(placement("approval"), BLOCKED, Transition(Change.NONE), NOW, sent)

    assert decision == PingDecision(PingCode.SENT, PingOn.APPROVAL)


def test_a_ping_of_a_superseded_build_is_not_sent() -> None:
    change = Transition(Change.BROKEN, is_superseded=True)

    decision = decide_ping(placement("broken"), FAILED, change, NOW)

    assert decision == PingDecision(PingCode.SUPERSEDED, PingOn.BROKEN)


def test_an_approval_is_asked_for_even_if_a_later_build_has_ended() -> None:
    change = Transition(Change.NONE, is_superseded=True)

    decision = decide_ping(placement("approval"), BLOCKED, change, NOW)

    assert decision.code is PingCode.DUE


@pytest.mark.parametrize(
    ("ago", "code"),
    [
        pytest.param(timedelta(0), PingCode.TOO_SOON, id="now"),
        pytest.param(HALF_HOUR - timedelta(seconds=1), PingCode.TOO_SOON, id="a second too soon"),
        pytest.param(HALF_HOUR, PingCode.DUE, id="the whole span ago"),
        pytest.param(-HALF_HOUR, PingCode.DUE, id="in the future, so the clock was set back"),
    ],
)
def test_a_rule_pings_at_most_once_in_its_span(ago: timedelta, code: PingCode) -> None:
    decision = decide_ping(
        placement("broken"), FAILED, Transition(Change.BROKEN), NOW, last_at=NOW - ago
    )

    assert (decision.code, decision.on) == (code, PingOn.BROKEN)


RUN = RedRun(39, int(NOW.timestamp()), 3, "octocat")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("remind", "run", "last_at", "is_gone", "due_at"),
    [
        pytest.param(DAY, RUN, None, False, NOW + DAY, id="first"),
        pytest.param(DAY, RUN, NOW + DAY, False, NOW + 2 * DAY, id="again after as long"),
        pytest.param(DAY, RUN, NOW - DAY, False, NOW + DAY, id="an older red run is another one"),
        pytest.param(DAY, None, None, False, None, id="fixed"),
        pytest.param(DAY, RUN, None, True, None, id="the branch is gone"),
        pytest.param(None, RUN, None, False, None, id="the rule does not remind"),
        pytest.param(DAY, RedRun(39, 0, 3), None, False, None, id="it is unknown since when"),
    ],
)
def test_a_branch_is_reminded_of_while_it_is_red(
    remind: timedelta | None,
    run: RedRun | None,
    last_at: datetime | None,
    is_gone: bool,
    due_at: datetime | None,
) -> None:
    assert reminder_due_at(remind, run, last_at, is_gone) == due_at
