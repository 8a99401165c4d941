"""Hold the answers by which Discord refuses; must not decide when to give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from playground.discord.core.violation import (
    EMPTY_MESSAGE,
    SERVER_ERROR,
    TOO_MANY_ATTACHMENTS,
    Violation,
    error_tree,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Hold one error answer: its HTTP status, Discord's code, sentence and nested errors."""

    status: int
    code: int
    message: str
    errors: dict[str, object] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """Build the JSON body, with `errors` only where there are some."""
        body: dict[str, object] = {"message": self.message, "code": self.code}
        return {**body, "errors": self.errors} if self.errors else body


@dataclass(slots=True)
class Refused(Exception):
    """Leave a use case with the answer that refuses the request."""

    refusal: Refusal


UNAUTHORIZED = Refusal(401, 0, "401: Unauthorized")
NOT_FOUND = Refusal(404, 0, "404: Not Found")
BLOCKED_BY_CLOUDFLARE = Refusal(403, 40333, "internal network error")
TOO_LARGE = Refusal(413, 40005, "Request entity too large")
INVALID_JSON = Refusal(400, 50109, "The request body contains invalid JSON.")
INVALID_VERSION = Refusal(400, 50041, "Invalid API version provided")

UNKNOWN_APPLICATION = Refusal(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = Refusal(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Refusal(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Refusal(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Refusal(404, 10008, "Unknown Message")
UNKNOWN_USER = Refusal(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = Refusal(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = Refusal(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = Refusal(404, 10063, "Unknown application command")
ALREADY_ACKNOWLEDGED = Refusal(400, 40060, "Interaction has already been acknowledged.")
NOT_IN_A_FORUM = Refusal(400, 40058, "Cannot send a message in a forum channel")
MISSING_ACCESS = Refusal(403, 50001, "Missing Access")
AUTHORED_BY_ANOTHER = Refusal(403, 50005, "Cannot edit a message authored by another user")
EMPTY = Refusal(400, 50006, "Cannot send an empty message")
NO_TEXT_CHANNEL = Refusal(400, 50008, "Cannot send messages in a non-text channel")
MISSING_PERMISSIONS = Refusal(403, 50013, "Missing Permissions")
INVALID_WEBHOOK_TOKEN = Refusal(401, 50027, "Invalid Webhook Token")
THREAD_ARCHIVED = Refusal(400, 50083, "Thread is archived")
THREAD_LOCKED = Refusal(400, 160005, "This thread is locked")
REPLY_WITHOUT_HISTORY = Refusal(
    400, 160002, "Cannot reply without permission to read message history"
)
WRONG_CONTENT_TYPE = (
    "Expected \"Content-Type\" header to be one of {'application/json', "
    "'application/x-www-form-urlencoded', 'multipart/form-data'}."
)


def invalid_form(violations: Sequence[Violation]) -> Refusal:
    """Refuse a body for its violations, the way Discord picks one answer for all of them."""
    for violation in violations:
        if violation.code == SERVER_ERROR:
            return Refusal(500, 0, "500: Internal Server Error")
        if violation.code == TOO_MANY_ATTACHMENTS:
            return Refusal(400, 30015, violation.message)
    if all(violation.code == EMPTY_MESSAGE for violation in violations):
        return EMPTY
    return Refusal(400, 50035, "Invalid Form Body", error_tree(violations))
