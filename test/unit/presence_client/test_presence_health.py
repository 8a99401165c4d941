"""An answer of the health endpoint is good only if it says so itself."""

import json

import pytest

from presence_client.health import Answer, Bad, Check, Report, read_answer

ANSWERS: list[tuple[str, int, object, Answer]] = [
    (
        "ok with counts",
        200,
        {
            "status": "ok",
            "checks": {"mongo": {"status": "ok"}},
            "counts": {"running": 3, "waiting": 1, "spooled": 0},
        },
        Report(is_degraded=False, checks=(Check("mongo", "ok"),), running=3, waiting=1),
    ),
    (
        "degraded with a detail",
        200,
        {
            "status": "degraded",
            "checks": {
                "discord": {"status": "degraded", "reason": "stopped", "detail": "It is away."}
            },
            "counts": {"running": 0, "waiting": 12, "spooled": 3},
        },
        Report(
            is_degraded=True,
            checks=(Check("discord", "degraded", "It is away.", "stopped"),),
            running=0,
            waiting=15,
        ),
    ),
    ("ok and nothing else", 200, {"status": "ok"}, Report(is_degraded=False)),
    (
        "counts that are none",
        200,
        {"status": "ok", "counts": {"running": "3", "waiting": True, "spooled": -1}},
        Report(is_degraded=False),
    ),
    ("counts and checks of other shapes", 200, {"status": "ok", "counts": [], "checks": 1},
     Report(is_degraded=False)),
    ("a check that is a word", 200, {"status": "degraded", "checks": {"mongo": "away"}},
     Report(is_degraded=True, checks=(Check("mongo", ""),))),
    ("failing", 503, {"status": "failing", "checks": {}}, Bad("failing")),
    ("failing, with a proxy's status", 200, {"status": "failing"}, Bad("failing")),
    ("ok, with the status of an error", 503, {"status": "ok"}, Bad("status_503")),
    ("a status nobody knows", 200, {"status": "splendid"}, Bad("unreadable")),
    ("a status that is no word", 200, {"status": ["ok"]}, Bad("unreadable")),
    ("a list", 200, ["ok"], Bad("unreadable")),
    ("another page", 404, {"error": "not_found"}, Bad("status_404")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status_code", "body", "answer"),
    [pytest.param(*row, id=name) for name, *row in ANSWERS],
)
def test_an_answer_is_read(status_code: int, body: object, answer: Answer) -> None:
    assert read_answer(status_code, json.dumps(body).encode()) == answer


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>502</html>", b"\xff\xfe", b'{"status": "ok"', b"[" * 100_000],
    ids=["nothing", "HTML", "no UTF-8", "half of it", "a deep hole"],
)
def test_what_is_no_json_is_unreadable(body: bytes) -> None:
    assert read_answer(200, body) == Bad("unreadable")
