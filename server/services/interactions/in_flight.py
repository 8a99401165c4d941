"""How many people may have the bridge read from Drone at the same time.

What Drone answers may be large, and anybody in the channel may ask for it.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import BoundedSemaphore

from server.core.discord.types import Message
from server.core.interactions.audit import ActionLock
from server.core.interactions.request import Member
from server.core.render.replies import text_message
from server.errors import StoreUnavailable
from server.services.ports import AuditLog, Clock

log = logging.getLogger(__name__)

IN_PROCESS = 2
# Longer than the answers last that one command waits for, for a process that dies meanwhile.
LONGEST = timedelta(seconds=120)

BUSY = "The bridge is reading from Drone for other people; try again in a moment."
STILL_AT_IT = "Your last command is still at work; try again once it has answered."

Made = tuple[Message, str]  # what the person is told, and what came of it in a word


class InFlight:
    """One command of each member, over all processes, and so many in this one."""

    def __init__(self, ledger: AuditLog, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._places = BoundedSemaphore(IN_PROCESS)

    def run(self, interaction_id: str, member: Member, work: Callable[[], Made]) -> Made:
        """Do *work* if nothing stands against it; may raise StoreUnavailable before that."""
        if not self._places.acquire(blocking=False):
            return text_message(BUSY), "busy"
        try:
            now = self._clock()
            hold = ActionLock(f"look/{member.user_id}", interaction_id, member.name, now + LONGEST)
            if self._ledger.hold(hold, now) is not None:
                return text_message(STILL_AT_IT), "busy"
            try:
                return work()
            finally:
                self._release(hold)
        finally:
            self._places.release()

    def _release(self, hold: ActionLock) -> None:
        try:
            self._ledger.release(hold)
        except StoreUnavailable as error:
            log.warning("A command stays held until it lapses.", extra={"error": str(error)})
