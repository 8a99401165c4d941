"""The envelope: a pushed message as the body of its delivery, in JSON of our own."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from server.core.delivery import Delivery
from server.core.messages.idempotency import Claim
from server.core.model.pushed import KEPT_CHARACTERS, Pushed, Put
from server.errors import Malformed

PUT, DELETE = "message:put", "message:delete"
EVENTS = frozenset({PUT, DELETE})

AS_IS = ("order", "title", "level", "url", "silent", "mentions")


@dataclass(frozen=True, slots=True)
class Address:
    """The identity of a message: its id, caller, key and channel."""

    id: str
    token: str
    key: str
    channel: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class MessageFields:
    """The fields of a message that a caller pushes."""

    message: str
    title: str = ""
    level: str = ""
    url: str = ""
    silent: bool = False


def put_body(
    address: Address, fields: MessageFields, order: str, mentions: bool, claim: Claim | None = None
) -> bytes:
    """Write the body of a message's delivery."""
    return _body(
        **_values(address),
        **_values(fields),
        order=order,
        mentions=mentions,
        claim=None if claim is None else {"id": claim.id, "digest": claim.digest},
    )


def delete_body(address: Address, order: str) -> bytes:
    """Write the body of a removal's delivery."""
    return _body(**_values(address), order=order)


def read_push(delivery: Delivery) -> Pushed:
    """Return the message of a delivery; raise Malformed if it is not one of ours."""
    try:
        values = json.loads(delivery.body)
        blank = Pushed(*(values[name] for name in ("id", "token", "key", "channel", "channel_id")))
        if delivery.event == DELETE:
            return replace(blank, cleared=values["order"])
        return replace(blank, put=_put(values, delivery.id))
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed("not_a_message", "The delivery holds no message.") from error


def whole_text(body: bytes) -> str:
    """Return the text of a message from the body of its delivery, however long."""
    return str(json.loads(body)["message"])


def claim_of(delivery: Delivery) -> Claim | None:
    """Return the claim that a delivery was kept with; None if it had no Idempotency-Key."""
    if delivery.event != PUT:
        return None
    values = json.loads(delivery.body)
    if not values["claim"]:
        return None
    claim = values["claim"]
    return Claim(claim["id"], claim["digest"], values["id"], delivery.id, delivery.received_at)


def _put(values: dict[str, Any], delivery_id: str) -> Put:
    text = values["message"]
    put = Put(
        text=text[:KEPT_CHARACTERS], length=len(text), **{name: values[name] for name in AS_IS}
    )
    if len(text) <= KEPT_CHARACTERS:
        return put
    return replace(put, digest=hashlib.sha256(text.encode()).hexdigest(), whole=delivery_id)


def _values(record: Address | MessageFields) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _body(**values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()
