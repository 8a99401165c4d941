"""The first lines of a build's card: its title, what broke, and what a person must do."""

from server.core import limits
from server.core.broken import broken_parts
from server.core.build import BuildState, Stage, Step, effective_status
from server.core.build_parts import exit_code, has_one_unnamed_stage
from server.core.build_words import LOOKS, build_look
from server.core.markdown import escape, escape_title, fence, strong
from server.core.status import Status

NAME = 80
REASON = 160
CONFIG_ERROR = 700

HINTS = {
    Status.BLOCKED: "✋ Approve or decline it on the build page",
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


def headline(state: BuildState) -> list[str]:
    """Say what broke as soon as it did, then why nothing runs; empty if all is well."""
    lines = []
    broken = list(broken_parts(state))
    if broken:
        lines.append(_cause(state, *broken[0], more=len(broken) - 1))
    if hint := HINTS.get(effective_status(state)):
        lines.append(hint)
    if error := fence(state.build.error, CONFIG_ERROR):
        lines.append(error)
    return lines


def _cause(state: BuildState, stage: Stage, part: Stage | Step, more: int) -> str:
    look = LOOKS[part.status]
    line = f"{look.mark} {strong(part.name, NAME, 'unnamed')} {look.word}"
    if part is not stage and not has_one_unnamed_stage(state):
        line += f" in {strong(stage.name, NAME, 'unnamed')}"
    reason = escape(part.error or stage.error, REASON)
    others = f"and {more} more" if more else ""
    return " · ".join(detail for detail in (line, exit_code(part), reason, others) if detail)
