"""What the bot shows follows from the answers of the health endpoint alone."""

from functools import reduce

import pytest

from presence_client.health import Answer, Bad, Check, Report
from presence_client.presence import INVISIBLE, Presence, Standing, Status, decide

OK = Report(is_degraded=False, running=3)
SLOW = Report(is_degraded=True, checks=(Check("discord", "degraded"),), waiting=12)
FAILING, REFUSED, TIMED_OUT = Bad("failing"), Bad("refused"), Bad("timed_out")

ONLINE = Presence(Status.ONLINE, watching="3 builds")
IDLE = Presence(Status.IDLE, saying="Discord is slow, 12 waiting")

SEQUENCES: list[tuple[str, list[Answer], Standing]] = [
    ("nothing asked yet: invisible", [], Standing(INVISIBLE, 0)),
    ("ok: online", [OK], Standing(ONLINE, 0)),
    ("degraded: idle", [SLOW], Standing(IDLE, 0)),
    ("degraded after ok: idle at once", [OK, SLOW], Standing(IDLE, 0)),
    ("ok after degraded: online at once", [SLOW, OK], Standing(ONLINE, 0)),
    ("one failing: as before", [OK, FAILING], Standing(ONLINE, 1)),
    ("one refused: as before", [OK, REFUSED], Standing(ONLINE, 1)),
    ("one timed out while idle: as before", [SLOW, TIMED_OUT], Standing(IDLE, 1)),
    ("failing twice: invisible", [OK, FAILING, FAILING], Standing(INVISIBLE, 2)),
    ("refused twice: invisible", [OK, REFUSED, REFUSED], Standing(INVISIBLE, 2)),
    ("timed out twice: invisible", [SLOW, TIMED_OUT, TIMED_OUT], Standing(INVISIBLE, 2)),
    ("two bad ones of two kinds: invisible", [OK, REFUSED, FAILING], Standing(INVISIBLE, 2)),
    ("bad, good, bad: as before", [OK, REFUSED, SLOW, REFUSED], Standing(IDLE, 1)),
    ("many bad ones count as two", [OK, *[REFUSED] * 9], Standing(INVISIBLE, 2)),
    ("ok after long silence: online at once", [*[REFUSED] * 9, OK], Standing(ONLINE, 0)),
    ("degraded after failing: idle at once", [FAILING, FAILING, SLOW], Standing(IDLE, 0)),
    ("one bad one at the start: invisible", [REFUSED], Standing(INVISIBLE, 1)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "standing"), [pytest.param(*row, id=name) for name, *row in SEQUENCES]
)
def test_the_presence_follows_the_answers(answers: list[Answer], standing: Standing) -> None:
    assert reduce(decide, answers, Standing()) == standing


@pytest.mark.parametrize(
    ("running", "watching"),
    [(0, "for builds"), (1, "1 build"), (2, "2 builds"), (300, "300 builds")],
)
def test_online_counts_the_running_builds(running: int, watching: str) -> None:
    standing = decide(Standing(), Report(is_degraded=False, running=running))

    assert standing.presence == Presence(Status.ONLINE, watching=watching)


def test_what_waits_does_not_matter_while_all_is_well() -> None:
    standing = decide(Standing(), Report(is_degraded=False, running=1, waiting=5))

    assert standing.presence == Presence(Status.ONLINE, watching="1 build")
