"""How the end of a log comes to its card: as a delivery that says nothing else that is new."""

import json
from dataclasses import replace

import pytest
from fakes import CHANNEL, START, MemoryStore, card, payload, seconds, state

from server.core.cards.content import card_id
from server.core.drone.log_report import EVENT, log_body, read_log, tell_log
from server.core.model.build import merge
from server.core.model.log_tail import LogTail
from server.errors import Malformed
from server.services.worker.display import DisplayConfig
from server.services.worker.merge import merge_batch

FAILED = state(
    "failure",
    {
        "id": 1,
        "number": 1,
        "name": "test",
        "status": "failure",
        "steps": [{"id": 3, "number": 2, "name": "unit", "status": "failure", "exit_code": 1}],
    },
    version=3,
)
ROWS = [{"pos": number, "out": f"line {number}\n", "time": 0} for number in range(50)]


def test_a_report_brings_the_log_alone() -> None:
    told = read_log(log_body(FAILED, 1, 2, ROWS, 3))

    assert told == replace(FAILED, log=LogTail(1, 2, ("line 47", "line 48", "line 49")))
    assert merge(FAILED, told) == told
    assert card_id(told, CHANNEL) == card_id(FAILED, CHANNEL)


def test_a_report_has_the_shape_of_drones() -> None:
    body = json.loads(log_body(FAILED, 1, 2, ROWS, 1))

    assert sorted(body) == ["build", "log", "repo", "system"]
    assert body["log"] == {"stage": 1, "step": 2, "lines": ["line 49"]}
    assert body["build"]["stages"][0]["steps"][0]["name"] == "unit"


@pytest.mark.parametrize("rows", [[], [{"pos": 0, "out": "\n"}], [None]])
def test_a_step_that_printed_nothing_has_an_empty_log(rows: list[object]) -> None:
    assert read_log(log_body(FAILED, 1, 2, rows, 10)).log == LogTail(1, 2, ())


def test_text_that_json_or_a_database_cannot_carry_is_gone() -> None:
    rows = [{"pos": 0, "out": "a\0b\ud800c\ufffe\n"}]

    assert read_log(log_body(FAILED, 1, 2, rows, 10)).log == LogTail(1, 2, ("abc\ufffe",))


def test_a_log_of_the_largest_size_makes_a_small_delivery() -> None:
    rows = [{"pos": number, "out": "x" * 999 + "\n"} for number in range(5_000)]

    assert len(log_body(FAILED, 1, 2, rows, 40)) < 10_000


def test_the_same_log_is_the_same_delivery() -> None:
    first = tell_log(FAILED, 1, 2, ROWS, 10, START)
    again = tell_log(FAILED, 1, 2, ROWS, 10, START + seconds(9))
    other = tell_log(FAILED, 1, 2, ROWS, 11, START)

    assert (first.event, first.received_at) == (EVENT, START)
    assert first.id == again.id != other.id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "not_an_object"),
        (b"{", "not_json"),
        (b'{"log": {"stage": 1}}', "no_id"),
    ],
)
def test_what_is_no_report_of_a_log_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_log(body)

    assert caught.value.reason == reason


def test_a_log_is_merged_into_the_card_of_its_build() -> None:
    store = MemoryStore()
    kept = store.cards.save(card(FAILED), START)
    assert kept is not None
    report = tell_log(FAILED, 1, 2, ROWS, 2, START)
    store.inbox.add(report)

    merge_batch([report], store, DisplayConfig(CHANNEL, "", seconds(2)), START)

    (merged,) = store.cards.all()
    assert merged.content == replace(FAILED, log=LogTail(1, 2, ("line 48", "line 49")))
    assert (merged.id, merged.due_at) == (kept.id, START)


def test_a_log_that_comes_first_makes_the_card_of_its_build() -> None:
    store = MemoryStore()
    report = tell_log(FAILED, 1, 2, ROWS, 2, START)

    merge_batch([report], store, DisplayConfig(CHANNEL, "", seconds(2)), START)

    (made,) = store.cards.all()
    assert made.id == card_id(FAILED, CHANNEL)


def test_a_webhook_that_comes_after_the_log_does_not_lose_it() -> None:
    told = read_log(log_body(FAILED, 1, 2, ROWS, 2))
    late = state("running", version=2)

    assert merge(told, late) == merge(late, told) == told
    assert "log" not in payload()
