"""Actions of members of Discord on a build; a build has them as a set."""

from dataclasses import dataclass
from enum import StrEnum, unique

# Of one build; the oldest are forgotten first.
KEPT_ACTIONS = 10


@unique
class ActionKind(StrEnum):
    """The actions on a build; the words are those of the commands."""

    CANCEL = "cancel"
    RESTART = "restart"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    APPROVE = "approve"
    DECLINE = "decline"
    # Not a command: it is noted at the build that a restart, promotion or rollback made.
    START = "start"


# Each of these makes a new build, and makes another one when it is asked again.
STARTS_BUILD = frozenset({ActionKind.RESTART, ActionKind.PROMOTE, ActionKind.ROLLBACK})


@dataclass(frozen=True, slots=True, order=True)
class UserAction:
    """One action of a member; the order of the fields is the order of actions."""

    at: int  # Unix seconds
    id: str  # of the interaction
    what: str  # an `ActionKind`, or one of a later version
    user_id: str
    name: str  # of the person as others saw it; foreign
    target: str = ""  # where a promotion or a rollback went
    number: int = 0  # of the build that it made


def join_actions(acts: tuple[UserAction, ...]) -> tuple[UserAction, ...]:
    """Keep each action once and of all of them the newest, oldest first.

    Of two that share an id the greater is kept, in the same order that decides what is forgotten;
    so it does not matter in what groups actions are joined.
    """
    kept: dict[str, UserAction] = {}
    for act in acts:
        kept[act.id] = max(kept.get(act.id, act), act)
    return tuple(sorted(kept.values())[-KEPT_ACTIONS:])
