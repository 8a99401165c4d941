"""Deliveries of our own that bring an action of a member to the cards, in the shape of Drone's."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from server.core.delivery import Delivery
from server.core.drone.body import build_body
from server.core.json_reader import Json, integer
from server.core.model.build import BuildState
from server.core.model.user_action import STARTS_BUILD, ActionKind, UserAction

# What the inbox calls it.
EVENT = "drone:act"


def action_deliveries(
    state: BuildState, action: UserAction, answer: Json, has_card: bool, now: datetime
) -> Iterator[Delivery]:
    """Make the deliveries of an action: of the build of *state*, and of the build that it made.

    *answer* is the build as Drone gave it back, {} if it did not. A build without a card gets none
    because a member promotes it.
    """
    starts = action.what in STARTS_BUILD
    if has_card:
        yield action_delivery(state, {} if starts else answer, action, now)
    if action.number:
        start = replace(action, what=ActionKind.START, number=0)
        yield action_delivery(state, answer, start, now)


def action_delivery(state: BuildState, build: Json, action: UserAction, now: datetime) -> Delivery:
    """Make the delivery of one action on one build: on *build* as Drone has it, or on *state*'s."""
    body = {
        "event": "build",
        "action": "updated",
        **build_body(replace(state, acts=(action,))),
        **({"build": build} if build else {}),
    }
    build_id = integer(build, "id") or state.build.id
    return Delivery(f"act/{action.id}/{build_id}", EVENT, json.dumps(body).encode(), now)
