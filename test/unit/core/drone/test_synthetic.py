"""What Drone answers becomes a delivery, and comes back as the same build."""

import json
from dataclasses import replace

import pytest
from build_states import STATES
from fakes import CHANNEL, HOST, START, MemoryStore, card, payload, seconds, state
from hypothesis import given, settings

from server.core.cards.content import card_id
from server.core.drone.synthetic import (
    read_synthetic,
    synthesize_build,
    synthesize_log,
    synthesize_unknown,
)
from server.core.model.build import BuildState, merge
from server.core.model.log_tail import LogTail, text_of
from server.core.model.status import Status, is_final
from server.errors import Malformed
from server.services.worker.display import DisplayConfig
from server.services.worker.merge import merge_batch

SUCCESS = state("success", version=3, params={"A": "é"})
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
LINES = "".join(f"line {number}\n" for number in range(50))


def log_body(text: str, count: int) -> bytes:
    """Return the body that says how the log of the failed step ends."""
    return synthesize_log(FAILED, 1, 2, text, count, START).body


# -- A build as the API says --------------------------------------------------------------------


def test_a_build_comes_in_drones_own_shape_with_what_the_api_lacks() -> None:
    delivery = synthesize_build(SUCCESS, START)
    body = json.loads(delivery.body)

    assert (delivery.event, delivery.received_at) == ("drone:build", START)
    assert (sorted(body), body["source"]) == (["build", "repo", "source", "system"], "api")
    assert body["system"] == {"host": HOST, "link": f"https://{HOST}", "version": ""}
    assert body["repo"] == {
        "id": 1,
        "version": 1,
        "slug": "octocat/hello-world",
        "link": "",
        "default_branch": "",
        "timeout": 0,
        "private": False,
        "visibility": "",
        "protected": False,
    }
    known = {"id": 7, "version": 3, "number": 7, "status": "success", "params": [["A", "é"]]}
    assert {name: body["build"][name] for name in known} == known


@settings(max_examples=100)
@given(STATES)
def test_a_build_comes_back_as_it_was(known: BuildState) -> None:
    if known.build.id > 0:
        assert read_synthetic(synthesize_build(known, START).body) == known


def test_what_an_earlier_version_wrote_is_read() -> None:
    # It kept the answer as Drone gave it.
    row = {"id": 7, "version": 3, "number": 7, "status": "success", "params": {"A": "é"}}
    body = {**payload(), "build": row, "source": "api"}

    found = read_synthetic(json.dumps(body).encode())

    assert (found.system, found.repo) == (SUCCESS.system, SUCCESS.repo)
    assert (found.build.id, found.build.version, found.build.number) == (7, 3, 7)
    assert (found.build.status, found.build.params) == (Status.SUCCESS, (("A", "é"),))


def test_the_same_build_is_the_same_delivery() -> None:
    one, again = (synthesize_build(SUCCESS, START + seconds(late)) for late in (0, 60))

    assert one.id == again.id


def test_another_build_is_another_delivery() -> None:
    other = state("success", version=4, params={"A": "é"})

    assert synthesize_build(SUCCESS, START).id != synthesize_build(other, START).id


@settings(max_examples=100)
@given(STATES)
def test_the_card_of_what_was_read_is_that_of_the_webhooks(known: BuildState) -> None:
    found = BuildState(known.system, known.repo, SUCCESS.build)
    read = read_synthetic(synthesize_build(found, START).body)

    assert (read.system, read.repo) == (known.system, known.repo)
    if known.build.id == 7:
        assert card_id(read, "1") == card_id(known, "1")


# -- A build that is unknown --------------------------------------------------------------------


@settings(max_examples=100)
@given(STATES, STATES)
def test_the_unknown_ends_what_is_open_and_nothing_else(one: BuildState, two: BuildState) -> None:
    if one.build.id != 7:
        return
    closed = read_synthetic(synthesize_unknown(one, START).body)

    merged = merge(merge(one, two), closed)

    assert merged == merge(closed, merge(two, one))
    ended = [of.build.status for of in (one, two) if is_final(of.build.status)]
    assert (merged.build.status is Status.UNKNOWN) == ({*ended} <= {Status.UNKNOWN})


