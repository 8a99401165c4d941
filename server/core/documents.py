"""How cards and deliveries look in the store.

Builds keep Drone's own shape there, so that one reader serves webhooks, the API and the store, and
an older document that lacks a newer field reads as if Drone had not sent it.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from server.core.cards.card import Card
from server.core.cards.content import Content, family_of
from server.core.cards.move import MoveKind, Urgency
from server.core.cards.send_queue import QueueEntry
from server.core.drone.body import build_body
from server.core.drone.payload import read_state, system_of
from server.core.json_reader import Json, flag, integer, table, text
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState
from server.core.model.pushed import read_pushed

# Every field that is stored as it is, with what it is when absent.
CARD_FIELDS = {
    field.name: field.default
    for field in fields(Card)
    if field.name not in ("id", "content", "urgency", "move")
}
INSTANTS = tuple(name for name in CARD_FIELDS if name.endswith(("_at", "_since")))

# What a waiting card's document has to give for its place among those that wait.
ENTRY_FIELDS = (
    *("channel_id", "urgency", "due_at", "move", "message_at", "created_at"),
    *("content.token", "content.put.order", "content.cleared"),
)


def card_document(card: Card) -> dict[str, Any]:
    """Return the document of a card; what has its default is left out, for partial indexes."""
    return {
        "_id": card.id,
        **{
            name: value
            for name, default in CARD_FIELDS.items()
            if (value := getattr(card, name)) != default
        },
        **({"family": family} if (family := family_of(card.id)) else {}),
        **({} if card.content.is_ended else {"is_open": True}),
        **({} if card.due_at is None else {"is_due": True}),
        "urgency": int(card.urgency),
        "move": card.move.value,
        "content": content_document(card.content),
    }


def storable(card: Card) -> Card:
    """Return the card as it comes back: a store keeps instants in whole milliseconds."""
    instants = {name: getattr(card, name) for name in INSTANTS}
    return replace(
        card,
        **{
            name: instant.replace(microsecond=instant.microsecond // 1000 * 1000)
            for name, instant in instants.items()
            if instant is not None
        },
    )


def read_card(document: Mapping[str, Any]) -> Card:
    """Return the card that a document holds."""
    known = {name: document[name] for name in CARD_FIELDS if name in document}
    return Card(
        id=document["_id"],
        content=_read_content(document["content"]),
        urgency=Urgency(document["urgency"]),
        move=MoveKind(document.get("move", MoveKind.NOTHING)),
        **known,
    )


def read_entry(document: Mapping[str, Any]) -> QueueEntry:
    """Return what a document says of the wait of its card; it needs no more than ENTRY_FIELDS."""
    content = document.get("content", {})
    put = content.get("put") or {}
    return QueueEntry(
        card_id=document["_id"],
        channel_id=document["channel_id"],
        urgency=Urgency(document["urgency"]),
        due_at=document["due_at"],
        move=MoveKind(document.get("move", MoveKind.NOTHING)),
        message_at=document.get("message_at"),
        sender=content.get("token", ""),
        order=max(put.get("order", ""), content.get("cleared", "")),
        created_at=document.get("created_at"),
    )


def content_document(content: Content) -> dict[str, Any]:
    """Return what a card shows, a build in Drone's own shape."""
    return build_body(content) if isinstance(content, BuildState) else asdict(content)


def _read_content(document: Json) -> Content:
    if "build" in document:
        return read_state(document)
    if "cleared" in document:
        return read_pushed(document)
    system = table(document, "system") or {}
    return AccountEvent(
        event=text(document, "event"),
        system=system_of(system),
        subject_id=integer(document, "subject_id"),
        version=integer(document, "version"),
        name=text(document, "name"),
        actor=text(document, "actor"),
        link=text(document, "link"),
        avatar=text(document, "avatar"),
        is_admin=flag(document, "is_admin"),
        is_machine=flag(document, "is_machine"),
    )
