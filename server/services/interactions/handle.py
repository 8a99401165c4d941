"""Answer what people do in Discord: at once where the database knows, later where Drone is asked.

An interaction is answered once: its id is noted before anything is done. What takes time is the
reply's work, for after the first answer has gone out.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from server.core.discord.answers import error_code
from server.core.discord.types import Message
from server.core.http_answer import Answer
from server.core.interactions.audit import AuditEntry
from server.core.interactions.authorization import sees_private, stranger
from server.core.interactions.followup_retry import next_pause
from server.core.interactions.request import AutocompleteRequest, ButtonPress, Command, Origin
from server.core.interactions.response import (
    Choice,
    InteractionResponse,
    at_once,
    later,
    suggestions,
)
from server.core.render.replies import text_message
from server.errors import AnsweredBefore, StoreUnavailable
from server.services.interactions.autocomplete import Places, suggest_for
from server.services.interactions.dispatch import Office, Plan, plan_of
from server.services.ports import Clock

log = logging.getLogger(__name__)

NO_STORE = "The bridge's database does not answer; try again in a minute."
FAILED = "The bridge made a mistake; its log has the details."


class Responder(Protocol):
    """Discord's endpoints for interactions; no method raises, or tells anybody the token."""

    def callback(self, origin: Origin, callback: InteractionResponse) -> Answer:
        """Give the first answer by a request of our own."""

    def edit_original(self, origin: Origin, message: Message) -> Answer:
        """Finish an answer that was promised."""


@dataclass(frozen=True, slots=True)
class Reception:
    """Everything that answering takes."""

    office: Office
    places: Places
    responder: Responder
    pause: Callable[[float], None]  # wait so many seconds
    clock: Clock


@dataclass(frozen=True, slots=True)
class Handled:
    """The first answer, and what is done after it; *work* is None if that was all."""

    callback: InteractionResponse
    work: Callable[[], None] | None = None
    acknowledge: Callable[[], bool] | None = None  # give the first answer without being asked


def answer(
    reception: Reception, interaction: Command | ButtonPress | AutocompleteRequest
) -> Handled:
    """Return the reply to *interaction*; raise AnsweredBefore for one that was answered."""
    if isinstance(interaction, AutocompleteRequest):
        return Handled(suggestions(_suggest(reception, interaction)))
    return _reply(reception, interaction)


def _suggest(reception: Reception, typing: AutocompleteRequest) -> list[Choice]:
    """Suggest what the database knows; nothing rather than an error, and never late."""
    office = reception.office
    if stranger(typing.origin, office.home):
        return []
    try:
        sees = sees_private(typing.origin, office.home, office.role_ids)
        return suggest_for(typing, reception.places, sees)
    except StoreUnavailable as error:
        log.warning("Nothing is suggested.", extra={"error": str(error)})
    except Exception as error:  # whoever types goes on typing
        log.error("A suggestion failed.", exc_info=error)
    return []


def _reply(reception: Reception, interaction: Command | ButtonPress) -> Handled:
    origin, office = interaction.origin, reception.office
    reason = stranger(origin, office.home)
    if reason or origin.member is None:
        return Handled(at_once(text_message(reason)))
    try:
        errand = plan_of(interaction, origin.member, office)
        is_first = office.ledger.begin(_action(errand, origin, reception.clock))
    except StoreUnavailable as error:
        log.error("An interaction cannot be noted.", extra={"error": str(error)})
        return Handled(at_once(text_message(NO_STORE)))
    if not is_first:
        raise AnsweredBefore("answered_before", "This interaction was answered before.")
    variables = {"interaction": origin.id, "what": errand.what, "by": origin.member.user_id}
    log.info("Interaction taken.", extra=variables)
    if errand.message is not None:
        return Handled(at_once(errand.message))
    promised = later()
    return Handled(
        promised,
        work=lambda: _work(reception, origin, errand),
        acknowledge=lambda: _acknowledge(reception, origin, promised),
    )


def _action(errand: Plan, origin: Origin, clock: Clock) -> AuditEntry:
    member = origin.member
    return AuditEntry(
        id=origin.id,
        user_id=member.user_id if member else "",
        name=member.name if member else "",
        what=errand.what,
        slug=errand.slug,
        number=errand.number,
        at=clock(),
        target=errand.target,
        result=errand.result if errand.message is not None else "",
    )


def _acknowledge(reception: Reception, origin: Origin, promised: InteractionResponse) -> bool:
    given = reception.responder.callback(origin, promised)
    if 200 <= given.status < 300:
        return True
    log.warning("An interaction could not be acknowledged.", extra=_variables(origin, given))
    _note(reception, origin, "not_acknowledged")
    return False


def _work(reception: Reception, origin: Origin, errand: Plan) -> None:
    """Do what was promised and tell the person; nothing that goes wrong gets out."""
    try:
        message, result = errand.run()
    except StoreUnavailable as error:
        log.error("An errand cannot be run.", extra={"interaction": origin.id, "error": str(error)})
        message, result = text_message(NO_STORE), "no_store"
    except Exception as error:  # the person waits, and the thread must outlive it
        log.error("An errand failed.", extra={"interaction": origin.id}, exc_info=error)
        message, result = text_message(FAILED), f"failed_{type(error).__name__}"
    _note(reception, origin, result)
    _finish(reception, origin, message)
    variables = {"interaction": origin.id, "what": errand.what, "result": result}
    log.info("Interaction done.", extra=variables)


def _note(reception: Reception, origin: Origin, result: str) -> None:
    try:
        reception.office.ledger.finish(origin.id, result, reception.clock())
    except StoreUnavailable as error:
        log.error("A result cannot be noted.", extra={"result": result, "error": str(error)})


def _finish(reception: Reception, origin: Origin, message: Message) -> None:
    tries = 1
    given = reception.responder.edit_original(origin, message)
    while (pause := next_pause(given, tries)) is not None:
        reception.pause(pause)
        tries += 1
        given = reception.responder.edit_original(origin, message)
    if not 200 <= given.status < 300:
        log.warning("An answer did not reach its person.", extra=_variables(origin, given))


def _variables(origin: Origin, given: Answer) -> dict[str, object]:
    return {
        "interaction": origin.id,
        "status": given.status,
        "code": error_code(given),
        "reason": given.error,
    }
