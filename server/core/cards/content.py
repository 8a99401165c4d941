"""Content: what a card shows, and the id of the card that shows it in a channel."""

from server.core.model.account import AccountEvent
from server.core.model.build import BuildState, build_identity
from server.core.model.pushed import IDENTITY_PREFIX, Pushed

Content = BuildState | AccountEvent | Pushed


def card_id(content: Content, channel_id: str) -> str:
    """Name the card of *content* in a channel; the same for every report of the same thing."""
    return _in_channel(content.identity, channel_id)


def build_card_id(host: str, build_id: int, channel_id: str) -> str:
    """Name the card of a build in a channel, by what a button of it knows."""
    return _in_channel(build_identity(host, build_id), channel_id)


def family_of(card_id: str) -> str:
    """Return the identity that cards in several channels share, "" for that of a pushed message."""
    return "" if card_id.startswith(IDENTITY_PREFIX) else card_id.rpartition("/")[0]


def _in_channel(identity: str, channel_id: str) -> str:
    """Add the channel; a pushed message has one card, which may change its channel."""
    return identity if identity.startswith(IDENTITY_PREFIX) else f"{identity}/{channel_id}"