def test_the_unknown_beats_a_newer_version_that_runs() -> None:
    closed = read_synthetic(synthesize_unknown(state("pending", version=1), START).body)

    assert merge(closed, state("running", version=9)).build.status is Status.UNKNOWN


def test_an_ending_of_any_version_beats_the_unknown() -> None:
    closed = read_synthetic(synthesize_unknown(state("running", version=9), START).body)

    assert merge(closed, state("failure", version=0)).build.status is Status.FAILURE


# -- The end of a log ---------------------------------------------------------------------------


def test_a_log_brings_nothing_else() -> None:
    report = read_synthetic(log_body(LINES, 3))

    assert report == replace(FAILED, log=LogTail(1, 2, ("line 47", "line 48", "line 49")))
    assert merge(FAILED, report) == report
    assert card_id(report, CHANNEL) == card_id(FAILED, CHANNEL)


def test_a_log_has_the_shape_of_drones() -> None:
    body = json.loads(log_body(LINES, 1))

    assert (sorted(body), body["source"]) == (["build", "log", "repo", "source", "system"], "api")
    assert body["log"] == {"stage": 1, "step": 2, "lines": ["line 49"]}
    assert body["build"]["stages"][0]["steps"][0]["name"] == "unit"


@pytest.mark.parametrize("rows", [[], [{"pos": 0, "out": "\n"}], [None]])
def test_a_step_that_printed_nothing_has_an_empty_log(rows: list[object]) -> None:
    assert read_synthetic(log_body(text_of(rows), 10)).log == LogTail(1, 2, ())


def test_text_that_json_or_a_database_cannot_carry_is_gone() -> None:
    text = "a\0b\ud800c\ufffe\n"

    assert read_synthetic(log_body(text, 10)).log == LogTail(1, 2, ("abc\ufffe",))


def test_a_log_of_the_largest_size_makes_a_small_delivery() -> None:
    assert len(log_body(("x" * 999 + "\n") * 5_000, 40)) < 10_000


def test_the_same_log_is_the_same_delivery() -> None:
    first = synthesize_log(FAILED, 1, 2, LINES, 10, START)
    again = synthesize_log(FAILED, 1, 2, LINES, 10, START + seconds(9))
    other = synthesize_log(FAILED, 1, 2, LINES, 11, START)

    assert (first.event, first.received_at) == ("drone:log", START)
    assert first.id == again.id != other.id


def test_a_log_is_merged_into_the_card_of_its_build() -> None:
    store = MemoryStore()
    kept = store.cards.save(card(FAILED), START)
    assert kept is not None
    report = synthesize_log(FAILED, 1, 2, LINES, 2, START)
    store.inbox.add(report)

    merge_batch([report], store, DisplayConfig(CHANNEL, "", seconds(2)), START)

    (merged,) = store.cards.all()
    assert merged.content == replace(FAILED, log=LogTail(1, 2, ("line 48", "line 49")))
    assert (merged.id, merged.due_at) == (kept.id, START)


def test_a_log_that_comes_first_makes_the_card_of_its_build() -> None:
    store = MemoryStore()
    report = synthesize_log(FAILED, 1, 2, LINES, 2, START)

    merge_batch([report], store, DisplayConfig(CHANNEL, "", seconds(2)), START)

    (made,) = store.cards.all()
    assert made.id == card_id(FAILED, CHANNEL)


def test_a_webhook_that_comes_after_the_log_does_not_lose_it() -> None:
    report = read_synthetic(log_body(LINES, 2))
    late = state("running", version=2)

    assert merge(report, late) == merge(late, report) == report
    assert "log" not in payload()


# -- What is none -------------------------------------------------------------------------------

MALFORMED: dict[str, tuple[bytes, str]] = {
    "no build": (b"{}", "no_id"),
    "no id": (b'{"build": {"id": -1}}', "no_id"),
    "a log without its build": (b'{"log": {"stage": 1}}', "no_id"),
    "no text": (b"\xff", "not_utf8"),
    "a list": (b"[]", "not_an_object"),
    "half an object": (b"{", "not_json"),
}


@pytest.mark.parametrize(("body", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_synthetic_delivery_is_malformed(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_synthetic(body)

    assert caught.value.reason == reason
