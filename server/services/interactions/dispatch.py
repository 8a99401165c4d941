"""What a command or a button comes to: an answer that is known now, or work that takes its time.

Here it is decided who may what; nothing is done yet.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from server.core.cards.content import build_card_id
from server.core.discord.markdown import one_line
from server.core.discord.types import Message
from server.core.interactions.authorization import Home, may_act, sees_private, who_may
from server.core.interactions.commands import BRANCH, BUILD, BUILDS, LOG, STAGE, STEP
from server.core.interactions.options import InvalidOption, number_of, params_of, slug_of, target_of
from server.core.interactions.request import ButtonPress, Command, Member
from server.core.model.build import BuildState
from server.core.model.user_action import ActionKind
from server.core.render.actions import read_custom_id
from server.core.render.replies import text_message
from server.services.interactions.actions import ActionRequest, AuditLog, Workshop, carry_out
from server.services.interactions.in_flight import InFlight
from server.services.interactions.queries import (
    HIDDEN,
    Library,
    LogRequest,
    Made,
    list_builds,
    list_public_builds,
    show_build,
    show_log,
    shown_at_once,
)
from server.services.ports import Cards

NO_DRONE = "The bridge cannot ask Drone: put DRONE_SERVER and DRONE_TOKEN into its settings."
UNKNOWN_BUTTON = "The bridge does not know this button; use /drone instead."
NO_CARD = "The bridge has forgotten this build; use /drone instead."
UNKNOWN_COMMAND = "The bridge does not know this command; run register-commands."

TARGETED = frozenset({ActionKind.PROMOTE, ActionKind.ROLLBACK})
COMMANDS = frozenset(ActionKind) - {ActionKind.START}


@dataclass(frozen=True, slots=True)
class Office:
    """Who may what, and everything that it takes to do it."""

    home: Home
    role_ids: frozenset[str]  # of those who may act besides the managers of the server
    cards: Cards
    ledger: AuditLog
    library: Library
    workshop: Workshop | None  # None: Drone's API is not configured
    in_flight: InFlight


def _nothing() -> Made:
    raise AssertionError("an answer that is known takes no work")


@dataclass(frozen=True, slots=True)
class Plan:
    """One command or press: *message* is the answer if it is known, otherwise *run* makes it."""

    what: str
    slug: str = ""
    number: int = 0
    target: str = ""
    message: Message | None = None
    result: str = ""
    run: Callable[[], Made] = _nothing


def plan_of(interaction: Command | ButtonPress, member: Member, office: Office) -> Plan:
    """Return what *interaction* comes to; may raise StoreUnavailable."""
    if isinstance(interaction, ButtonPress):
        return _pressed(interaction, member, office)
    try:
        return _commanded(interaction, member, office)
    except InvalidOption as mistake:
        return _known(interaction.name, str(mistake), "mistake")


def _pressed(press: ButtonPress, member: Member, office: Office) -> Plan:
    found = read_custom_id(press.custom_id)
    if found is None:
        return _known("button", UNKNOWN_BUTTON, "unknown_button")
    kind, build_id, host = found
    key = build_card_id(host, build_id, press.origin.channel_id)
    card = office.cards.find([key]).get(key)
    if card is None or not isinstance(card.content, BuildState):
        return _known(kind, NO_CARD, "no_card")
    state = card.content
    slug, number = state.repo.slug, state.build.number
    order = ActionRequest(kind, slug, number, press.origin.id, member, state, is_press=True)
    return _acting(order, member, office)


def _commanded(command: Command, member: Member, office: Office) -> Plan:
    if command.name == BUILDS:
        return _listing(command, member, office)
    if command.name in COMMANDS:
        return _acting(_order(command, member, office.library), member, office)
    if command.name in (BUILD, LOG):
        return _looking(command, member, office)
    return _known(command.name, UNKNOWN_COMMAND, "unknown_command")


def _listing(command: Command, member: Member, office: Office) -> Plan:
    options, library, workshop = command.options, office.library, office.workshop
    slug = slug_of(options) if options.get("repo") else ""
    branch = one_line(str(options.get(BRANCH, "")))
    if _sees_private(command, office):
        return _answered(BUILDS, list_builds(library, slug, branch), slug)
    if workshop is None:
        return _known(BUILDS, HIDDEN, "private")
    work = partial(list_public_builds, library, workshop, slug, branch)
    return Plan(BUILDS, slug, run=_one_at_a_time(command, member, office, work))


def _looking(command: Command, member: Member, office: Office) -> Plan:
    options, library, workshop = command.options, office.library, office.workshop
    slug, number = slug_of(options), number_of(options)
    sees = _sees_private(command, office)
    known = shown_at_once(library, slug, number) if sees and command.name == BUILD else None
    if known is not None:
        return _answered(BUILD, known, slug, number)
    if workshop is None:
        return _known(command.name, NO_DRONE, "no_drone")
    if command.name == BUILD:
        work = partial(show_build, library, workshop, slug, number, sees)
    else:
        named = (str(options.get(name, "")).strip() for name in (STAGE, STEP))
        work = partial(show_log, library, workshop, LogRequest(slug, number, *named), sees)
    run = _one_at_a_time(command, member, office, work)
    return Plan(command.name, slug, number, run=run)


def _one_at_a_time(
    command: Command, member: Member, office: Office, work: Callable[[], Made]
) -> Callable[[], Made]:
    return lambda: office.in_flight.run(command.origin.id, member, work)


def _sees_private(command: Command, office: Office) -> bool:
    return sees_private(command.origin, office.home, office.role_ids)


def _order(command: Command, member: Member, library: Library) -> ActionRequest:
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
        known=library.builds.find(slug, number),
    )


def _acting(order: ActionRequest, member: Member, office: Office) -> Plan:
    named = Plan(order.kind, order.slug, order.number, order.target)
    if not may_act(member, office.role_ids):
        return replace(named, message=text_message(who_may(office.role_ids)), result="not_allowed")
    workshop = office.workshop
    if workshop is None:
        return replace(named, message=text_message(NO_DRONE), result="no_drone")
    return replace(named, run=lambda: carry_out(order, workshop, office.ledger))


def _known(what: str, said: str, result: str) -> Plan:
    return Plan(what, message=text_message(said), result=result)


def _answered(what: str, message: Message, slug: str, number: int = 0) -> Plan:
    return Plan(what, slug, number, message=message, result="answered")
