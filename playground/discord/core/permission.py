"""Compute what a member may do in a channel, from roles and overwrites (topics/permissions)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    """Name the permissions a notifier meets."""

    ADMINISTRATOR = 1 << 3
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYTHING = ~Permission(0)
# What denying SEND_MESSAGES takes away with it.
_NEED_SENDING = Permission.EMBED_LINKS | Permission.ATTACH_FILES | Permission.MENTION_EVERYONE


@dataclass(frozen=True, slots=True)
class Overwrite:
    """Hold what one channel allows and denies to one role or member."""

    id: str
    type: int  # 0 role, 1 member
    allow: int = 0
    deny: int = 0

    def to_json(self) -> dict[str, object]:
        """Show it as Discord does, bitsets as text."""
        return {
            "id": self.id,
            "type": self.type,
            "allow": str(self.allow),
            "deny": str(self.deny),
        }


def permissions_in(
    *,
    base: int,
    overwrites: Iterable[Overwrite],
    everyone_id: str,
    role_ids: frozenset[str],
    member_id: str,
    sending: Permission = Permission.SEND_MESSAGES,
) -> Permission:
    """Apply a channel's overwrites to *base*: everyone's, then the roles', then the member's.

    *sending* is what one needs to write there: in a thread, SEND_MESSAGES_IN_THREADS alone.
    """
    if base & Permission.ADMINISTRATOR:
        return EVERYTHING
    every = list(overwrites)
    result = base
    for group in (
        [one for one in every if one.type == 0 and one.id == everyone_id],
        [one for one in every if one.type == 0 and one.id in role_ids and one.id != everyone_id],
        [one for one in every if one.type == 1 and one.id == member_id],
    ):
        for one in group:
            result &= ~one.deny
        for one in group:
            result |= one.allow
    if not result & Permission.VIEW_CHANNEL:
        return Permission(0)
    if not result & sending:
        result &= ~_NEED_SENDING
    return Permission(result)
