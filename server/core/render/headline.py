"""The first lines of a build's card: its title, what broke, and what a person must do."""

from server.core.discord import limits
from server.core.discord.markdown import escape, escape_title, fence, strong
from server.core.model.build import BuildState, Stage, Step, effective_status, stages_to_approve
from server.core.model.failure import broken_parts
from server.core.model.parts import exit_code, has_one_unnamed_stage, in_order
from server.core.model.status import Status
from server.core.model.timeout import timed_out
from server.core.render.appearance import LOOKS, TIMED_OUT, build_look

NAME = 80
REASON = 160
CONFIG_ERROR = 700

HINTS = {
    Status.UNKNOWN: "❔ Drone does not know this build any more",
    Status.SKIPPED: "⏭️ A newer build took its place",
}


def title(state: BuildState) -> str:
    """Name the build and its state, `octocat/hello-world #42 · ❌ failed`."""
    look = build_look(state)
    rest = f" #{state.build.number} · {look.mark} {look.word}"
    return (
        escape_title(state.repo.slug, limits.EMBED_TITLE - len(rest), "unknown repository") + rest
    )


def headline(state: BuildState, has_buttons: bool) -> list[str]:
    """Say what broke as soon as it did, then what has to be done; empty if all is well.

    With *has_buttons* it can be done below the card.
    """
    broken = list(broken_parts(state))
    cause = _cause(state, *broken[0], more=len(broken) - 1) if broken else ""
    hint = _approval(state, has_buttons) or HINTS.get(effective_status(state), "")
    return [line for line in (cause, hint, fence(state.build.error, CONFIG_ERROR)) if line]


def _cause(state: BuildState, stage: Stage, part: Stage | Step, more: int) -> str:
    look = TIMED_OUT if timed_out(state, part, stage) else LOOKS[part.status]
    reason = escape(part.error or stage.error, REASON)
    if part is stage and has_one_unnamed_stage(state):
        return reason and f"{look.mark} {reason}"  # the title says the rest
    line = f"{look.mark} {strong(part.name, NAME, 'unnamed')} {look.word}"
    if part is not stage and not has_one_unnamed_stage(state):
        line += f" in {strong(stage.name, NAME, 'unnamed')}"
    others = f"and {more} more" if more else ""
    return " · ".join(detail for detail in (line, exit_code(part), reason, others) if detail)


def _approval(state: BuildState, has_buttons: bool) -> str:
    """Say what waits for approval and where to give it, "" if nothing does."""
    waiting = in_order(stages_to_approve(state))
    if not waiting:
        # A store of an older version, or Drone in another time, may call the build itself blocked.
        what = "it" if effective_status(state) is Status.BLOCKED else ""
    elif len(waiting) == len(state.stages):
        what = "it"
    else:
        more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        what = strong(waiting[0].name, NAME, "unnamed") + more
    where = "below" if has_buttons else "on the build page"
    return f"✋ Approve or decline {what} {where}" if what else ""
