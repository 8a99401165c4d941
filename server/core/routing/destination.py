"""Destinations: in which channels a content is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.core.cards.card import Card, has_begun
from server.core.cards.content import Content
from server.core.model.pushed import Pushed


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel in which a content has one card."""

    channel_id: str


def destinations_of(
    content: Content, known: Sequence[Card], default_channel_id: str
) -> tuple[Destination, ...]:
    """Return where *content* is shown, given the cards that it has already.

    A pushed message goes to the channel that its sender named, all else to the default channel.
    What was begun in another channel is finished there, unless it was given up.
    """
    if isinstance(content, Pushed):
        begun = [card.channel_id for card in known if has_begun(card)]
        return (Destination(begun[0] if begun else content.channel_id or default_channel_id),)
    if any(card.channel_id == default_channel_id for card in known):
        return (Destination(default_channel_id),)
    kept = [card for card in known if not card.dropped]
    youngest = max(kept, key=lambda card: card.created_at, default=None)
    return (Destination(youngest.channel_id if youngest else default_channel_id),)
