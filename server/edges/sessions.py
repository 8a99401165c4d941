"""Sessions of `requests`, one for each thread, with who we are and what proves it."""

import threading
from collections.abc import Mapping

import requests

from server.secret import Secret


class Authorization(requests.auth.AuthBase):
    """Put a token on a request, or nothing; also keeps `requests` from asking ~/.netrc for one."""

    def __init__(self, scheme: str = "", token: Secret | None = None) -> None:
        self._scheme = scheme
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"{self._scheme} {self._token.reveal()}"
        return request


class Sessions:
    """Sessions that are alike; a session may not be shared by threads."""

    def __init__(self, auth: Authorization, headers: Mapping[str, str]) -> None:
        self._auth = auth
        self._headers = headers
        self._local = threading.local()

    def mine(self) -> requests.Session:
        """Return the session of the thread that asks."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.auth = self._auth
            session.headers.update(self._headers)
        return session
