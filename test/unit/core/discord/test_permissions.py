"""Permissions in a channel, after Discord's own rule."""

from typing import Any

import pytest

from server.core.discord.permissions import EVERYTHING, channel_permissions, names_of, needed

VIEW, SEND, EMBED, MANAGE = 1 << 10, 1 << 11, 1 << 14, 1 << 13
ADMINISTRATOR = 1 << 3

GUILD = {
    "id": "1",
    "owner_id": "9",
    "roles": [
        {"id": "1", "permissions": str(VIEW)},
        {"id": "2", "permissions": str(SEND)},
        {"id": "3", "permissions": str(ADMINISTRATOR)},
        {"id": "4", "permissions": "none"},
    ],
}


def overwrite(of: str, allow: int = 0, deny: int = 0) -> dict[str, str]:
    return {"id": of, "allow": str(allow), "deny": str(deny)}


GRANTED: dict[str, tuple[list[str], list[dict[str, str]], int]] = {
    "everyone's": ([], [], VIEW),
    "those of a role": (["2"], [], VIEW | SEND),
    "all of an administrator": (["3"], [overwrite("1", deny=VIEW)], EVERYTHING),
    "none of a role that says nonsense": (["4"], [], VIEW),
    "those that the channel gives everyone": ([], [overwrite("1", allow=SEND)], VIEW | SEND),
    "not those that the channel takes from everyone": (["2"], [overwrite("1", deny=VIEW)], SEND),
    "those that a role gives back": (
        ["2"],
        [overwrite("1", deny=VIEW), overwrite("2", allow=VIEW)],
        VIEW | SEND,
    ),
    "those that one role gives and another takes": (
        ["2", "4"],
        [overwrite("2", allow=EMBED), overwrite("4", deny=EMBED)],
        VIEW | SEND | EMBED,
    ),
    "not those of a role that the member lacks": ([], [overwrite("2", allow=SEND)], VIEW),
    "not those that the channel takes from the member": (
        ["2"],
        [overwrite("2", allow=SEND | EMBED), overwrite("5", allow=MANAGE, deny=SEND)],
        VIEW | EMBED | MANAGE,
    ),
}


@pytest.mark.parametrize(("roles", "overwrites", "granted"), GRANTED.values(), ids=GRANTED)
def test_a_member_has_these_permissions(
    roles: list[str], overwrites: list[dict[str, str]], granted: int
) -> None:
    channel = {"permission_overwrites": overwrites}

    assert channel_permissions("5", GUILD, {"roles": roles}, channel) == granted


def test_the_owner_has_every_permission() -> None:
    channel = {"permission_overwrites": [overwrite("9", deny=VIEW)]}

    assert channel_permissions("9", GUILD, {"roles": []}, channel) == EVERYTHING


NOTHINGS: list[dict[str, Any]] = [{}, {"roles": None, "permission_overwrites": None, "id": None}]


@pytest.mark.parametrize("nothing", NOTHINGS, ids=["absent", "null"])
def test_without_roles_nothing_is_granted(nothing: dict[str, Any]) -> None:
    assert channel_permissions("5", nothing, nothing, nothing) == 0


NAMES = {
    "none": (0, []),
    "of what writing needs": (
        VIEW | SEND | EMBED,
        ["View Channel", "Send Messages", "Embed Links"],
    ),
    "without those that do not matter here": (MANAGE | (1 << 16), ["Read Message History"]),
}


@pytest.mark.parametrize(("bits", "names"), NAMES.values(), ids=NAMES)
def test_permissions_have_the_names_of_discords_settings(bits: int, names: list[str]) -> None:
    assert names_of(bits) == names


NEEDED = {
    "a channel": (False, ["View Channel", "Send Messages"]),
    "a thread": (True, ["View Channel", "Send Messages in Threads"]),
}


@pytest.mark.parametrize(("is_thread", "names"), NEEDED.values(), ids=NEEDED)
@pytest.mark.parametrize("with_files", [False, True])
def test_the_bot_needs_in(is_thread: bool, names: list[str], with_files: bool) -> None:
    bits = needed(is_thread=is_thread, with_files=with_files)

    files = ["Attach Files"] if with_files else []
    assert names_of(bits) == [*names, "Embed Links", *files, "Read Message History"]
