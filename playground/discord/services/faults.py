"""Undo an edit behind the bridge's back, as Discord sometimes does.

github.com/discord/discord-api-docs/issues/7980
"""

from __future__ import annotations

from dataclasses import replace

from playground.discord.core.message import Version
from playground.discord.services.world import World


def revert(world: World, message_id: str, undone: Version, now: float) -> None:
    """Show again what a message showed before *undone*, unless it was edited since."""
    message = world.store.messages.get(message_id)
    if message is None or message.deleted_at is not None or message.shown is not undone:
        return
    earlier = message.versions[-2] if len(message.versions) > 1 else None
    if earlier is not None:
        world.store.change(message, replace(earlier, at=now, cause="revert"))
        world.tell("message", message)
