"""What the log says of refused requests: the first of a minute, then how many more."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from server.services.intake.refusal_log import LOGGED_EACH, RefusalLog

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, object]]:
    return [
        (record.message, vars(record)["reason"], vars(record).get("count"))
        for record in caplog.records
    ]


def test_a_flood_is_told_in_a_few_lines_and_a_count(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    refusals = RefusalLog()

    for number in range(1000):
        refusals.note("unsigned", START + timedelta(milliseconds=number))
    refusals.note("too_old", START + timedelta(seconds=2))
    refusals.sum_up(START + timedelta(seconds=59))
    refusals.sum_up(START + timedelta(seconds=60))

    assert said(caplog) == [
        *[("Request refused.", "unsigned", None)] * LOGGED_EACH,
        ("Request refused.", "too_old", None),
        ("More requests were refused.", "unsigned", 1000 - LOGGED_EACH),
    ]


def test_another_minute_is_told_anew(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    refusals = RefusalLog()

    for seconds in (0, 61, 0):  # the last after the clock was set back
        for _ in range(LOGGED_EACH):
            refusals.note("unsigned", START + timedelta(seconds=seconds))

    assert said(caplog) == [("Request refused.", "unsigned", None)] * 3 * LOGGED_EACH
