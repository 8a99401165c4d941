"""Durations as people say them."""

import pytest

from server.core.render.duration import between, is_instant, show, ticking


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0s"),
        (0, "0s"),
        (1, "1s"),
        (59, "59s"),
        (60, "1m"),
        (72, "1m 12s"),
        (3600, "1h"),
        (3659, "1h"),
        (7500, "2h 5m"),
        (86_399, "23h 59m"),
        (86_400, "1d"),
        (97_200, "1d 3h"),
        (2**63, "106751991167300d 15h"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(seconds: int, words: str) -> None:
    assert show(seconds) == words


def test_an_end_before_its_beginning_took_no_time() -> None:
    assert between(1700000010, 1700000000) == "0s"


@pytest.mark.parametrize(("started", "stopped"), [(0, 5), (5, 0), (-1, 5), (5, 2**60)])
def test_an_unknown_instant_gives_no_duration(started: int, stopped: int) -> None:
    assert between(started, stopped) == ""


def test_an_instant_ticks_in_every_reader_s_own_clock() -> None:
    assert ticking(1700000000) == "<t:1700000000:R>"


@pytest.mark.parametrize("second", [0, -1, 253_402_300_800])
def test_what_is_no_instant_of_the_calendar_does_not_tick(second: int) -> None:
    assert not is_instant(second)
    assert ticking(second) == ""
