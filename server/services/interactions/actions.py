"""Actions on builds: carried out at Drone once, and brought to the cards."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from server.core.discord.urls import pages
from server.core.drone.action_answers import Done, NotDone, action_result
from server.core.drone.action_delivery import action_deliveries
from server.core.drone.answers import (
    ActionDone,
    Away,
    BuildFound,
    Failure,
    read_action,
    read_build,
)
from server.core.interactions.audit import KEPT_LOCKED, LOCK_DURATION, ActionLock
from server.core.interactions.request import Member
from server.core.interactions.response import CommandResult, text_result
from server.core.model.action_rules import blocked_stages, obstacle
from server.core.model.build import BuildState
from server.core.model.user_action import ActionKind, UserAction
from server.core.render.replies import (
    NOTHING_DONE,
    done_sentence,
    locked_sentence,
    not_done_sentence,
    obstacle_sentence,
    text_message,
)
from server.errors import StoreUnavailable
from server.services.interactions.locate import locate
from server.services.interactions.services import InteractionServices
from server.services.ports import Drone

log = logging.getLogger(__name__)

# What Drone answers to them is no build.
DECISIONS = frozenset({ActionKind.APPROVE, ActionKind.DECLINE})


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """The action that a member wants on a build; *known* is what the database knows of that."""

    kind: ActionKind
    slug: str
    number: int
    id: str  # of the interaction
    member: Member
    known: BuildState | None
    target: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    is_press: bool = False  # of a button, which is about the build of its card and no other


def carry_out(request: ActionRequest, services: InteractionServices, drone: Drone) -> CommandResult:
    """Carry out an action; may raise StoreUnavailable, before anything was done."""
    known = request.known
    found = locate(request.slug, request.number, known, services, drone, exact=request.is_press)
    if isinstance(found, NotDone):
        sentence = NOTHING_DONE if found.is_unsure else not_done_sentence(found)
        return text_result(sentence, found.reason)
    state = found.state
    request = replace(request, slug=found.slug, known=known if found.is_known else None)
    if (against := obstacle(request.kind, state)) is not None:
        return text_result(obstacle_sentence(against, state), "not_now")
    now = services.clock()
    lock = ActionLock(_key(request, state), request.id, request.member.name, now + LOCK_DURATION)
    if (other := services.audit.hold(lock, now)) is not None:
        return text_result(locked_sentence(state, other.name, other.number), "already")
    done = action_result(request.kind, _ask(request, state, drone))
    if isinstance(done, NotDone):
        if not done.is_unsure:
            _note(lambda: services.audit.release(lock))
        return text_result(not_done_sentence(done), done.reason)
    if request.kind in DECISIONS:
        done = replace(done, build=_build_now(request, drone))
    _note_done(request, state, done, lock, services)
    return _done(request, state, done.number, services.public_url)


def _ask(request: ActionRequest, state: BuildState, drone: Drone) -> ActionDone | Failure:
    """Ask Drone for the action, for each blocked stage if it is a decision."""
    build = (request.slug, request.number)
    match request.kind:
        case ActionKind.CANCEL:
            return read_action(drone.cancel(*build))
        case ActionKind.RESTART:
            return read_action(drone.restart(*build, request.params))
        case ActionKind.PROMOTE:
            return read_action(drone.promote(*build, request.target, request.params))
        case ActionKind.ROLLBACK:
            return read_action(drone.rollback(*build, request.target, request.params))
    decide = drone.approve if request.kind is ActionKind.APPROVE else drone.decline
    answers: list[ActionDone | Failure] = []
    for stage in blocked_stages(state):
        answers.append(read_action(decide(*build, stage)))
        if isinstance(answers[-1], Away):
            return answers[-1]  # the next one would be waited for as long
    # Another member may have been faster with one of the stages.
    return min(answers, key=lambda one: 0 if isinstance(one, ActionDone) else one.status)


def _build_now(request: ActionRequest, drone: Drone) -> BuildFound | None:
    found = read_build(drone.build(request.slug, request.number))
    return found if isinstance(found, BuildFound) else None


def _note_done(
    request: ActionRequest,
    state: BuildState,
    done: Done,
    lock: ActionLock,
    services: InteractionServices,
) -> None:
    """Keep the lock for a while, and write the deliveries for the cards."""
    now = services.clock()
    _note(lambda: services.audit.keep(replace(lock, number=done.number, until=now + KEPT_LOCKED)))
    action = UserAction(
        at=int(now.timestamp()),
        id=request.id,
        what=request.kind,
        user_id=request.member.user_id,
        name=request.member.name,
        target=request.target,
        number=done.number,
    )
    has_card = request.known is not None
    for delivery in action_deliveries(state, action, done.build, has_card, now):
        _note(partial(services.keep, delivery))


def _done(request: ActionRequest, state: BuildState, number: int, public_url: str) -> CommandResult:
    shown = number or state.build.number
    page = pages(public_url, state.system.link, state.repo.slug).build(shown)
    sentence = done_sentence(request.kind, state, request.target, number)
    message = text_message(sentence, (f"Build #{shown}", page))
    return CommandResult(message, f"done_{number}" if number else "done")


def _key(request: ActionRequest, state: BuildState) -> str:
    return f"{request.kind}/{state.system.host}/{state.build.id}/{request.target}"


def _note(note: Callable[[], object]) -> None:
    """Note what was done; that it cannot be noted makes nothing undone."""
    try:
        note()
    except StoreUnavailable as error:
        log.error("An act was done and cannot be noted.", extra={"error": str(error)})
