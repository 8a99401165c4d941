"""Post a webhook once, as Drone would."""

from collections.abc import Mapping

import requests

from server import PROJECT_URL, __version__
from server.core.answer import Answer
from server.core.ping import BODY
from server.edges.discord_rest import answer_of
from server.edges.sessions import Authorization

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0


def post_ping(url: str, headers: Mapping[str, str]) -> Answer:
    """Post the doctor's ping; a redirect is an answer, as Drone takes it for one."""
    agent = {"User-Agent": f"drone-discord doctor ({PROJECT_URL}, {__version__})"}
    return answer_of(
        lambda: requests.post(
            url,
            data=BODY,
            headers={**headers, **agent},
            auth=Authorization(),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
    )
