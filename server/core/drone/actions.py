"""When an act on a build makes sense, what Drone's answer to it means, and how a person is told."""

from dataclasses import dataclass

from server.core.discord.markdown import escape, strong
from server.core.http_answer import Answer
from server.core.json_reader import integer, text
from server.core.model.build import BuildState, effective_status
from server.core.model.parts import in_order
from server.core.model.status import Status, is_final
from server.core.model.user_action import ActionKind
from server.core.render.appearance import build_look

NAME = 100
SAID = 300

# The errors of a call that our own end broke off, and of an answer that nobody keeps.
INTERRUPTED, TOO_LARGE = "interrupted", "too_large"
UNSURE = "It may have done it all the same: look before you try again."

# What asks Drone for a new build, and so happens again when it is asked again.
STARTS = frozenset({ActionKind.RESTART, ActionKind.PROMOTE, ActionKind.ROLLBACK})

DONE = {
    ActionKind.CANCEL: "🛑 Cancelled",
    ActionKind.RESTART: "🔁 Restarted",
    ActionKind.PROMOTE: "🚀 Promoted",
    ActionKind.ROLLBACK: "⏪ Rolled back to",
    ActionKind.APPROVE: "👍 Approved",
    ActionKind.DECLINE: "🚫 Declined",
}


@dataclass(frozen=True, slots=True)
class Done:
    """Drone did it; *number* is that of the build it made, 0 if it makes none."""

    number: int = 0


@dataclass(frozen=True, slots=True)
class NotDone:
    """Drone did not do it, or nobody knows; *reason* is for logs, *sentence* for people."""

    reason: str
    sentence: str
    is_unsure: bool = False


def obstacle(kind: ActionKind, state: BuildState) -> str:
    """Say why *kind* makes no sense for a build as it is now, or ""."""
    status = effective_status(state)
    look = build_look(state)
    if kind is ActionKind.CANCEL and is_final(status):
        return f"{name_of(state)} is over already: {look.mark} {look.word}."
    if kind is ActionKind.RESTART and status is Status.DECLINED:
        return f"{name_of(state)} was declined, and Drone restarts no such build."
    if kind in (ActionKind.APPROVE, ActionKind.DECLINE) and not blocked_stages(state):
        return f"{name_of(state)} does not wait for approval: {look.mark} {look.word}."
    return ""


def blocked_stages(state: BuildState) -> list[int]:
    """Number the stages that wait for approval; each is approved by itself."""
    return [stage.number for stage in in_order(state.stages) if stage.status is Status.BLOCKED]


def approves(kind: ActionKind, state: BuildState) -> bool:
    """Tell whether an act lets a blocked build run.

    A restart does: the new build was started by an account and not by a hook, so Drone does not
    ask for its signature (harness/drone trigger/trigger.go:265-276).
    """
    return bool(blocked_stages(state)) and kind in (ActionKind.RESTART, ActionKind.APPROVE)


def read_act(kind: ActionKind, answer: Answer) -> Done | NotDone:
    """Tell what Drone's *answer* to an act means (harness/drone handler/api/repos/builds)."""
    if 200 <= answer.status < 300:
        number = integer(answer.body, "number")
        if kind in STARTS and number <= 0:
            # Its skip rules, or no pipeline of the new configuration matches.
            return NotDone("nothing_started", "Drone started nothing: no pipeline matches.")
        return Done(number if kind in STARTS else 0)
    if kind in STARTS and answer.status == 500:
        # It says `Not Found` when the SCM has no configuration for the commit any more.
        said = _said(answer)
        hint = " Perhaps the commit or its configuration is gone." if said == "Not Found" else ""
        return NotDone("http_500", f"Drone could not start it: {said}.{hint}")
    return not_done(answer)


def not_done(answer: Answer) -> NotDone:
    """Tell what an *answer* to an act other than success means."""
    if answer.error == INTERRUPTED:
        return NotDone(INTERRUPTED, f"The bridge is being restarted. {UNSURE}", is_unsure=True)
    if is_silence(answer):
        return NotDone(_silence(answer), f"Drone did not answer. {UNSURE}", is_unsure=True)
    return _refusal(answer)


def not_read(answer: Answer) -> NotDone:
    """Tell what an *answer* to a question means that says nothing of what was asked."""
    if answer.error == INTERRUPTED:
        return NotDone(INTERRUPTED, "The bridge is being restarted; try again.", is_unsure=True)
    if answer.error == TOO_LARGE:
        return NotDone(TOO_LARGE, "Drone's answer is too large for the bridge; look at it there.")
    if is_silence(answer):
        return NotDone(_silence(answer), "Drone did not answer; try again.", is_unsure=True)
    return _refusal(answer)


def is_silence(answer: Answer) -> bool:
    """Tell whether nobody knows what Drone did."""
    return answer.status == 0 or answer.status in (502, 503, 504)


def _silence(answer: Answer) -> str:
    return answer.error or f"http_{answer.status}"


def _said(answer: Answer) -> str:
    said = escape(text(answer.body, "message", 500), SAID).removesuffix(".")
    return said or "without a reason"


def _refusal(answer: Answer) -> NotDone:
    if answer.status == 401:
        return NotDone("http_401", "Drone refuses the bridge's token: see to DRONE_TOKEN.")
    if answer.status in (403, 404):
        return NotDone(
            f"http_{answer.status}",
            "Drone knows no such build, or the account of DRONE_TOKEN may not do that.",
        )
    if answer.status == 409:
        return NotDone("http_409", "Something else changed the build at that moment: try again.")
    return NotDone(f"http_{answer.status}", f"Drone refused it: {_said(answer)}.")


def name_of(state: BuildState) -> str:
    """Name a build in a sentence."""
    return f"{strong(state.repo.slug, NAME, 'unknown repository')} #{state.build.number}"


def success(kind: ActionKind, state: BuildState, target: str, made: Done) -> str:
    """Tell the person who acted what was done."""
    line = f"{DONE[kind]} {name_of(state)}"
    if kind is ActionKind.PROMOTE:
        line += f" to {strong(target, NAME, 'unknown')}"
    if kind is ActionKind.ROLLBACK:
        line += f" on {strong(target, NAME, 'unknown')}"
    if made.number:
        line += f" as #{made.number}"
    if kind is ActionKind.RESTART and approves(kind, state):
        line += "\n✋ It was waiting for approval. The new build runs without one."
    return line
