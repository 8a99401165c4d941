"""Send webhooks in order and once, as Drone does, and remember what came of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from playground.drone.arguments import DEFAULT_SECRET
from playground.drone.delivery import Delivery
from playground.drone.post import post

KEEP = 20_000


@dataclass(slots=True)
class Sent:
    """Hold one webhook; *answer* is its status, 0 without one, None while it is on its way."""

    event: str
    action: str
    subject: str
    status: str
    is_lost: bool
    answer: int | None = None

    def to_json(self) -> dict[str, object]:
        """Show it at the control endpoint."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Mailbox:
    """Send to *endpoint* on one line; without one, or while *is_lost*, everything is lost."""

    endpoint: str = ""
    secret: str = field(default=DEFAULT_SECRET, repr=False)
    is_lost: bool = False
    sent: deque[Sent] = field(default_factory=lambda: deque(maxlen=KEEP))
    _line: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _session: requests.Session = field(default_factory=requests.Session)
    _last: Future[None] | None = None

    def send(self, deliveries: Iterable[Delivery], *, is_lost: bool = False) -> None:
        """Send *deliveries* after those before them; nobody waits for the answers."""
        for delivery in deliveries:
            lost = is_lost or self.is_lost or not self.endpoint
            sent = Sent(
                *(delivery.event, delivery.action, delivery.subject, delivery.status), is_lost=lost
            )
            self.sent.append(sent)
            if not lost:
                self._last = self._line.submit(self._post, delivery, sent)

    @property
    def last(self) -> Future[None] | None:
        """Return the sending of the last webhook that was not lost."""
        return self._last

    def close(self) -> None:
        """Give up what waits, and close the line."""
        self._line.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    def _post(self, delivery: Delivery, sent: Sent) -> None:
        sent.answer = post(self._session, self.endpoint, delivery, self.secret).status
