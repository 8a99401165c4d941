"""What a build's card says of those who acted on it, and the buttons by which they can."""

import re

from server.core.discord.limits import CUSTOM_ID
from server.core.discord.markdown import link, strong
from server.core.discord.types import Button
from server.core.discord.urls import Pages, short
from server.core.model.build import BuildState, effective_status, stages_to_approve
from server.core.model.status import BROKEN, Status
from server.core.model.user_action import ActionKind, UserAction

NAME = 80
SHOWN = 3

# Secondary, success and danger.
# https://docs.discord.com/developers/components/reference#button-button-styles
GREY, GREEN, RED = 2, 3, 4

LABELS = {
    ActionKind.CANCEL: ("Cancel", RED),
    ActionKind.RESTART: ("Restart", GREY),
    ActionKind.APPROVE: ("Approve", GREEN),
    ActionKind.DECLINE: ("Decline", RED),
}
ENDED_BADLY = BROKEN | {Status.KILLED}

# Old messages keep old ids, so what was sent once stays readable for ever.
_CUSTOM_ID = re.compile(r"build:(cancel|restart|approve|decline):([1-9][0-9]{0,18}):([!-~]+)")


def offered(state: BuildState) -> tuple[ActionKind, ...]:
    """Choose what can be done to a build from its card."""
    status = effective_status(state)
    if status is Status.BLOCKED:
        return (ActionKind.APPROVE, ActionKind.DECLINE)
    if status in (Status.RUNNING, Status.PENDING):
        decisions = (ActionKind.APPROVE, ActionKind.DECLINE) if stages_to_approve(state) else ()
        return (*decisions, ActionKind.CANCEL)
    return (ActionKind.RESTART,) if status in ENDED_BADLY else ()


def controls(state: BuildState) -> list[Button]:
    """Make the buttons of what can be done; none for a build that its own id could not name."""
    buttons = []
    for kind in offered(state):
        name = custom_id(kind, state.build.id, state.system.host)
        if len(name) <= CUSTOM_ID and _CUSTOM_ID.fullmatch(name) and state.build.number > 0:
            label, style = LABELS[kind]
            buttons.append(Button(type=2, style=style, label=label, custom_id=name))
    return buttons


def custom_id(kind: ActionKind, build_id: int, host: str) -> str:
    """Write what a button reports back: the act, and the build as its card knows it."""
    return f"build:{kind}:{build_id}:{host}"


def read_custom_id(name: str) -> tuple[ActionKind, int, str] | None:
    """Read what a button reported back: act, id of the build and host; None if it is not ours."""
    found = _CUSTOM_ID.fullmatch(name)
    return (ActionKind(found[1]), int(found[2]), found[3]) if found else None


def told(state: BuildState, pages: Pages, room: int) -> list[str]:
    """Say who did what to a build, the latest last, in lines that fit into *room* code points."""
    lines = [line for act in state.acts if (line := _line(act, state, pages))]
    kept: list[str] = []
    for line in reversed(lines[-SHOWN:]):
        room -= len(line) + 1
        if room < 0:
            break
        kept.insert(0, line)
    return kept


def _line(act: UserAction, state: BuildState, pages: Pages) -> str:
    who = f"by {strong(act.name, NAME, 'somebody')}"
    made = f" as {link(f'#{act.number}', short(pages.build(act.number)))}" if act.number > 0 else ""
    where = strong(act.target, NAME, "unknown")
    match act.what:
        case ActionKind.CANCEL:
            return f"🛑 Cancelled {who}"
        case ActionKind.RESTART:
            return f"🔁 Restarted {who}{made}"
        case ActionKind.PROMOTE:
            return f"🚀 Promoted to {where} {who}{made}"
        case ActionKind.ROLLBACK:
            return f"⏪ Rolled back on {where} {who}{made}"
        case ActionKind.APPROVE:
            return f"👍 Approved {who}"
        case ActionKind.DECLINE:
            return f"🚫 Declined {who}"
        case ActionKind.START:
            return f"▶️ Started {who}"
        case _:
            return ""  # of a version that knew more
