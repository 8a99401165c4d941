"""Discord's endpoints for interactions over `requests`; each call sends once.

The token stands in the address and lets anybody who reads it answer in our place: it is logged
nowhere, and what comes back, or why nothing did, does not hold it.
"""

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from server.core.answer import Answer
from server.core.callback import Callback
from server.core.embed import Message
from server.core.interaction import Origin
from server.edges.discord_rest import CONNECT_SECONDS, READ_SECONDS, USER_AGENT, answer_of


class NoAuth(requests.auth.AuthBase):
    """Put nothing on a request; also keeps `requests` from asking ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class InteractionRest:
    """The calls that the bridge makes; usable from many threads, each with its own connections."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._auth = NoAuth()
        self._local = threading.local()

    def callback(self, origin: Origin, callback: Callback) -> Answer:
        """Give the first answer by a request of our own."""
        path = f"/interactions/{_part(origin.id)}/{_part(origin.token.reveal())}/callback"
        return self._call("POST", path, callback)

    def edit_original(self, origin: Origin, message: Message) -> Answer:
        """Finish an answer that was promised."""
        token = _part(origin.token.reveal())
        path = f"/webhooks/{_part(origin.application_id)}/{token}/messages/@original"
        return self._call("PATCH", path, message)

    def _call(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        return answer_of(
            lambda: self._session().request(
                method,
                self._base_url + path,
                json=body,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        )

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.auth = self._auth
            session.headers["User-Agent"] = USER_AGENT
            self._local.session = session
        return session


def _part(value: str) -> str:
    return quote(value, safe="")
