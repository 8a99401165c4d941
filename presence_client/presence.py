"""Decide what the bot shows for what the health endpoint answers. Pure.

    after …            the bot is …   and people read …
    ok                 online         Watching 3 builds
    degraded           idle           Discord is slow, 12 waiting
    two bad answers    invisible      nothing
    one bad answer     as it was      what they read before

Bad is a `failing` report, a refused connection, a timeout or anything unreadable. One of them alone
changes nothing: a server that restarts, or one lost packet, is no reason to vanish. One good answer
brings the bot back. Before the first answer nothing is known, so the bot is invisible.
"""

from dataclasses import dataclass
from enum import StrEnum

from presence_client import words
from presence_client.health import Answer, Bad

BAD_ANSWERS = 2


class Status(StrEnum):
    """Discord's words for how a bot appears."""

    ONLINE = "online"
    IDLE = "idle"
    INVISIBLE = "invisible"


@dataclass(frozen=True, slots=True)
class Presence:
    """What people see of the bot; at most one of the texts is set."""

    status: Status
    watching: str = ""  # shown behind Discord's word "Watching"
    saying: str = ""  # shown alone


INVISIBLE = Presence(Status.INVISIBLE)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is shown, and how many bad answers came running."""

    presence: Presence = INVISIBLE
    bad_answers: int = 0


def decide(before: Standing, answer: Answer) -> Standing:
    """Return what to show after *answer*."""
    if isinstance(answer, Bad):
        # Counted no further than it matters, so that equal standings are equal.
        bad_answers = min(before.bad_answers + 1, BAD_ANSWERS)
        hides = bad_answers == BAD_ANSWERS
        return Standing(INVISIBLE if hides else before.presence, bad_answers)
    if answer.is_degraded:
        return Standing(Presence(Status.IDLE, saying=words.reason(answer)))
    return Standing(Presence(Status.ONLINE, watching=words.builds(answer.running)))
