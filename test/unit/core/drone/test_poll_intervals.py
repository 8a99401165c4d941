"""Which builds are polled early, because no webhook says what may have come of them."""

from typing import Any

import pytest
from fakes import payload

from server.core.drone.payload import read_state
from server.core.drone.poll_intervals import may_be_blocked

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
