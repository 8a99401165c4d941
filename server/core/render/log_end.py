"""The end of the failing step's log on a build's card."""

from server.core.discord.markdown import fence_end, link, strong
from server.core.discord.urls import Pages
from server.core.model.build import BuildState
from server.core.model.failure import failing_step
from server.core.model.parts import has_one_unnamed_stage

NAME = 80


def log_end(state: BuildState, pages: Pages, room: int) -> str:
    """Show how the failing step's log ends, in at most *room* code points; "" if it cannot."""
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
