"""How the end of a log reaches a card: as a delivery of our own, in the shape of Drone's.

It carries the build as it is known, so that it finds its card, and merging it changes nothing else.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from server.core.delivery import Delivery
from server.core.drone.body import build_body
from server.core.drone.payload import decode, read_state
from server.core.model.build import BuildState
from server.core.model.log_tail import LogTail, last_lines, text_of
from server.errors import Malformed

# What the inbox calls it.
EVENT = "drone:log"


def log_body(state: BuildState, stage: int, step: int, rows: Sequence[object], count: int) -> bytes:
    """Return the body that says how a step's log ends; *rows* are as Drone's API gives them.

    *count* is how many lines are kept; a step that printed nothing has none.
    """
    tail = LogTail(stage, step, last_lines(text_of(rows), count))
    return json.dumps(build_body(replace(state, log=tail))).encode()


def tell_log(
    state: BuildState, stage: int, step: int, rows: Sequence[object], count: int, now: datetime
) -> Delivery:
    """Return the delivery for the inbox; the same content is the same delivery."""
    body = log_body(state, stage, step, rows, count)
    return Delivery(hashlib.sha256(EVENT.encode() + body).hexdigest(), EVENT, body, now)


def read_log(body: bytes) -> BuildState:
    """Read what `log_body` wrote; raise Malformed for anything else."""
    state = read_state(decode(body))
    if state.build.id <= 0:
        raise Malformed("no_id", "The build of a log must have a positive id.")
    return state
