"""Drone's REST API over `requests`, as far as the doctor needs it."""

import requests

from server.core.answer import Answer
from server.edges.discord_rest import CONNECT_SECONDS, READ_SECONDS, answer_of
from server.settings import DroneSettings


def who_am_i(settings: DroneSettings) -> Answer:
    """Ask Drone whose token it is."""
    return answer_of(
        lambda: requests.get(
            f"{settings.server}/api/user",
            headers={"Authorization": f"Bearer {settings.token.reveal()}"},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
    )
