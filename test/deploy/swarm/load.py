"""Builds that are played one after the other while something else happens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from playground.drone.builds import play
from playground.drone.delivery import Delivery
from playground.drone.post import Answer, post

SCENARIOS = ("push", "pull_request", "failing_push", "cancel_by_person", "cron")
PAUSE_SECONDS = 0.05


class Load:
    """A Drone that never rests; `answers` holds what came of each delivery."""

    def __init__(self, url: str, secret: str, first_number: int) -> None:
        self._url = url
        self._secret = secret
        self._first_number = first_number
        self._stop = threading.Event()
        self._pause = threading.Event()  # never set
        self.answers: list[Answer] = []

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Play builds meanwhile; the last one is played to its end."""
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    @property
    def deliveries(self) -> list[Delivery]:
        """Return what was sent."""
        return [answer.delivery for answer in self.answers]

    @property
    def refused(self) -> list[Answer]:
        """Return what was not accepted."""
        return [answer for answer in self.answers if not answer.is_accepted]

    def _run(self) -> None:
        number = self._first_number
        while not self._stop.is_set():
            self.play_round(number)
            number += 100

    def play_round(self, number: int) -> None:
        """Play each scenario once; builds are counted from *number*."""
        with requests.Session() as session:
            for delivery in play(*SCENARIOS, first_id=number * 100, first_number=number):
                self.answers.append(post(session, self._url, delivery, self._secret))
                self._pause.wait(PAUSE_SECONDS)
