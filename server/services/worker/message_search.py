"""Message search: find the message that a create of unknown outcome may have made."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.core.cards.attempt import snowflake_at
from server.core.cards.card import Card
from server.core.cards.recovery import CLOCK_SLACK, candidates, newest_own
from server.core.discord.answers import UNKNOWN_MESSAGE, error_code
from server.core.discord.objects import read_list, read_user
from server.core.http_answer import Answer
from server.core.render.message import Message
from server.services.ports import Cards, Discord
from server.services.worker.display import DisplayConfig, render_card

log = logging.getLogger(__name__)

NO_MESSAGE = "1"  # an id that Discord never gave


@dataclass(frozen=True, slots=True)
class Search:
    """How to find a message that a lost create may have made."""

    after: str  # among those younger than this id
    # What other cards without a known message would send; only read when something looks alike.
    rivals: Callable[[], Sequence[Mapping[str, Any]]]
    owned: Callable[[Sequence[str]], set[str]]  # which messages are other cards'


def search_for(card: Card, since: datetime, cards: Cards, display: DisplayConfig) -> Search:
    """Return how to find the message of a card whose create began at *since*."""

    def rivals() -> list[Message]:
        bodies = []
        for other in cards.unsure(card.channel_id):
            with suppress(Exception):  # what cannot be rendered is dropped when it is sent
                bodies += [render_card(other, display).message] if other.id != card.id else []
        return bodies

    return Search(snowflake_at(since - CLOCK_SLACK), rivals, cards.owned)


def look(
    card_id: str, channel_id: str, body: Mapping[str, Any], search: Search, discord: Discord
) -> Answer | None:
    """Look for a message that a lost create has made; None if there is none, or no way to look."""
    me = discord.who_am_i()
    listed = discord.recent_messages(channel_id, search.after)
    variables = {"card": card_id, "status": listed.status}
    items = read_list(listed) or []
    # Without Read Message History every channel looks empty, and one message is refused.
    # https://docs.discord.com/developers/resources/message#get-channel-message
    nothing = None if items else discord.find_message(channel_id, NO_MESSAGE)
    for answer in (me, listed, nothing):
        if answer and (answer.status in (0, 401, 429) or answer.status >= 500):
            return answer  # no way to look now, so the create waits as well
    may_read = nothing is None or error_code(nothing) == UNKNOWN_MESSAGE
    bot = read_user(me)
    if bot is None or listed.status != 200 or not may_read:
        log.warning("The channel cannot be searched for a lost message.", extra=variables)
        return None
    found = ""
    if alike := candidates(items, bot.id, body):
        alike = candidates(items, bot.id, body, search.rivals())
        found = newest_own(alike, search.owned(alike))
    if not found:
        log.info("No lost message of ours was found; it is created anew.", extra=variables)
        return None
    log.info("A message of ours was found and is used.", extra={**variables, "message_id": found})
    return Answer(200, {}, {"id": found})
