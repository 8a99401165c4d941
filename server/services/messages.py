"""Take a pushed message in: know the caller, keep what it wants, and tell what became of it."""

import hashlib
import json
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from server.core.delivery import Delivery
from server.core.messages.envelope import (
    DELETE,
    PUT,
    Address,
    Said,
    delete_body,
    put_body,
    read_push,
)
from server.core.messages.idempotency import Claim
from server.core.messages.status import message_status
from server.core.messages.tokens import Token, identify
from server.core.model.pushed import Pushed, delivery_prefix, message_id, order_after, order_of
from server.errors import PushRefused, StoreUnavailable
from server.services.intake.receive import DurableInbox
from server.services.ports import Cards

log = logging.getLogger(__name__)


class Found(Protocol):
    """What the database knows of deliveries of messages; may raise StoreUnavailable."""

    def pending_of(self, prefix: str) -> Delivery | None:
        """Return a delivery that waits to be merged and whose id begins with *prefix*."""

    def failed_of(self, prefix: str) -> tuple[Delivery, str] | None:
        """Return a delivery that was put aside, with the reason."""

    def last_of(self, prefix: str) -> str:
        """Return the last id that begins with *prefix*, or ""."""


class Spooled(Protocol):
    """The spool, as far as looking for a message needs it."""

    def find_beginning(self, prefix: str) -> Delivery | None:
        """Return a delivery whose id begins with *prefix*."""

    def last_of(self, prefix: str) -> str:
        """Return the last id that begins with *prefix*, or ""."""


@dataclass(frozen=True, slots=True)
class Records:
    """Everywhere a message can be on its way."""

    found: Found
    cards: Cards
    spool: Spooled


@dataclass(frozen=True, slots=True)
class MessageService:
    """Who may push, where to, how often, and where it is kept."""

    tokens: Sequence[Token]
    channels: Mapping[str, str]  # ids by name
    keeper: DurableInbox
    take: Callable[[str, float], float]  # count a request; the seconds to wait, or 0
    records: Records
    guild_id: str  # for links; "" is not known
    chance: Callable[[int], str]  # so many random bytes, in hexadecimal


Answer = dict[str, Any]


