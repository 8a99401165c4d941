"""Lists of builds as one embed: a line each."""

from collections.abc import Sequence

from server.core.discord import limits
from server.core.discord.markdown import escape, escape_title, first_line, link, strong
from server.core.discord.types import Embed
from server.core.discord.urls import pages, short
from server.core.model.build import BuildState, effective_status
from server.core.model.status import Status
from server.core.render.appearance import GREY, build_look, color
from server.core.render.duration import ticking
from server.core.render.origin import of_pull_request, place_name

SHOWN = 10
NAME, SUBJECT = 80, 60


def build_list(states: Sequence[BuildState], public_url: str, slug: str, branch: str) -> Embed:
    """List builds, newest first; *slug* and *branch* are what they were chosen by, or ""."""
    repo = f" of {escape_title(slug, 150)}" if slug else ""
    where = f" on {escape_title(branch, 80)}" if branch else ""
    lines = [_line(state, public_url, with_repo=not slug) for state in states[:SHOWN]]
    return Embed(
        title=f"Latest builds{repo}{where}"[: limits.EMBED_TITLE],
        description="\n".join(lines) or "None that this bridge knows.",
        color=color(effective_status(states[0])) if states else GREY,
    )


def is_listed(state: BuildState, branch: str) -> bool:
    """Tell whether Drone still has a build, and it is of *branch* or of the tag of that name."""
    build = state.build
    if build.status is Status.UNKNOWN:
        return False
    return not branch or (not of_pull_request(build) and place_name(build) == branch)


def _line(state: BuildState, public_url: str, with_repo: bool) -> str:
    build = state.build
    page = short(pages(public_url, state.system.link, state.repo.slug).build(build.number))
    repo = f"{escape(state.repo.slug, NAME, 'unknown')} " if with_repo else ""
    said = escape(first_line(build.title) or first_line(build.message), SUBJECT)
    where = strong(place_name(build), NAME, "unknown") if place_name(build) else ""
    parts = (where, said, ticking(build.finished or build.started or build.created))
    head = f"{build_look(state).mark} {repo}{link(f'#{build.number}', page)}"
    return " · ".join([head, *(part for part in parts if part)])
