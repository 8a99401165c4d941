"""A program that pushes messages of its own through the bridge."""

import signal
from typing import Any

import requests
from stack import Bridge

OPS = "token-of-the-backups"
APP = "token-of-the-app-0001"
TOKENS = f"ops:{OPS},app:{APP}!mentions"


class Push:
    """A caller, before a bridge that knows two tokens."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge

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
        return requests.request(method, url, headers=headers, timeout=60, **more)

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
