"""Interactions, answered: at once from the database, later where Drone is asked.

An interaction is answered once: its id is noted before anything is done. What takes time is work
for after the first answer has gone out.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from server.core.discord.answers import error_code
from server.core.discord.types import Message
from server.core.http_answer import Answer
from server.core.interactions.audit import AuditEntry
from server.core.interactions.authorization import refusal_of_place
from server.core.interactions.followup_retry import next_pause
from server.core.interactions.request import (
    AutocompleteRequest,
    ButtonPress,
    Command,
    Member,
    Origin,
)
from server.core.interactions.response import (
    Choice,
    CommandResult,
    InteractionResponse,
    autocomplete_response,
    deferred_response,
    message_response,
    text_result,
)
from server.core.render.replies import text_message
from server.errors import AnsweredBefore, StoreUnavailable
from server.services.interactions.autocomplete import suggest_for
from server.services.interactions.dispatch import Plan, Work, plan_of
from server.services.interactions.services import InteractionServices

log = logging.getLogger(__name__)

NO_STORE = "The bridge's database does not answer; try again in a minute."
FAILED = "The bridge made a mistake; its log has the details."


@dataclass(frozen=True, slots=True)
class Handled:
    """The response to an interaction, and what is done after it; *work* is None if that was all."""

    response: InteractionResponse
    work: Callable[[], None] | None = None
    acknowledge: Callable[[], bool] | None = None  # give the response by a request of our own


def handle(
    interaction: Command | ButtonPress | AutocompleteRequest, services: InteractionServices
) -> Handled:
    """Handle an interaction; raise AnsweredBefore for one that was answered."""
    origin = interaction.origin
    refusal = refusal_of_place(origin, services.rights)
    if isinstance(interaction, AutocompleteRequest):
        choices = [] if refusal else _suggest(interaction, services)
        return Handled(autocomplete_response(choices))
    if refusal or origin.member is None:
        return Handled(message_response(text_message(refusal)))
    return _handle(interaction, origin.member, services)


def _suggest(request: AutocompleteRequest, services: InteractionServices) -> list[Choice]:
    """Suggest what the database knows; nothing rather than an error, and never late."""
    try:
        return suggest_for(request, services)
    except StoreUnavailable as error:
        log.warning("Nothing is suggested.", extra={"error": str(error)})
    except Exception as error:  # typing goes on
        log.error("A suggestion failed.", exc_info=error)
    return []


def _handle(
    interaction: Command | ButtonPress, member: Member, services: InteractionServices
) -> Handled:
    origin = interaction.origin
    try:
        plan = plan_of(interaction, member, services)
        is_first = services.audit.begin(_audit_entry(plan, origin, member, services))
    except StoreUnavailable as error:
        log.error("An interaction cannot be noted.", extra={"error": str(error)})
        return Handled(message_response(text_message(NO_STORE)))
    if not is_first:
        raise AnsweredBefore("answered_before", "This interaction was answered before.")
    variables = {"interaction": origin.id, "what": plan.command, "by": member.user_id}
    log.info("Interaction taken.", extra=variables)
    if isinstance(plan.result, CommandResult):
        return Handled(message_response(plan.result.message))
    work, promised = plan.result, deferred_response()
    return Handled(
        promised,
        work=lambda: _work(plan.command, work, origin, services),
        acknowledge=lambda: _acknowledge(promised, origin, services),
    )


def _audit_entry(
    plan: Plan, origin: Origin, member: Member, services: InteractionServices
) -> AuditEntry:
    return AuditEntry(
        id=origin.id,
        user_id=member.user_id,
        name=member.name,
        what=plan.command,
        slug=plan.slug,
        number=plan.number,
        at=services.clock(),
        target=plan.target,
        result=plan.result.code if isinstance(plan.result, CommandResult) else "",
    )


def _acknowledge(
    promised: InteractionResponse, origin: Origin, services: InteractionServices
) -> bool:
    answer = services.responder.callback(origin, promised)
    if 200 <= answer.status < 300:
        return True
    log.warning("An interaction could not be acknowledged.", extra=_variables(origin, answer))
    _note("not_acknowledged", origin, services)
    return False


def _work(command: str, work: Work, origin: Origin, services: InteractionServices) -> None:
    """Do what was promised, and tell the member; nothing that goes wrong gets out."""
    try:
        result = work()
    except StoreUnavailable as error:
        variables = {"interaction": origin.id, "error": str(error)}
        log.error("An interaction cannot be worked on.", extra=variables)
        result = text_result(NO_STORE, "no_store")
    except Exception as error:  # the member waits, and the thread must outlive it
        log.error("An interaction failed.", extra={"interaction": origin.id}, exc_info=error)
        result = text_result(FAILED, f"failed_{type(error).__name__}")
    _note(result.code, origin, services)
    _finish(result.message, origin, services)
    done = {"interaction": origin.id, "what": command, "result": result.code}
    log.info("Interaction done.", extra=done)


def _note(code: str, origin: Origin, services: InteractionServices) -> None:
    try:
        services.audit.finish(origin.id, code, services.clock())
    except StoreUnavailable as error:
        log.error("A result cannot be noted.", extra={"result": code, "error": str(error)})


def _finish(message: Message, origin: Origin, services: InteractionServices) -> None:
    tries = 1
    answer = services.responder.edit_original(origin, message)
    while (pause := next_pause(answer, tries)) is not None:
        services.pause(pause)
        tries += 1
        answer = services.responder.edit_original(origin, message)
    if not 200 <= answer.status < 300:
        log.warning("An answer did not reach its person.", extra=_variables(origin, answer))


def _variables(origin: Origin, answer: Answer) -> dict[str, object]:
    return {
        "interaction": origin.id,
        "status": answer.status,
        "code": error_code(answer),
        "reason": answer.error,
    }
