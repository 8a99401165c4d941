"""Carry out what somebody ordered at Drone, once, and let the cards tell who it was."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from server.core.delivery import Delivery
from server.core.discord.markdown import strong
from server.core.discord.types import Message
from server.core.discord.urls import pages
from server.core.drone.actions import (
    STARTS,
    Done,
    NotDone,
    blocked_stages,
    is_silence,
    name_of,
    obstacle,
    read_act,
    success,
)
from server.core.drone.body import build_body
from server.core.http_answer import Answer
from server.core.interactions.audit import HOLD_AFTER, LOCK_DURATION, ActionLock, AuditEntry
from server.core.interactions.request import Member
from server.core.json_reader import Json, integer
from server.core.model.build import BuildState
from server.core.model.user_action import ActionKind, UserAction
from server.core.render.replies import text_message
from server.errors import StoreUnavailable
from server.services.interactions.locate import DroneAccess, locate
from server.services.ports import Clock, Drone

log = logging.getLogger(__name__)

# What the ledger of deliveries calls it; the body is as Drone's own.
EVENT = "drone:act"
NAME = 80

NO_ANSWER = "Drone did not answer; nothing was done."


class AuditLog(Protocol):
    """Where it is written who did what; every method may raise StoreUnavailable."""

    def begin(self, action: AuditEntry) -> bool:
        """Note an interaction; False if it was noted before, by whatever process."""

    def finish(self, action_id: str, result: str, now: datetime) -> None:
        """Note what came of it."""

    def hold(self, hold: ActionLock, now: datetime) -> ActionLock | None:
        """Hold an act on a build; return who holds it already, None if it is ours now."""

    def keep(self, hold: ActionLock) -> None:
        """Change a hold of ours."""

    def release(self, hold: ActionLock) -> None:
        """Give a hold of ours back."""


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """Who wants what done to which build; *known* is what the database knows of it."""

    kind: ActionKind
    slug: str
    number: int
    id: str  # of the interaction
    member: Member
    known: BuildState | None
    target: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    is_press: bool = False  # of a button, which is about the build of its card and no other


@dataclass(frozen=True, slots=True)
class Workshop:
    """Drone, and what it takes to tell of what was done there."""

    access: DroneAccess
    keep: Callable[[Delivery], None]  # may raise StoreUnavailable
    public_url: str
    clock: Clock


def carry_out(order: ActionRequest, workshop: Workshop, ledger: AuditLog) -> tuple[Message, str]:
    """Do what was ordered; return what the person is told, and what came of it in a word.

    May raise StoreUnavailable, before anything was done.
    """
    found = locate(order.slug, order.number, order.known, workshop.access, exact=order.is_press)
    if isinstance(found, NotDone):
        return text_message(NO_ANSWER if found.is_unsure else found.sentence), found.reason
    state = found.state
    order = replace(order, slug=found.slug, known=order.known if found.is_known else None)
    if reason := obstacle(order.kind, state):
        return text_message(reason), "not_now"
    hold = ActionLock(
        _key(order, state), order.id, order.member.name, workshop.clock() + LOCK_DURATION
    )
    if (other := ledger.hold(hold, workshop.clock())) is not None:
        return _already(order, state, other), "already"
    done, answer = _act(order, state, workshop.access.drone)
    if isinstance(done, NotDone):
        if not done.is_unsure:
            _afterwards(lambda: ledger.release(hold))
        return text_message(done.sentence), done.reason
    held = replace(hold, number=done.number, until=workshop.clock() + HOLD_AFTER)
    _afterwards(lambda: ledger.keep(held))
    for delivery in _deliveries(order, state, done, answer, workshop):
        _afterwards(partial(workshop.keep, delivery))
    page = pages(workshop.public_url, state.system.link, state.repo.slug).build(
        done.number or state.build.number
    )
    message = text_message(
        success(order.kind, state, order.target, done),
        (f"Build #{done.number or state.build.number}", page),
    )
    return message, f"done_{done.number}" if done.number else "done"


def _act(order: ActionRequest, state: BuildState, drone: Drone) -> tuple[Done | NotDone, Answer]:
    """Do it; return what came of it, and Drone's answer about the build that it changed or made."""
    place = (order.slug, order.number)
    match order.kind:
        case ActionKind.CANCEL:
            answer = drone.cancel(*place)
        case ActionKind.RESTART:
            answer = drone.restart(*place, order.params)
        case ActionKind.PROMOTE:
            answer = drone.promote(*place, order.target, order.params)
        case ActionKind.ROLLBACK:
            answer = drone.rollback(*place, order.target, order.params)
        case _:
            return read_act(order.kind, _decide(order, state, drone)), drone.build(*place)
    return read_act(order.kind, answer), answer


def _decide(order: ActionRequest, state: BuildState, drone: Drone) -> Answer:
    """Approve or decline each stage that waits; return the answer that tells what came of it."""
    one = drone.approve if order.kind is ActionKind.APPROVE else drone.decline
    answers: list[Answer] = []
    for stage in blocked_stages(state):
        answers.append(one(order.slug, order.number, stage))
        if is_silence(answers[-1]):
            return answers[-1]  # the next one would be waited for as long
    # Somebody may have been faster with one of the stages.
    return min(answers, key=lambda given: (not 200 <= given.status < 300, given.status))


def _deliveries(
    order: ActionRequest, state: BuildState, done: Done, answer: Answer, workshop: Workshop
) -> Iterator[Delivery]:
    """Write what the cards are to learn: of the build that was acted on, and of the one it made.

    A build that no card knows gets none now because somebody promotes it.
    """
    now = workshop.clock()
    act = UserAction(
        at=int(now.timestamp()),
        id=order.id,
        what=order.kind,
        user_id=order.member.user_id,
        name=order.member.name,
        target=order.target,
        number=done.number,
    )
    made = answer.body if answer.status == 200 else {}
    if order.known is not None:
        changed = {} if order.kind in STARTS else made
        yield _delivery(state, changed, act, now)
    if done.number:
        yield _delivery(state, made, replace(act, what=ActionKind.START, number=0), now)


def _delivery(state: BuildState, build: Json, act: UserAction, now: datetime) -> Delivery:
    body = {
        "event": "build",
        "action": "updated",
        **build_body(replace(state, acts=(act,))),
        # As Drone has just told it, if it did.
        **({"build": build} if build else {}),
    }
    build_id = integer(build, "id") or state.build.id
    return Delivery(f"act/{act.id}/{build_id}", EVENT, json.dumps(body).encode(), now)


def _already(order: ActionRequest, state: BuildState, other: ActionLock) -> Message:
    made = f" It is #{other.number}." if other.number else ""
    who = strong(other.name, NAME, "Somebody")
    return text_message(f"{who} has done that to {name_of(state)} a moment ago.{made}")


def _key(order: ActionRequest, state: BuildState) -> str:
    return f"{order.kind}/{state.system.host}/{state.build.id}/{order.target}"


def _afterwards(note: Callable[[], object]) -> None:
    """Note what was done; that it cannot be noted makes nothing undone."""
    try:
        note()
    except StoreUnavailable as error:
        log.error("An act was done and cannot be noted.", extra={"error": str(error)})
