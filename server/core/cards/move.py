"""What a card may need next, and how urgently; `server.core.cards.lifecycle` decides which."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum, unique


@unique
class Urgency(IntEnum):
    """What goes first when not everything can go."""

    ENDING = 0  # what people wait for
    NEW = 1
    PROGRESS = 2
    PUSHED = 3  # never before a build
    CONFIRMATION = 4  # only when nothing else waits


@unique
class Trial(IntEnum):
    """How much plainer a body is sent once, to learn whether it or its channel is refused."""

    NONE = 0
    WITHOUT_FILE = 1
    PLAIN = 2  # text alone


@unique
class MoveKind(StrEnum):
    """What a card needs next."""

    CREATE = "create"
    EDIT = "edit"
    REPLY = "reply"  # a second message that refers to the first
    DELETE = "delete"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Move:
    """What a card needs next, why, and not before when."""

    kind: MoveKind
    reason: str
    urgency: Urgency = Urgency.PROGRESS
    earliest: datetime | None = None
