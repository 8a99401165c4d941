"""The end of a step's log: on a card, and as an answer to a command."""

from server.core.discord import limits
from server.core.discord.markdown import escape_title, fence, fence_end, link, strong
from server.core.discord.types import Embed, Message
from server.core.discord.urls import Pages, pages, short
from server.core.model.build import BuildState, Stage, Step, effective_status
from server.core.model.failure import failing_step
from server.core.model.log_tail import MOST_LINES, last_lines
from server.core.model.parts import exit_code, has_one_unnamed_stage
from server.core.model.status import UNFINISHED, Status, is_final
from server.core.model.timeout import timed_out
from server.core.render.appearance import build_look, color, part_look
from server.core.render.replies import embed_message
from server.core.terminal import terminal_text

NAME = 80
NOTHING = "It printed nothing."


def log_end(state: BuildState, pages: Pages, room: int) -> str:
    """Show the end of the failing step's log on a card, in at most *room* code points, or ""."""
    found, log = failing_step(state), state.log
    if found is None or log is None:
        return ""
    stage, step = found
    if (log.stage, log.step) != (stage.number, step.number):
        return ""
    page = pages.step(state.build.number, stage.number, step.number)
    caption = f"{link('Log', page)} of {strong(step.name, NAME, 'unnamed')}"
    if not has_one_unnamed_stage(state):
        caption += f" in {strong(stage.name, NAME, 'unnamed')}"
    end = fence_end(log.lines, room - len(caption) - len("\n"))
    return f"{caption}\n{end}" if end else ""


def log_message(state: BuildState, stage: Stage, step: Step, text: str, public_url: str) -> Message:
    """Show the last lines of a log that fit; *text* may be all of it."""
    found = pages(public_url, state.system.link, state.repo.slug)
    page = found.step(state.build.number, stage.number, step.number)
    look = part_look(step, is_final(state.build.status), timed_out(state, step, stage))
    lines = last_lines(text, MOST_LINES)
    head = " · ".join(part for part in (f"{look.mark} {look.word}", exit_code(step)) if part)
    end = fence_end(lines, limits.EMBED_DESCRIPTION - len(head) - 1) or NOTHING
    embed = Embed(
        title=_title(state, stage, step), description=f"{head}\n{end}", color=color(step.status)
    )
    if page:
        embed["url"] = page
    return embed_message(
        embed, ("Whole log", short(page)), ("Build", found.build(state.build.number))
    )


def error_message(state: BuildState, error: str, public_url: str) -> Message:
    """Show the error that Drone has instead of a log: the step or the stage never ran."""
    page = pages(public_url, state.system.link, state.repo.slug).build(state.build.number)
    look = build_look(state)
    slug = escape_title(state.repo.slug, 70, "unknown")
    embed = Embed(
        title=f"{slug} #{state.build.number} · {look.mark} {look.word}",
        description=fence(terminal_text(error), limits.EMBED_DESCRIPTION) or NOTHING,
        color=color(effective_status(state)),
    )
    if page:
        embed["url"] = page
    return embed_message(embed, ("Build", short(page)))


def no_log(step: Step) -> str:
    """Say why Drone has no log of a step."""
    if step.status is Status.SKIPPED:
        return "This step was left out, so it printed nothing."
    if step.status is Status.RUNNING:
        return "Drone has no log of this step yet; it gets one when the step has ended."
    if step.status in UNFINISHED:
        return "This step has not begun."
    if step.status is Status.KILLED:
        return "Drone has no log of this step: it was cancelled."
    return "Drone has no log of this step."


def _title(state: BuildState, stage: Stage, step: Step) -> str:
    name = escape_title(step.name, NAME, "unnamed")
    if not has_one_unnamed_stage(state):
        name += f" in {escape_title(stage.name, NAME, 'unnamed')}"
    return f"{escape_title(state.repo.slug, 70, 'unknown')} #{state.build.number} · {name}"
