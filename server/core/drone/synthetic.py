"""How builds are watched whose webhooks may be lost, and what is made of Drone's answers.

What Drone answers becomes a delivery in Drone's own shape, so that it goes the way of a webhook. An
answer names neither its server nor its repository: the report takes both from what is known of the
build, so that its card is the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from server.core.delivery import Delivery
from server.core.drone.payload import decode, read_report
from server.core.model.build import BuildState
from server.core.model.status import Status
from server.errors import Malformed

# What the inbox calls a report that was read from Drone's API.
EVENT = "drone:build"

# harness/drone core/trigger.go:20-23: only what a hook started can be blocked.
BY_HOOK = "@hook"


@dataclass(frozen=True, slots=True)
class Spans:
    """How long things may take, in seconds."""

    silence: float = 60.0  # after the last news of an open build
    longest: float = 600.0  # between two questions about one build
    fresh: float = 3.0  # after the creation of a build that may be blocked
    gap: float = 120.0  # after so long without a round, anything may be lost
    look: float = 30.0  # between two lists of the repositories
    recent: float = 600.0  # between two looks at repositories that no list names
    again: float = 10.0  # between two looks at everything, whatever asks for them
    log: float = 5.0  # between the first two questions for a log


SPANS = Spans()


def may_be_blocked(state: BuildState) -> bool:
    """Tell whether a new build may wait for approval, which no webhook ever says."""
    build = state.build
    is_new = build.status is Status.PENDING and not state.stages
    return is_new and state.repo.protected and build.trigger == BY_HOOK


def may_have_ended(state: BuildState) -> bool:
    """Tell whether a stage may have ended, or skips what is left of it, which no webhook says.

    Drone reports the end of a stage with the next step of another one, or with the last stage
    (harness/drone operator/manager/teardown.go:126-129).
    """
    return any(
        stage.status is Status.RUNNING
        and stage.steps
        and not any(step.status is Status.RUNNING for step in stage.steps)
        for stage in state.stages
    )


def tell(state: BuildState, build: Mapping[str, object], now: datetime) -> Delivery:
    """Return the delivery that says what Drone answered about the build of *state*."""
    report = {
        "system": asdict(state.system),
        "repo": asdict(state.repo),
        "build": build,
        "source": "api",
    }
    body = json.dumps(report).encode()
    # The same content is the same delivery: what has not changed is kept once.
    return Delivery(hashlib.sha256(EVENT.encode() + body).hexdigest(), EVENT, body, now)


def tell_unknown(state: BuildState, now: datetime) -> Delivery:
    """Return the delivery that closes a build which Drone does not know any more."""
    return tell(state, asdict(replace(state.build, status=Status.UNKNOWN)), now)


def read_told(body: bytes) -> BuildState:
    """Read what `tell` wrote; raise Malformed for anything else."""
    state = read_report(decode(body))
    if state.build.id <= 0:
        raise Malformed("no_id", "The build that Drone told of must have a positive id.")
    return state
