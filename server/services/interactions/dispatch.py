"""Plans of commands and presses: an answer that is known now, or work that takes its time.

Here it is decided who may do what; nothing is done yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from server.core.cards.content import build_card_id
from server.core.discord.markdown import one_line
from server.core.interactions.authorization import may_act, may_read_private, refusal_of_action
from server.core.interactions.commands import BRANCH, BUILD, BUILDS, LOG, REPO, STAGE, STEP
from server.core.interactions.options import InvalidOption, number_of, params_of, slug_of, target_of
from server.core.interactions.request import ButtonPress, Command, Member
from server.core.interactions.response import CommandResult, text_result
from server.core.model.build import BuildState
from server.core.model.user_action import ActionKind
from server.core.render.actions import read_custom_id
from server.services.interactions.actions import ActionRequest, carry_out
from server.services.interactions.queries import (
    HIDDEN,
    LogRequest,
    known_build,
    list_builds,
    list_public_builds,
    show_build,
    show_log,
)
from server.services.interactions.services import InteractionServices

NO_DRONE = "The bridge cannot ask Drone: put DRONE_SERVER and DRONE_TOKEN into its settings."
UNKNOWN_BUTTON = "The bridge does not know this button; use /drone instead."
NO_CARD = "The bridge has forgotten this build; use /drone instead."
UNKNOWN_COMMAND = "The bridge does not know this command; run register-commands."

TARGETED = frozenset({ActionKind.PROMOTE, ActionKind.ROLLBACK})
COMMANDS = frozenset(ActionKind) - {ActionKind.START}

Work = Callable[[], CommandResult]


@dataclass(frozen=True, slots=True)
class Plan:
    """One command or press: its result if that is known now, or the work that makes it."""

    command: str  # or the action of the button
    result: CommandResult | Work
    slug: str = ""
    number: int = 0
    target: str = ""


def plan_of(
    interaction: Command | ButtonPress, member: Member, services: InteractionServices
) -> Plan:
    """Return the plan of an interaction; may raise StoreUnavailable."""
    if isinstance(interaction, ButtonPress):
        return _plan_press(interaction, member, services)
    try:
        return _plan_command(interaction, member, services)
    except InvalidOption as mistake:
        return Plan(interaction.name, text_result(str(mistake), "mistake"))


def _plan_press(press: ButtonPress, member: Member, services: InteractionServices) -> Plan:
    found = read_custom_id(press.custom_id)
    if found is None:
        return Plan("button", text_result(UNKNOWN_BUTTON, "unknown_button"))
    kind, build_id, host = found
    key = build_card_id(host, build_id, press.origin.channel_id)
    card = services.cards.find([key]).get(key)
    if card is None or not isinstance(card.content, BuildState):
        return Plan(kind, text_result(NO_CARD, "no_card"))
    state = card.content
    slug, number = state.repo.slug, state.build.number
    request = ActionRequest(kind, slug, number, press.origin.id, member, state, is_press=True)
    return _plan_action(request, services)


def _plan_command(command: Command, member: Member, services: InteractionServices) -> Plan:
    if command.name == BUILDS:
        return _plan_list(command, member, services)
    if command.name == BUILD:
        return _plan_build(command, member, services)
    if command.name == LOG:
        return _plan_log(command, member, services)
    if command.name in COMMANDS:
        return _plan_action(_action_request(command, member, services), services)
    return Plan(command.name, text_result(UNKNOWN_COMMAND, "unknown_command"))


def _plan_list(command: Command, member: Member, services: InteractionServices) -> Plan:
    options, drone = command.options, services.drone
    slug = slug_of(options) if options.get(REPO) else ""
    branch = one_line(str(options.get(BRANCH, "")))
    if may_read_private(command.origin, services.rights):
        return Plan(BUILDS, CommandResult(list_builds(slug, branch, services), "answered"), slug)
    if drone is None:
        return Plan(BUILDS, text_result(HIDDEN, "private"))
    work = partial(list_public_builds, slug, branch, services, drone)
    return Plan(BUILDS, _limited(command, member, services, work), slug)


def _plan_build(command: Command, member: Member, services: InteractionServices) -> Plan:
    slug, number = slug_of(command.options), number_of(command.options)
    reads_private = may_read_private(command.origin, services.rights)
    shown = known_build(slug, number, services) if reads_private else None
    if shown is not None:
        return Plan(BUILD, CommandResult(shown, "answered"), slug, number)
    if services.drone is None:
        return Plan(BUILD, text_result(NO_DRONE, "no_drone"))
    work = partial(show_build, slug, number, reads_private, services, services.drone)
    return Plan(BUILD, _limited(command, member, services, work), slug, number)


def _plan_log(command: Command, member: Member, services: InteractionServices) -> Plan:
    options = command.options
    slug, number = slug_of(options), number_of(options)
    if services.drone is None:
        return Plan(LOG, text_result(NO_DRONE, "no_drone"))
    stage, step = (str(options.get(name, "")).strip() for name in (STAGE, STEP))
    reads_private = may_read_private(command.origin, services.rights)
    request = LogRequest(slug, number, stage, step)
    work = partial(show_log, request, reads_private, services, services.drone)
    return Plan(LOG, _limited(command, member, services, work), slug, number)


def _limited(command: Command, member: Member, services: InteractionServices, work: Work) -> Work:
    return partial(services.query_limit.run, command.origin.id, member, work)


def _action_request(
    command: Command, member: Member, services: InteractionServices
) -> ActionRequest:
    options, kind = command.options, ActionKind(command.name)
    slug, number = slug_of(options), number_of(options)
    return ActionRequest(
        kind=kind,
        slug=slug,
        number=number,
        id=command.origin.id,
        member=member,
        target=target_of(options) if kind in TARGETED else "",
        params=params_of(options),
        known=services.builds.find(slug, number),
    )


def _plan_action(request: ActionRequest, services: InteractionServices) -> Plan:
    result: CommandResult | Work
    if not may_act(request.member, services.rights):
        result = text_result(refusal_of_action(services.rights), "not_allowed")
    elif services.drone is None:
        result = text_result(NO_DRONE, "no_drone")
    else:
        result = partial(carry_out, request, services, services.drone)
    return Plan(request.kind, result, request.slug, request.number, request.target)
