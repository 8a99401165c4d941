"""The REST APIs of Discord and Drone; no method raises for what they answer."""

from collections.abc import Mapping
from typing import Any, Protocol

from server.core.discord.types import Message
from server.core.http_answer import Answer
from server.core.interactions.request import Origin
from server.core.interactions.response import InteractionResponse


class Discord(Protocol):
    """Discord's REST API, as far as cards need it; no method raises for what Discord answers."""

    def create_message(self, channel_id: str, body: Mapping[str, Any], file: bytes = b"") -> Answer:
        """Post a message, with a file as its first attachment if there is one."""

    def edit_message(
        self, channel_id: str, message_id: str, body: Mapping[str, Any], file: bytes = b""
    ) -> Answer:
        """Change a message of ours."""

    def delete_message(self, channel_id: str, message_id: str) -> Answer:
        """Delete a message of ours; done, it answers with its id, as an edit does."""

    def recent_messages(self, channel_id: str, after: str) -> Answer:
        """List messages younger than the id *after* under `items`."""

    def find_message(self, channel_id: str, message_id: str) -> Answer:
        """Read one message; refused without the permission to read a channel's history."""

    def open_thread(self, channel_id: str) -> Answer:
        """Open an archived thread again."""

    def who_am_i(self) -> Answer:
        """Return the bot's own user."""


class Responder(Protocol):
    """Discord's endpoints for interactions; no method raises, or gives the token away."""

    def callback(self, origin: Origin, callback: InteractionResponse) -> Answer:
        """Give the first answer by a request of our own."""

    def edit_original(self, origin: Origin, message: Message) -> Answer:
        """Finish an answer that was promised."""


class Drone(Protocol):
    """Drone's REST API; no method raises for what Drone answers.

    A list comes under `items`; `null`, which Drone answers when it started nothing, is `{}`.
    *params* are free keys and values that a build gets.
    """

    def who_am_i(self) -> Answer:
        """Return the account that the token belongs to."""

    def own_repos(self) -> Answer:
        """List the repositories that the SCM lets the account see: none for a machine."""

    def all_repos(self) -> Answer:
        """List every repository; for system admins alone."""

    def builds(self, slug: str) -> Answer:
        """List the 25 newest builds of a repository, newest first, without their stages."""

    def build(self, slug: str, number: int) -> Answer:
        """Return a build with its stages and steps, without its repository."""

    def repo(self, slug: str) -> Answer:
        """Return a repository, with what the account may do in it."""

    def step_log(self, slug: str, number: int, stage: int, step: int) -> Answer:
        """List the last lines of a step's log; stage and step are numbers, not ids."""

    def restart(self, slug: str, number: int, params: Mapping[str, str]) -> Answer:
        """Start a build once more; return the new one."""

    def cancel(self, slug: str, number: int) -> Answer:
        """Stop a build; return it."""

    def promote(self, slug: str, number: int, target: str, params: Mapping[str, str]) -> Answer:
        """Start a build that promotes another to *target*; return the new one."""

    def rollback(self, slug: str, number: int, target: str, params: Mapping[str, str]) -> Answer:
        """Start a build that rolls *target* back to another; return the new one."""

    def approve(self, slug: str, number: int, stage: int) -> Answer:
        """Let a blocked stage go on."""

    def decline(self, slug: str, number: int, stage: int) -> Answer:
        """End a blocked stage, and its build with it."""

    def interrupt(self) -> None:
        """Wait for Drone no longer, now and ever: the process ends."""
