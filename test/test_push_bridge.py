"""Pushed messages through the whole bridge: processes, a database and Discord's stand-in."""

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from stack import Bridge, Database, eventually, shown, titles

from playground.discord.options import CHANNEL_ID as CHANNEL
from playground.discord.process import StandIn
from playground.drone.builds import play

OPS = "token-of-the-backups"
APP = "token-of-the-app-0001"


@pytest.fixture
def push(bridge: Bridge) -> "Push":
    return Push(bridge)


class Push:
    """A caller, before a bridge that knows two tokens."""

    def __init__(self, bridge: Bridge, **environ: str) -> None:
        self.bridge = bridge
        self.restart(MESSAGES_TOKENS=f"ops:{OPS},app:{APP}!mentions", **environ)

    def restart(self, **environ: str) -> None:
        """Start the server anew with other settings."""
        self.bridge.environ |= environ
        self.bridge.processes.pop().end(signal.SIGKILL)
        self.bridge.start_server()

    def send(
        self, method: str = "POST", path: str = "", token: str = OPS, **more: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        url = f"{self.bridge.url}/messages{path}"
        return requests.request(method, url, headers=headers, timeout=10, **more)

    def post(self, message: str, token: str = OPS, **more: Any) -> str:
        response = self.send(json={"message": message, **more}, token=token)
        assert response.status_code == 202, response.text
        return str(response.json()["id"])

    def put(self, key: str, message: str, **more: Any) -> str:
        response = self.send("PUT", f"/{key}", json={"message": message, **more})
        assert response.status_code == 202, response.text
        return str(response.json()["id"])

    def status(self, identity: str, token: str = OPS) -> dict[str, Any]:
        answer: dict[str, Any] = self.send("GET", f"/{identity}", token=token).json()
        return answer


def contents(discord: StandIn) -> list[str]:
    return [message["versions"][-1]["content"] for message in shown(discord)]


def test_a_posted_message_is_shown_and_its_sender_told_where(push: Push, discord: StandIn) -> None:
    identity = push.post("Greetings! I'm Space Ghost.")
    before = push.status(identity)
    push.bridge.start_worker()
    eventually(push.bridge.is_at_rest)

    (message,) = shown(discord)
    assert contents(discord) == ["Greetings! I'm Space Ghost."]
    assert before == {"id": identity, "channel": "default", "status": "waiting"}
    assert push.status(identity) == {
        "id": identity,
        "channel": "default",
        "status": "delivered",
        "url": f"https://discord.com/channels/@me/{CHANNEL}/{message['id']}",
    }
    assert push.status(identity, token=APP)["error"] == "unknown_message"
