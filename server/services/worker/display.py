"""Display: how cards are rendered, with what the rendering was made from."""

from dataclasses import dataclass
from datetime import timedelta

from server.core.cards.card import LAST_DEGRADATION, Card
from server.core.cards.content import Content
from server.core.cards.move import Trial
from server.core.render.message import Message, degraded, fingerprint, render

# How often a card is read again when another process wrote it in between.
TRIES = 5


@dataclass(frozen=True, slots=True)
class DisplayConfig:
    """How and where things are shown."""

    channel_id: str  # the default one
    public_url: str  # what links point at; "" leaves it to what Drone calls itself
    edit_interval: timedelta
    has_controls: bool = False  # whether cards have buttons to act on their builds


@dataclass(frozen=True, slots=True)
class Rendered:
    """A body, its fingerprint, and all of the card that it was made from."""

    message: Message
    fingerprint: str
    content: Content
    level: int  # of degradation
    with_file: bool


def render_card(card: Card, display: DisplayConfig, known: Rendered | None = None) -> Rendered:
    """Return the body that the card should show; *known* again if nothing of it has changed."""
    with_file = not card.without_file and card.trial < Trial.WITHOUT_FILE
    level = LAST_DEGRADATION if card.trial >= Trial.PLAIN else card.degradation
    made_from = (card.content, level, with_file)
    if known is not None and made_from == (known.content, known.level, known.with_file):
        return known
    whole = render(card.content, display.public_url, display.has_controls, with_file)
    message = degraded(whole, level)
    return Rendered(message, fingerprint(message), *made_from)
