"""The status of a pushed message, as its caller gets it."""

from typing import Any

from server.core.cards.card import Card
from server.core.model.pushed import Pushed


def message_status(
    card: Card | None, token: str, is_waiting: bool, guild_id: str
) -> dict[str, Any] | None:
    """Return what became of the message of *card*; None if it is not this token's."""
    pushed = card.content if card is not None else None
    if card is None or not isinstance(pushed, Pushed) or pushed.token != token:
        return None
    answer: dict[str, Any] = {"id": pushed.id, "channel": pushed.channel}
    status, reason = _state(card, pushed, is_waiting)
    answer["status"] = status
    if reason:
        answer["reason"] = reason
    if card.message_id:
        place = f"{guild_id or '@me'}/{card.channel_id}/{card.message_id}"
        answer["url"] = f"https://discord.com/channels/{place}"
    return answer


def _state(card: Card, pushed: Pushed, is_waiting: bool) -> tuple[str, str]:
    is_confirmed = card.confirm_at is None
    if is_waiting or (card.due_at is not None and is_confirmed):
        return "waiting", card.last_error
    if card.dropped:
        return "dropped", card.dropped
    if not pushed.is_wanted:
        return "removed", ""
    if not card.message_id:
        return "dropped", "deleted_by_a_person"
    return "delivered", ""
