"""Replies to members: messages of a text or an embed, and the sentences about actions."""

from server.core.discord.limits import CONTENT
from server.core.discord.markdown import escape, strong
from server.core.discord.types import Embed, Message, link_rows
from server.core.discord.urls import short
from server.core.drone.action_answers import Cause, NotDone
from server.core.model.action_rules import Obstacle, skips_approval
from server.core.model.build import BuildState
from server.core.model.user_action import ActionKind
from server.core.render.appearance import build_look

NAME = 100
MEMBER = 80
DRONE_SAYS = 300

DONE = {
    ActionKind.CANCEL: "🛑 Cancelled",
    ActionKind.RESTART: "🔁 Restarted",
    ActionKind.PROMOTE: "🚀 Promoted",
    ActionKind.ROLLBACK: "⏪ Rolled back to",
    ActionKind.APPROVE: "👍 Approved",
    ActionKind.DECLINE: "🚫 Declined",
}
UNSURE = "It may have done it all the same: look before you try again."
NOTHING_DONE = "Drone did not answer; nothing was done."

NOT_DONE = {
    Cause.INTERRUPTED: f"The bridge is being restarted. {UNSURE}",
    Cause.NO_ANSWER: f"Drone did not answer. {UNSURE}",
    Cause.TOO_LARGE: "Drone's answer is too large for the bridge; look at it there.",
    Cause.TOKEN_REFUSED: "Drone refuses the bridge's token: see to DRONE_TOKEN.",
    Cause.NOT_FOUND: "Drone knows no such build, or the account of DRONE_TOKEN may not do that.",
    Cause.CONFLICT: "Something else changed the build at that moment: try again.",
    Cause.NOTHING_STARTED: "Drone started nothing: no pipeline matches.",
    Cause.ANOTHER_DRONE: "This build is of another Drone server than the one of DRONE_SERVER.",
    Cause.GONE: (
        "Drone does not have this build any more: its repository was made anew, and the number is "
        "now that of another build. Use /drone for that one."
    ),
}
# Nothing can have been done where Drone was only read.
NOT_READ = {
    **NOT_DONE,
    Cause.INTERRUPTED: "The bridge is being restarted; try again.",
    Cause.NO_ANSWER: "Drone did not answer; try again.",
}


def text_message(content: str, *links: tuple[str, str]) -> Message:
    """Make a message of our own words, with buttons that link; it pings nobody."""
    return Message(
        content=content[:CONTENT],
        embeds=[],
        components=link_rows(*((label, short(url)) for label, url in links)),
        allowed_mentions={"parse": []},
    )


def embed_message(embed: Embed, *links: tuple[str, str]) -> Message:
    """Make a message of one embed, with buttons that link."""
    return Message(
        embeds=[embed],
        components=link_rows(*((label, short(url)) for label, url in links)),
        allowed_mentions={"parse": []},
    )


def done_sentence(kind: ActionKind, state: BuildState, target: str, number: int) -> str:
    """Say what was done to a build; *number* is that of the build that it made, or 0."""
    line = f"{DONE[kind]} {_build_name(state)}"
    if kind is ActionKind.PROMOTE:
        line += f" to {strong(target, NAME, 'unknown')}"
    if kind is ActionKind.ROLLBACK:
        line += f" on {strong(target, NAME, 'unknown')}"
    if number:
        line += f" as #{number}"
    if skips_approval(kind, state):
        line += "\n✋ It was waiting for approval. The new build runs without one."
    return line


def not_done_sentence(failure: NotDone) -> str:
    """Say why an action was not done."""
    return NOT_DONE.get(failure.cause) or _refusal(failure)


def not_read_sentence(failure: NotDone) -> str:
    """Say why Drone could not be read."""
    return NOT_READ.get(failure.cause) or _refusal(failure)


def obstacle_sentence(obstacle: Obstacle, state: BuildState) -> str:
    """Say why an action makes no sense for a build."""
    name, look = _build_name(state), build_look(state)
    match obstacle:
        case Obstacle.IS_FINAL:
            return f"{name} is over already: {look.mark} {look.word}."
        case Obstacle.WAS_DECLINED:
            return f"{name} was declined, and Drone restarts no such build."
        case Obstacle.IS_NOT_BLOCKED:
            return f"{name} does not wait for approval: {look.mark} {look.word}."


def locked_sentence(state: BuildState, member: str, number: int) -> str:
    """Say which member has just done the same; *number* is that of the build it made, or 0."""
    made = f" It is #{number}." if number else ""
    who = strong(member, MEMBER, "Somebody")
    return f"{who} has done that to {_build_name(state)} a moment ago.{made}"


def _refusal(failure: NotDone) -> str:
    message = escape(failure.message, DRONE_SAYS).removesuffix(".") or "without a reason"
    if failure.cause is not Cause.NOT_STARTED:
        return f"Drone refused it: {message}."
    # It says `Not Found` when the SCM has no configuration for the commit any more.
    hint = " Perhaps the commit or its configuration is gone." if message == "Not Found" else ""
    return f"Drone could not start it: {message}.{hint}"


def _build_name(state: BuildState) -> str:
    return f"{strong(state.repo.slug, NAME, 'unknown repository')} #{state.build.number}"