def enter(desk: MessageService, authorization: str) -> Token:
    """Return whose token an Authorization header has; raise PushRefused."""
    scheme, _, shown = authorization.partition(" ")
    token = identify(desk.tokens, shown.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise PushRefused(
            401,
            "no_token" if not authorization else "bad_token",
            "Send the header Authorization: Bearer, with a token of MESSAGES_TOKENS.",
            {"WWW-Authenticate": "Bearer"},
        )
    return token


def count(desk: MessageService, token: Token, now: datetime) -> None:
    """Count one request of a token; raise PushRefused when it has sent too many."""
    wait = desk.take(token.name, now.timestamp())
    if wait:
        seconds = math.ceil(wait)
        raise PushRefused(
            429,
            "too_many",
            f"The token {token.name} has sent too many in a minute; try again in {seconds} s.",
            {"Retry-After": str(seconds)},
        )


def post(
    desk: MessageService, token: Token, said: Said, channel: str, key: str, now: datetime
) -> Answer:
    """Keep a message to be shown once; *key* is an Idempotency-Key or "". Raise PushRefused."""
    channel, channel_id = _channel(desk, token, channel)
    order = order_of(now, desk.chance(4))
    if not key:
        address = Address(desk.chance(12), token.name, "", channel, channel_id)
        body = put_body(address, said, order, token.may_mention)
        desk.keeper.keep(Delivery(_once(address), PUT, body, now))
        return _accepted(address)
    digest = _digest(said, channel)
    day = now.date().isoformat()
    address = Address(
        message_id("post", token.name, key, digest, day), token.name, "", channel, channel_id
    )
    claim = Claim(message_id("key", token.name, key), digest, address.id, _once(address), now)
    body = put_body(address, said, order, token.may_mention, claim)
    standing = desk.keeper.keep_claimed(Delivery(_once(address), PUT, body, now), claim)
    if standing.digest != digest:
        raise PushRefused(
            409, "key_taken", "This Idempotency-Key was used for something else within a day."
        )
    return {"id": standing.message_id, "channel": channel}


def put(
    desk: MessageService, token: Token, key: str, said: Said, channel: str, now: datetime
) -> Answer:
    """Keep what the message of the caller's own *key* should say now. Raise PushRefused."""
    address = _keyed(desk, token, key, channel)
    order = _next_order(desk, address, now)
    body = put_body(address, said, order, token.may_mention)
    desk.keeper.keep(Delivery(_prefix(address) + order, PUT, body, now))
    return _accepted(address)


def delete(desk: MessageService, token: Token, key: str, channel: str, now: datetime) -> Answer:
    """Keep that the message of the caller's own *key* is to be removed. Raise PushRefused."""
    address = _keyed(desk, token, key, channel)
    order = _next_order(desk, address, now)
    desk.keeper.keep(Delivery(_prefix(address) + order, DELETE, delete_body(address, order), now))
    return _accepted(address)


def look(desk: MessageService, token: Token, identity: str) -> Answer:
    """Tell what became of a message of this token's; raise PushRefused, StoreUnavailable."""
    prefix = delivery_prefix(identity, token.name)
    waiting = desk.records.spool.find_beginning(prefix)
    try:
        waiting = waiting or desk.records.found.pending_of(prefix)
        card = desk.records.cards.find([f"message/{identity}"]).get(f"message/{identity}")
    except StoreUnavailable:
        if waiting is None:
            raise
        card = None
    if (answer := message_status(card, token.name, waiting is not None, desk.guild_id)) is not None:
        return answer
    if waiting is not None:
        return {"id": identity, "channel": read_push(waiting).channel, "status": "waiting"}
    if (failed := desk.records.found.failed_of(prefix)) is not None:
        channel, reason = read_push(failed[0]).channel, failed[1]
        return {"id": identity, "channel": channel, "status": "dropped", "reason": reason}
    raise PushRefused(404, "unknown_message", "No message of this token has this id.")


def _channel(desk: MessageService, token: Token, channel: str) -> tuple[str, str]:
    """Return the name and the id of the channel that a caller means."""
    name = channel or token.home()
    own = [known for known in desk.channels if token.may_write(known)]
    if name not in own:
        raise PushRefused(
            403,
            "not_your_channel",
            f"The token {token.name} may not write to {name[:50]!r}, but to: {', '.join(own)}.",
        )
    return name, desk.channels[name]


def _keyed(desk: MessageService, token: Token, key: str, channel: str) -> Address:
    name, channel_id = _channel(desk, token, channel)
    return Address(message_id("put", token.name, key, name), token.name, key, name, channel_id)


def _next_order(desk: MessageService, address: Address, now: datetime) -> str:
    """Return an order after all that is known of a message, here and in the database."""
    prefix = _prefix(address)

    def in_database() -> str:
        card = desk.records.cards.find([f"message/{address.id}"]).get(f"message/{address.id}")
        shown = card.content.order if card and isinstance(card.content, Pushed) else ""
        return max(shown, desk.records.found.last_of(prefix).removeprefix(prefix))

    try:
        spooled = desk.records.spool.last_of(prefix).removeprefix(prefix)
    except StoreUnavailable:
        spooled = ""
    known = max(spooled, desk.keeper.glance(in_database, default=""))
    return order_after(known, now, desk.chance(4))


def _digest(said: Said, channel: str) -> str:
    canonical = json.dumps({**asdict(said), "channel": channel}, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _prefix(address: Address) -> str:
    return delivery_prefix(address.id, address.token)


def _once(address: Address) -> str:
    return f"{_prefix(address)}post"


def _accepted(address: Address) -> Answer:
    log.info("Message taken.", extra={"token": address.token, "message_id": address.id})
    return {"id": address.id, "channel": address.channel}
