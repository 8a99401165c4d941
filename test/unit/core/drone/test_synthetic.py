"""What Drone answers becomes a delivery, and comes back as the same build."""

import json
from typing import Any

import pytest
from build_states import STATES
from fakes import HOST, START, payload, seconds, state
from hypothesis import given, settings

from server.core.cards.content import card_id
from server.core.drone.payload import read_state
from server.core.drone.synthetic import may_be_blocked, read_told, tell, tell_unknown
from server.core.model.build import BuildState, merge
from server.core.model.status import Status, is_final
from server.errors import Malformed

ROW = {"id": 7, "version": 3, "number": 7, "status": "success", "params": {"A": "é"}}


def test_an_answer_comes_in_drones_own_shape_with_what_it_lacks() -> None:
    told = tell(state("running"), ROW, START)

    assert (told.event, told.received_at) == ("drone:build", START)
    assert json.loads(told.body) == {
        "system": {"host": HOST, "link": f"https://{HOST}", "version": ""},
        "repo": {
            "id": 1,
            "version": 1,
            "slug": "octocat/hello-world",
            "link": "",
            "default_branch": "",
            "timeout": 0,
            "private": False,
            "visibility": "",
            "protected": False,
        },
        "build": ROW,
        "source": "api",
    }


def test_the_same_answer_is_the_same_delivery() -> None:
    one, again = (tell(state(), ROW, START + seconds(late)) for late in (0, 60))

    assert one.id == again.id


def test_another_answer_is_another_delivery() -> None:
    assert tell(state(), ROW, START).id != tell(state(), {**ROW, "version": 4}, START).id


@settings(max_examples=100)
@given(STATES)
def test_the_card_of_what_was_read_is_that_of_the_webhooks(known: BuildState) -> None:
    read = read_told(tell(known, {**ROW, "id": 7}, START).body)

    assert (read.system, read.repo) == (known.system, known.repo)
    if known.build.id == 7:
        assert card_id(read, "1") == card_id(known, "1")


@settings(max_examples=100)
@given(STATES, STATES)
def test_the_unknown_ends_what_is_open_and_nothing_else(one: BuildState, two: BuildState) -> None:
    if one.build.id != 7:
        return
    closed = read_told(tell_unknown(one, START).body)

    merged = merge(merge(one, two), closed)

    assert merged == merge(closed, merge(two, one))
    ended = [of.build.status for of in (one, two) if is_final(of.build.status)]
    assert (merged.build.status is Status.UNKNOWN) == ({*ended} <= {Status.UNKNOWN})


def test_the_unknown_beats_a_newer_version_that_runs() -> None:
    closed = read_told(tell_unknown(state("pending", version=1), START).body)

    assert merge(closed, state("running", version=9)).build.status is Status.UNKNOWN


def test_an_ending_of_any_version_beats_the_unknown() -> None:
    closed = read_told(tell_unknown(state("running", version=9), START).body)

    assert merge(closed, state("failure", version=0)).build.status is Status.FAILURE


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"{}", "no_id"), (b'{"build": {"id": -1}}', "no_id"), (b"\xff", "not_utf8")],
    ids=["no build", "no id", "no text"],
)
def test_what_was_not_told_so_is_malformed(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_told(body)

    assert caught.value.reason == reason


WAITING = {"status": "pending", "trigger": "@hook", "stages": []}
BLOCKED: dict[str, tuple[bool, dict[str, Any], bool]] = {
    "new, of a protected repository": (True, WAITING, True),
    "new, of another": (False, WAITING, False),
    "begun by a person": (True, {**WAITING, "trigger": "octocat"}, False),
    "of which stages are known": (True, {**WAITING, "stages": [{"id": 1}]}, False),
    "running": (True, {**WAITING, "status": "running"}, False),
}


@pytest.mark.parametrize(("is_protected", "build", "may"), BLOCKED.values(), ids=BLOCKED)
def test_blocked_may_be_a_build(is_protected: bool, build: dict[str, Any], may: bool) -> None:
    body = payload(**build)
    body["repo"]["protected"] = is_protected

    assert may_be_blocked(read_state(body)) is may
