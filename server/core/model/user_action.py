"""What people did to a build from Discord; a build knows its acts as a set."""

from dataclasses import dataclass
from enum import StrEnum, unique

# More than anybody does to one build; the oldest are forgotten first.
KEPT_ACTIONS = 10


@unique
class ActionKind(StrEnum):
    """Everything that can be done to a build; the words are those of the commands."""

    CANCEL = "cancel"
    RESTART = "restart"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    APPROVE = "approve"
    DECLINE = "decline"
    # Not a command: what the build that a restart, promotion or rollback made says of itself.
    START = "start"


@dataclass(frozen=True, slots=True, order=True)
class UserAction:
    """One thing that somebody did; the order of the fields is that of the acts."""

    at: int  # Unix seconds
    id: str  # of the interaction
    what: str  # a `Kind`, or what a later version knows
    user_id: str
    name: str  # of the person as others saw it; foreign
    target: str = ""  # where a promotion or a rollback went
    number: int = 0  # of the build that it made


def join_actions(acts: tuple[UserAction, ...]) -> tuple[UserAction, ...]:
    """Keep each act once and of all of them the newest, oldest first.

    Of two that share an id the greater is kept, in the same order that decides what is forgotten;
    so it does not matter in what groups acts are joined.
    """
    kept: dict[str, UserAction] = {}
    for act in acts:
        kept[act.id] = max(kept.get(act.id, act), act)
    return tuple(sorted(kept.values())[-KEPT_ACTIONS:])
