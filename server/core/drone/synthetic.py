"""Synthetic deliveries: what Drone's API says, written as the inbox keeps a webhook.

They go the way of a webhook from there. The API names neither the server nor the repository of a
build; a synthetic delivery takes both from what is known of it, so that its card is the same.
"""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from server.core.delivery import Delivery
from server.core.drone.body import build_body
from server.core.drone.payload import decode, read_report
from server.core.model.build import BuildState
from server.core.model.log_tail import LogTail, last_lines
from server.core.model.status import Status
from server.errors import Malformed

# What the inbox calls them.
BUILD_EVENT, LOG_EVENT = "drone:build", "drone:log"
EVENTS = frozenset({BUILD_EVENT, LOG_EVENT})


def synthesize_build(state: BuildState, now: datetime) -> Delivery:
    """Return the delivery of a build as the API says."""
    return _encode(BUILD_EVENT, state, now)


def synthesize_unknown(state: BuildState, now: datetime) -> Delivery:
    """Return the delivery that ends a build which Drone does not know any more."""
    unknown = replace(state.build, status=Status.UNKNOWN)
    return _encode(BUILD_EVENT, BuildState(state.system, state.repo, unknown), now)


def synthesize_log(
    state: BuildState, stage: int, step: int, text: str, count: int, now: datetime
) -> Delivery:
    """Return the delivery of the last *count* lines of a step's log; *text* may be all of it.

    Merging it changes nothing else of the build. A step that printed nothing has no lines.
    """
    tail = LogTail(stage, step, last_lines(text, count))
    return _encode(LOG_EVENT, replace(state, log=tail), now)


def read_synthetic(body: bytes) -> BuildState:
    """Read the body of a synthetic delivery; raise Malformed for anything else."""
    state = read_report(decode(body))
    if state.build.id <= 0:
        raise Malformed("no_id", "The build of a synthetic delivery must have a positive id.")
    return state


def _encode(event: str, state: BuildState, now: datetime) -> Delivery:
    body = json.dumps({**build_body(state), "source": "api"}).encode()
    # The same content is the same delivery: what has not changed is kept once.
    return Delivery(hashlib.sha256(event.encode() + body).hexdigest(), event, body, now)
