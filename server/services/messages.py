"""Pushed messages: authenticate the caller, store what it wants, and report what became of it."""

import hashlib
import json
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from server.core.delivery import Delivery
from server.core.messages.envelope import (
    DELETE,
    PUT,
    Address,
    MessageFields,
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
from server.services.ports import Cards, MessageDeliveries, SpooledMessages

log = logging.getLogger(__name__)

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MessageService:
    """What a caller of /messages can do; each method may raise PushRefused or StoreUnavailable."""

    tokens: Sequence[Token]
    channels: Mapping[str, str]  # ids by name
    take: Callable[[str, float], float]  # count a request; the seconds to wait, or 0
    inbox: DurableInbox
    deliveries: MessageDeliveries
    spool: SpooledMessages
    cards: Cards
    guild_id: str  # for links; "" is not known
    random_hex: Callable[[int], str]  # this many random bytes, in hexadecimal

    def authenticate(self, authorization: str) -> Token:
        """Return the token of an Authorization header."""
        scheme, _, shown = authorization.partition(" ")
        token = identify(self.tokens, shown.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise PushRefused(
                401,
                "no_token" if not authorization else "bad_token",
                "Send the header Authorization: Bearer, with a token of MESSAGES_TOKENS.",
                {"WWW-Authenticate": "Bearer"},
            )
        return token

    def count(self, token: Token, now: datetime) -> None:
        """Count one request of a token, and refuse it when the token has sent too many."""
        wait = self.take(token.name, now.timestamp())
        if wait:
            seconds = math.ceil(wait)
            raise PushRefused(
                429,
                "too_many",
                f"The token {token.name} has sent too many in a minute; try again in {seconds} s.",
                {"Retry-After": str(seconds)},
            )

    def post(
        self, token: Token, fields: MessageFields, channel: str, key: str, now: datetime
    ) -> Answer:
        """Store a message that is shown once; *key* is an Idempotency-Key or ""."""
        channel, channel_id = self._channel(token, channel)
        order = order_of(now, self.random_hex(4))
        if not key:
            address = Address(self.random_hex(12), token.name, "", channel, channel_id)
            body = put_body(address, fields, order, token.may_mention)
            self.inbox.keep(Delivery(_post_id(address), PUT, body, now))
            return _accepted(address)
        digest = _digest(fields, channel)
        identity = message_id("post", token.name, key, digest, now.date().isoformat())
        address = Address(identity, token.name, "", channel, channel_id)
        claim_id = message_id("key", token.name, key)
        claim = Claim(claim_id, digest, address.id, _post_id(address), now)
        body = put_body(address, fields, order, token.may_mention, claim)
        standing = self.inbox.keep_claimed(Delivery(_post_id(address), PUT, body, now), claim)
        if standing.digest != digest:
            raise PushRefused(
                409, "key_taken", "This Idempotency-Key was used for something else within a day."
            )
        return {"id": standing.message_id, "channel": channel}

    def put(
        self, token: Token, key: str, fields: MessageFields, channel: str, now: datetime
    ) -> Answer:
        """Store what the message of the caller's own *key* shows from now on."""
        address, order = self._next(token, key, channel, now)
        body = put_body(address, fields, order, token.may_mention)
        self.inbox.keep(Delivery(_prefix(address) + order, PUT, body, now))
        return _accepted(address)

    def delete(self, token: Token, key: str, channel: str, now: datetime) -> Answer:
        """Store that the message of the caller's own *key* is to be removed."""
        address, order = self._next(token, key, channel, now)
        body = delete_body(address, order)
        self.inbox.keep(Delivery(_prefix(address) + order, DELETE, body, now))
        return _accepted(address)

    def status(self, token: Token, identity: str) -> Answer:
        """Return what became of a message of this token's."""
        prefix = delivery_prefix(identity, token.name)
        waiting = self.spool.find_beginning(prefix)
        try:
            waiting = waiting or self.deliveries.pending_of(prefix)
            card = self.cards.find([f"message/{identity}"]).get(f"message/{identity}")
        except StoreUnavailable:
            if waiting is None:
                raise
            card = None
        answer = message_status(card, token.name, waiting is not None, self.guild_id)
        if answer is not None:
            return answer
        if waiting is not None:
            return {"id": identity, "channel": read_push(waiting).channel, "status": "waiting"}
        if (failed := self.deliveries.failed_of(prefix)) is not None:
            channel, reason = read_push(failed[0]).channel, failed[1]
            return {"id": identity, "channel": channel, "status": "dropped", "reason": reason}
        raise PushRefused(404, "unknown_message", "No message of this token has this id.")

    def _channel(self, token: Token, channel: str) -> tuple[str, str]:
        """Return the name and the id of the channel that a caller means."""
        name = channel or token.home()
        own = [known for known in self.channels if token.may_write(known)]
        if name not in own:
            raise PushRefused(
                403,
                "not_your_channel",
                f"The token {token.name} may not write to {name[:50]!r}, but to: {', '.join(own)}.",
            )
        return name, self.channels[name]

    def _next(self, token: Token, key: str, channel: str, now: datetime) -> tuple[Address, str]:
        """Return the message of a key, and an order after all that is known of it."""
        name, channel_id = self._channel(token, channel)
        identity = message_id("put", token.name, key, name)
        address = Address(identity, token.name, key, name, channel_id)
        prefix = _prefix(address)

        def in_database() -> str:
            card = self.cards.find([f"message/{identity}"]).get(f"message/{identity}")
            shown = card.content.order if card and isinstance(card.content, Pushed) else ""
            return max(shown, self.deliveries.last_of(prefix).removeprefix(prefix))

        try:
            spooled = self.spool.last_of(prefix).removeprefix(prefix)
        except StoreUnavailable:
            spooled = ""
        known = max(spooled, self.inbox.read(in_database, default=""))
        return address, order_after(known, now, self.random_hex(4))


def _digest(fields: MessageFields, channel: str) -> str:
    canonical = json.dumps({**asdict(fields), "channel": channel}, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _prefix(address: Address) -> str:
    return delivery_prefix(address.id, address.token)


def _post_id(address: Address) -> str:
    return f"{_prefix(address)}post"


def _accepted(address: Address) -> Answer:
    log.info("Message taken.", extra={"token": address.token, "message_id": address.id})
    return {"id": address.id, "channel": address.channel}
