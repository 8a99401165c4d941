"""The report of the worker."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import NOTHING_CAME, START, account, card, refusal, seconds, state

from server.core.cards.content import Content
from server.core.cards.move import MoveKind, Urgency
from server.core.cards.send_queue import QueueEntry, SendQueue
from server.core.discord.answers import read_answer
from server.core.discord.rate_limits import RateLimits, RequestKind, Route
from server.core.http_answer import Answer
from server.services.worker.report import LONGEST_RUN, Running, WorkerReport, read_report, report

ROUTE = Route("1", RequestKind.CREATE)
QUIET = WorkerReport()


def rate_limits_after(*answers: Answer) -> RateLimits:
    """Return what was learned from answers that came at tick 1000."""
    rate_limits = RateLimits()
    for number, answer in enumerate(answers):
        rate_limits.finish(ROUTE, answer, read_answer(answer), 1000.0, 0.0, str(number))
    return rate_limits


def waiting(count: int = 0) -> SendQueue:
    """Return a send queue in which so many cards wait for one channel."""
    return SendQueue(
        QueueEntry(str(number), "1", Urgency.NEW, START, MoveKind.CREATE) for number in range(count)
    )


def test_a_quiet_worker_has_an_empty_report() -> None:
    assert report(RateLimits(), waiting(), "1", Running(), START, 1000.0) == QUIET


def test_what_waits_and_what_runs_is_counted() -> None:
    running = Running([card(state("running")), card(state("pending", build_id=8))])

    assert report(RateLimits(), waiting(5), "1", running, START, 1000.0) == replace(
        QUIET, waiting=5, running=2
    )


def test_a_refused_token_is_reported() -> None:
    rate_limits = rate_limits_after(refusal(401))

    found = report(rate_limits, waiting(), "1", Running(), START, 1001.0)

    assert found == replace(QUIET, stopped="token_refused")


def test_a_channel_that_cannot_be_written_to_is_counted() -> None:
    rate_limits = rate_limits_after(refusal(403, 50013))

    found = report(rate_limits, waiting(1), "1", Running(), START, 1001.0)

    assert found == replace(QUIET, waiting=1, paused_channels=1)


def test_a_channel_for_which_nothing_waits_is_not_counted() -> None:
    rate_limits = rate_limits_after(refusal(404, 10003))

    assert report(rate_limits, waiting(), "2", Running(), START, 1001.0) == QUIET


FAILING = {"a moment": (14.9, 0), "fifteen seconds": (15.0, 15), "an hour": (3600.5, 3600)}


@pytest.mark.parametrize(("seconds", "reported"), FAILING.values(), ids=FAILING)
def test_a_discord_that_fails_is_reported_after(seconds: float, reported: int) -> None:
    rate_limits = rate_limits_after(NOTHING_CAME)

    found = report(rate_limits, waiting(), "1", Running(), START, 1000.0 + seconds)

    assert found == replace(QUIET, failing_seconds=reported)


def test_an_outage_is_reported_by_its_length_and_not_as_a_stop() -> None:
    rate_limits = rate_limits_after(*[NOTHING_CAME] * 9)

    found = report(rate_limits, waiting(), "1", Running(), START, 1020.0)

    assert found == replace(QUIET, failing_seconds=20)


COUNTED: dict[str, tuple[Content, int]] = {
    "running": (state("running"), 1),
    "pending": (state("pending"), 1),
    "waiting for approval": (state("pending", {"id": 1, "status": "blocked"}), 0),
    "of an unknown status": (state("cancelled"), 0),
    "ended": (state("success"), 0),
    "no build": (account(), 0),
}


@pytest.mark.parametrize(("content", "count"), COUNTED.values(), ids=COUNTED)
def test_a_build_counts_as_running_while_it_is(content: Content, count: int) -> None:
    assert Running([card(content)]).count(START) == count


def test_a_build_that_ends_does_not_run_any_more() -> None:
    running = Running([card(state("running"))])

    running.put(card(state("success")))

    assert running.count(START) == 0


def test_a_build_that_is_heard_of_twice_counts_once() -> None:
    running = Running()

    for _ in range(2):
        running.put(card(state("running")))

    assert running.count(START) == 1


AGES: dict[str, tuple[timedelta, int]] = {
    "almost as long as Drone lets it": (LONGEST_RUN - seconds(1), 1),
    "longer than Drone lets it": (LONGEST_RUN, 0),
}


@pytest.mark.parametrize(("age", "count"), AGES.values(), ids=AGES)
def test_a_build_whose_ending_was_lost_runs(age: timedelta, count: int) -> None:
    assert Running([card(state("running"))]).count(START + age) == count


FULL = WorkerReport(1, 2, 3, 4, "token_refused", 50, 6, "no_answer", 70)


@pytest.mark.parametrize("of", [FULL, QUIET], ids=["all", "nothing"])
def test_a_report_is_read_as_it_was_stored(of: WorkerReport) -> None:
    assert read_report(of.document()) == of


def test_a_report_says_nothing_of_a_drone_that_is_not_asked() -> None:
    assert QUIET.document() == {
        "waiting": 0,
        "running": 0,
        "failed": 0,
        "dropped": 0,
        "stopped": "",
        "failing_seconds": 0,
        "paused_channels": 0,
    }


def test_a_report_of_another_version_is_read_as_far_as_it_is_known() -> None:
    assert read_report({"waiting": 3, "a_later_field": 1}) == WorkerReport(waiting=3)
