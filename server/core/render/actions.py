"""Actions on a build's card: its buttons, and the lines that say who did what."""

import re

from server.core.discord.limits import CUSTOM_ID
from server.core.discord.markdown import link, strong
from server.core.discord.types import Button
from server.core.discord.urls import Pages, short
from server.core.model.action_rules import offered
from server.core.model.build import BuildState
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

# Old messages keep old ids, so what was sent once stays readable for ever.
_CUSTOM_ID = re.compile(r"build:(cancel|restart|approve|decline):([1-9][0-9]{0,18}):([!-~]+)")


def controls(state: BuildState) -> list[Button]:
    """Make the buttons of the actions that a card offers; none for an id that does not fit."""
    buttons = []
    for kind in offered(state):
        name = custom_id(kind, state.build.id, state.system.host)
        if len(name) <= CUSTOM_ID and _CUSTOM_ID.fullmatch(name) and state.build.number > 0:
            label, style = LABELS[kind]
            buttons.append(Button(type=2, style=style, label=label, custom_id=name))
    return buttons


def custom_id(kind: ActionKind, build_id: int, host: str) -> str:
    """Write the custom id of a button: the action, and the build as its card knows it."""
    return f"build:{kind}:{build_id}:{host}"


def read_custom_id(name: str) -> tuple[ActionKind, int, str] | None:
    """Read a custom id: action, id of the build and host; None if it is not ours."""
    found = _CUSTOM_ID.fullmatch(name)
    return (ActionKind(found[1]), int(found[2]), found[3]) if found else None


def action_lines(state: BuildState, pages: Pages, room: int) -> list[str]:
    """Write who did what to a build, the latest last, in lines that fit into *room* code points."""
    lines = [line for action in state.acts if (line := _line(action, pages))]
    kept: list[str] = []
    for line in reversed(lines[-SHOWN:]):
        room -= len(line) + 1
        if room < 0:
            break
        kept.insert(0, line)
    return kept


def _line(action: UserAction, pages: Pages) -> str:
    who = f"by {strong(action.name, NAME, 'somebody')}"
    number = action.number
    made = f" as {link(f'#{number}', short(pages.build(number)))}" if number > 0 else ""
    where = strong(action.target, NAME, "unknown")
    match action.what:
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
