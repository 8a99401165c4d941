"""Which step broke a build, and whether its log is wanted."""

from dataclasses import replace
from typing import Any

import pytest
from drone_shapes import build, stage, step

from server.core.model.build import BuildState
from server.core.model.failure import failing_step, wants_log
from server.core.model.log_tail import LogTail

OK, BAD, ERROR = "success", "failure", "error"


def failed(*stages: dict[str, object], status: str = BAD, **repo: object) -> BuildState:
    """Return a build that ended badly, of a public repository."""
    return build(*stages, status=status, repo={"visibility": "public", **repo})


USUAL = stage(1, "test", BAD, step(1, "clone"), step(2, "unit", BAD), step(3, "lint", BAD))


@pytest.mark.parametrize(
    ("state", "place"),
    [
        pytest.param(failed(USUAL), (1, 2), id="the first step that failed"),
        pytest.param(
            failed(stage(2, "b", BAD, step(1, "x", BAD)), stage(1, "a", BAD, step(4, "y", BAD))),
            (1, 4),
            id="the first stage by its number",
        ),
        pytest.param(
            failed(stage(1, "a", BAD, step(1, "x", BAD, errignore=True), step(2, "y", ERROR))),
            (1, 2),
            id="not one that may fail",
        ),
        pytest.param(
            failed(
                stage(1, "a", BAD, step(1, "x", BAD), errignore=True),
                USUAL | {"id": 2, "number": 2},
            ),
            (2, 2),
            id="not in a stage that may fail",
        ),
        pytest.param(
            failed(stage(1, "a", ERROR), stage(2, "b", BAD, step(1, "x", BAD))),
            (2, 1),
            id="not a stage without steps",
        ),
        pytest.param(failed(USUAL, status=ERROR), (1, 2), id="a build that could not run"),
        pytest.param(failed(stage(1, "a", ERROR)), None, id="no step at all"),
        pytest.param(failed(), None, id="a broken configuration"),
        pytest.param(failed(USUAL, status="running"), None, id="a build that runs"),
        pytest.param(failed(USUAL, status="killed"), None, id="a cancelled build"),
        pytest.param(failed(USUAL, status=OK), None, id="a build that passed"),
    ],
)
def test_the_failing_step_is_the_first_that_the_card_names(
    state: BuildState, place: tuple[int, int] | None
) -> None:
    found = failing_step(state)

    assert (found and (found[0].number, found[1].number)) == place


def known(stage: int, step: int, *lines: str) -> BuildState:
    """Return a build with a log."""
    return replace(failed(USUAL), log=LogTail(stage, step, lines))


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        pytest.param(failed(USUAL), True, id="a public repository"),
        pytest.param(failed(USUAL, visibility=""), True, id="a Drone that says no more"),
        pytest.param(failed(USUAL, private=True), False, id="a private repository"),
        pytest.param(failed(USUAL, visibility="private"), False, id="private by its visibility"),
        pytest.param(failed(USUAL, visibility="internal"), False, id="an internal repository"),
        pytest.param(failed(USUAL, visibility="secret"), False, id="an unknown visibility"),
        pytest.param(failed(USUAL, id=0), False, id="an unknown repository"),
        pytest.param(failed(), False, id="no step"),
        pytest.param(failed(USUAL, status="running"), False, id="a build that runs"),
        pytest.param(known(1, 2, "x"), False, id="a log that is known"),
        pytest.param(known(1, 2), False, id="a log that is known to be empty"),
        pytest.param(known(1, 3, "x"), True, id="the log of another step"),
        pytest.param(
            failed(stage(0, "a", BAD, step(1, "x", BAD))), False, id="a stage without a number"
        ),
        pytest.param(
            failed(stage(1, "a", BAD, step(0, "x", BAD))), False, id="a step without a number"
        ),
    ],
)
def test_a_log_is_wanted_where_everybody_may_see_it(state: BuildState, wanted: bool) -> None:
    assert wants_log(state, 10, False) == wanted


@pytest.mark.parametrize("repo", [{"private": True}, {"visibility": "internal"}])
def test_private_logs_may_be_allowed(repo: dict[str, Any]) -> None:
    assert wants_log(failed(USUAL, **repo), 10, True)


def test_no_log_is_wanted_where_none_is_shown() -> None:
    assert not wants_log(failed(USUAL), 0, True)
