"""Discord's REST API; it sends once and returns what came, whatever came.

Retrying, waiting and reading what an answer means are decided elsewhere.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from runtime.secret import Secret
from server import PROJECT_URL, __version__
from server.core.http_answer import Answer
from server.edges.http import Authorization, HttpClient, Limits

# Anything else may be stopped by Cloudflare.
# https://docs.discord.com/developers/reference#user-agent
USER_AGENT = f"DiscordBot ({PROJECT_URL}, {__version__})"

# The largest that we ask for is a page of a hundred messages.
LIMITS = Limits(connect=3.0, read=5.0, total=8.0, size=4 * 1024 * 1024)


class DiscordRest:
    """The calls that the bridge makes; usable from many threads, each with its own connections."""

    def __init__(self, base_url: str, token: Secret) -> None:
        self._client = HttpClient(base_url, Authorization("Bot", token), USER_AGENT)

    def create_message(self, channel_id: str, body: Mapping[str, Any], file: bytes = b"") -> Answer:
        """Post a message, with a file as its first attachment if there is one."""
        return self._call("POST", f"/channels/{channel_id}/messages", body, file)

    def edit_message(
        self, channel_id: str, message_id: str, body: Mapping[str, Any], file: bytes = b""
    ) -> Answer:
        """Change a message of ours; its attachments are those that the body lists."""
        return self._call("PATCH", f"/channels/{channel_id}/messages/{message_id}", body, file)

    def delete_message(self, channel_id: str, message_id: str) -> Answer:
        """Delete a message of ours; done, it answers with its id, as an edit does."""
        answer = self._call("DELETE", f"/channels/{channel_id}/messages/{message_id}", None)
        return replace(answer, body={"id": message_id}) if answer.status == 204 else answer

    def recent_messages(self, channel_id: str, after: str) -> Answer:
        """List messages younger than the id *after* under `items`."""
        return self._call("GET", f"/channels/{channel_id}/messages?after={after}&limit=100", None)

    def find_message(self, channel_id: str, message_id: str) -> Answer:
        """Read one message; refused without the permission to read a channel's history."""
        return self._call("GET", f"/channels/{channel_id}/messages/{message_id}", None)

    def open_thread(self, channel_id: str) -> Answer:
        """Open an archived thread again; who has posted in it may, unless it is locked.

        https://docs.discord.com/developers/topics/threads#editing-deleting-threads
        """
        return self._call("PATCH", f"/channels/{channel_id}", {"archived": False})

    def who_am_i(self) -> Answer:
        """Return the bot's own user."""
        return self._call("GET", "/users/@me", None)

    def get(self, path: str) -> Answer:
        """Read anything else, for the doctor."""
        return self._call("GET", path, None)

    def put(self, path: str, body: Sequence[Any]) -> Answer:
        """Replace a list, for registering commands."""
        return self._call("PUT", path, body)

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | Sequence[Any] | None,
        file: bytes = b"",
    ) -> Answer:
        content: dict[str, Any] = {"files": _parts(body, file)} if file else {"json": body}
        return self._client.call(method, path, LIMITS, **content)


def _parts(body: Any, file: bytes) -> dict[str, tuple[str | None, Any, str]]:
    """Return the parts of a request with a file; its name is in the body.

    https://docs.discord.com/developers/reference#uploading-files
    """
    return {
        "payload_json": (None, json.dumps(body), "application/json"),
        "files[0]": ("message.txt", file, "text/plain; charset=utf-8"),
    }
