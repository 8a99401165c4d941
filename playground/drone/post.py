"""Send deliveries over HTTP as Drone does: once, and whatever is answered it goes on."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

import requests

from playground.drone.delivery import Delivery
from playground.drone.signing import headers_of

SECONDS_TO_CONNECT = 5.0
SECONDS_TO_ANSWER = 60.0  # Drone's own patience (plugin/webhook/webhook.go:83).


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what came of one delivery."""

    delivery: Delivery
    status: int  # 0: there was no answer.
    detail: str  # What the bridge said, or why it said nothing.
    milliseconds: int

    @property
    def is_accepted(self) -> bool:
        """Say whether the bridge took the delivery."""
        return 200 <= self.status < 300


def post(session: requests.Session, url: str, delivery: Delivery, secret: str) -> Answer:
    """Sign a delivery with the present time, post it and wait for the answer."""
    sent_at = datetime.now(UTC)
    headers = headers_of(delivery, secret, sent_at) | {"User-Agent": "Go-http-client/1.1"}
    timeout = (SECONDS_TO_CONNECT, SECONDS_TO_ANSWER)
    try:
        response = session.post(url, data=delivery.body, headers=headers, timeout=timeout)
        status, detail = response.status_code, response.text
    except requests.ConnectionError:
        status, detail = 0, "no connection"
    except requests.RequestException as error:
        status, detail = 0, type(error).__name__
    milliseconds = int((datetime.now(UTC) - sent_at).total_seconds() * 1000)
    return Answer(delivery, status, detail, milliseconds)


class Postbox:
    """Send deliveries on several lines; those of one build keep their order on one line.

    The first delivery of all decides whether there is a bridge: without an answer to it, `closed`
    is set and nothing more is sent.
    """

    def __init__(self, url: str, secret: str, lines: int, tell: Callable[[Answer], None]) -> None:
        """Open *lines* lines to *url*; *tell* is called for each answer."""
        self.closed = Event()
        self.refused: list[Answer] = []
        self._url = url
        self._secret = secret
        self._tell = tell
        self._lines = [ThreadPoolExecutor(1) for _ in range(lines)]
        self._sessions = [requests.Session() for _ in range(lines)]
        self._has_answered = False
        self._faults: list[BaseException] = []

    def send(self, delivery: Delivery) -> None:
        """Send *delivery* after those of its line."""
        line = delivery.build_id % len(self._lines)
        future = self._lines[line].submit(self._post, self._sessions[line], delivery)
        future.add_done_callback(self._note_fault)

    def close(self, *, at_once: bool = False) -> None:
        """Wait for what was sent; *at_once* gives up what still waits for its turn.

        Raises what went wrong on a line, if it was not the network.
        """
        if at_once:
            self.closed.set()
        for line, session in zip(self._lines, self._sessions, strict=True):
            line.shutdown(cancel_futures=at_once)
            session.close()
        if self._faults:
            raise self._faults[0]

    def _post(self, session: requests.Session, delivery: Delivery) -> None:
        if self.closed.is_set():
            return
        answer = post(session, self._url, delivery, self._secret)
        if not answer.is_accepted:
            self.refused.append(answer)
        if answer.status:
            self._has_answered = True
        elif not self._has_answered:
            self.closed.set()
        self._tell(answer)

    def _note_fault(self, future: "Future[None]") -> None:
        if not future.cancelled() and (fault := future.exception()):
            self._faults.append(fault)
            self.closed.set()
