"""Deliveries of our own that bring an action of a member to the cards, in the shape of Drone's."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from server.core.delivery import Delivery
from server.core.drone.answers import BuildFound
from server.core.drone.body import build_body
from server.core.model.build import BuildState
from server.core.model.user_action import STARTS_BUILD, ActionKind, UserAction

# What the inbox calls it.
EVENT = "drone:act"


def action_deliveries(
    state: BuildState, action: UserAction, build: BuildFound | None, has_card: bool, now: datetime
) -> Iterator[Delivery]:
    """Make the deliveries of an action: of the build of *state*, and of the build that it made.

    *build* is that one, or the changed one, as Drone has it now. A build without a card gets none
    because a member promotes it.
    """
    after = build.state(state.system, state.repo) if build is not None else state
    if has_card:
        yield action_delivery(state if action.what in STARTS_BUILD else after, action, now)
    if action.number:
        yield action_delivery(after, replace(action, what=ActionKind.START, number=0), now)


def action_delivery(state: BuildState, action: UserAction, now: datetime) -> Delivery:
    """Make the delivery of one action on one build."""
    report = build_body(replace(state, acts=(action,)))
    body = json.dumps({"event": "build", "action": "updated", **report}).encode()
    return Delivery(f"act/{action.id}/{state.build.id}", EVENT, body, now)
