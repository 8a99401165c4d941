"""Post a webhook once, as Drone would."""

from collections.abc import Mapping

from server import PROJECT_URL, __version__
from server.core.drone.ping import BODY
from server.core.http_answer import Answer
from server.edges.http import Authorization, HttpClient, Limits, read_json

USER_AGENT = f"drone-discord doctor ({PROJECT_URL}, {__version__})"
LIMITS = Limits(connect=5.0, read=15.0, total=20.0, size=64 * 1024)


def post_ping(url: str, headers: Mapping[str, str]) -> Answer:
    """Post the doctor's ping; a redirect is an answer, as Drone takes it for one."""
    client = HttpClient(url, Authorization(), USER_AGENT)
    return client.stream("POST", "", LIMITS, read_json, data=BODY, headers=dict(headers))
