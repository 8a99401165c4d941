"""Quiet hours by the clocks of a zone."""

from datetime import UTC, datetime, time

import pytest

from server.core.routing.quiet import is_quiet
from server.core.routing.rules import Quiet

NIGHT = Quiet(time(22), time(7), "Europe/Berlin")
LUNCH = Quiet(time(12), time(13), "Europe/Berlin")
# The clocks of Berlin skip from 2:00 to 3:00 on 31 March 2030, and repeat that hour on 27 October.
SMALL_HOURS = Quiet(time(2, 30), time(3, 30), "Europe/Berlin")


@pytest.mark.parametrize(
    ("quiet", "now", "expected"),
    [
        pytest.param(NIGHT, (2030, 1, 15, 20, 59), False, id="21:59 in winter"),
        pytest.param(NIGHT, (2030, 1, 15, 21, 0), True, id="22:00 in winter"),
        pytest.param(NIGHT, (2030, 7, 15, 20, 0), True, id="22:00 in summer"),
        pytest.param(NIGHT, (2030, 1, 15, 23, 30), True, id="after midnight"),
        pytest.param(NIGHT, (2030, 1, 15, 5, 59), True, id="6:59"),
        pytest.param(NIGHT, (2030, 1, 15, 6, 0), False, id="7:00, the end does not belong to it"),
        pytest.param(LUNCH, (2030, 1, 15, 11, 30), True, id="within one day"),
        pytest.param(LUNCH, (2030, 1, 15, 12, 0), False, id="its end"),
        pytest.param(LUNCH, (2030, 1, 15, 10, 59), False, id="before it"),
        pytest.param(SMALL_HOURS, (2030, 3, 31, 0, 59), False, id="1:59 before clocks go forward"),
        pytest.param(SMALL_HOURS, (2030, 3, 31, 1, 0), True, id="3:00 a minute later"),
        pytest.param(SMALL_HOURS, (2030, 10, 27, 0, 30), True, id="2:30 before clocks go back"),
        pytest.param(SMALL_HOURS, (2030, 10, 27, 1, 0), False, id="2:00 for the second time"),
        pytest.param(SMALL_HOURS, (2030, 10, 27, 1, 30), True, id="2:30 for the second time"),
    ],
)
def test_it_is_quiet_by_what_clocks_show(
    quiet: Quiet, now: tuple[int, int, int, int, int], expected: bool
) -> None:
    assert is_quiet(quiet, datetime(*now, tzinfo=UTC)) is expected
