"""Reading interactions: what a person did, whatever the JSON looks like."""

from typing import Any

import pytest
from discord_signing import APPLICATION, GUILD, PERSON, ROLE, command, interaction, member
from fakes import CHANNEL
from hypothesis import given
from hypothesis import strategies as st

from runtime.secret import Secret
from server.core.interactions.authorization import (
    Rights,
    may_act,
    refusal_of_action,
    refusal_of_place,
)
from server.core.interactions.request import (
    AutocompleteRequest,
    ButtonPress,
    Command,
    Member,
    Origin,
    Ping,
    read_interaction,
)
from server.errors import Malformed

ADA = Member(PERSON, "Ada", 0, frozenset())
ORIGIN = Origin("500000000000000001", APPLICATION, GUILD, CHANNEL, ADA, Secret("token-of-1"))


def test_a_ping_is_read() -> None:
    assert read_interaction({"type": 1}) == Ping()


def test_a_command_is_read_with_its_options() -> None:
    data = command("promote", repo="acme/shop", number=42, target="production")

    read = read_interaction(interaction(2, CHANNEL, data=data))

    options = {"repo": "acme/shop", "number": 42, "target": "production"}
    assert read == Command(ORIGIN, "promote", options)


def test_a_command_that_is_typed_is_read_with_what_wants_suggestions() -> None:
    data = command("build", focused="number", repo="acme/shop", number="4")

    read = read_interaction(interaction(4, CHANNEL, data=data))

    options = {"repo": "acme/shop", "number": "4"}
    assert read == AutocompleteRequest(ORIGIN, "build", options, "number", "4")


def test_a_press_is_read() -> None:
    data = {"custom_id": "build:cancel:7:drone", "component_type": 2}

    assert read_interaction(interaction(3, CHANNEL, data=data)) == ButtonPress(
        ORIGIN, "build:cancel:7:drone"
    )


def test_a_command_without_a_subcommand_has_no_name() -> None:
    data = {"name": "drone", "options": [{"name": "repo", "type": 3, "value": "a/b"}]}

    assert read_interaction(interaction(2, CHANNEL, data=data)) == Command(ORIGIN, "", {})


def test_the_token_is_not_shown() -> None:
    assert "token-of-1" not in repr(read_interaction(interaction(3, CHANNEL)))


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "a modal": (interaction(5, CHANNEL), "unknown_interaction"),
    "no type": ({"id": "1"}, "unknown_interaction"),
    "a type in words": (interaction(2, CHANNEL, type="2"), "unknown_interaction"),
    "true for a type": (interaction(2, CHANNEL, type=True), "unknown_interaction"),
    "no id": (interaction(2, CHANNEL, id=""), "no_interaction_id"),
    "an id in words": (interaction(2, CHANNEL, id="1/2"), "no_interaction_id"),
    "no token": (interaction(2, CHANNEL, token=None), "no_interaction_id"),
    "a token that leaves its place": (
        interaction(2, CHANNEL, token="../../x"),
        "no_interaction_id",
    ),
}


@pytest.mark.parametrize(("payload", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_it_is_malformed_with(payload: dict[str, Any], reason: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_interaction(payload)
    assert refusal.value.reason == reason


NAMES: dict[str, tuple[dict[str, Any], str]] = {
    "a nick": ({"nick": "Countess"}, "Countess"),
    "no nick": ({}, "Ada"),
    "a blank nick": ({"nick": " "}, "Ada"),
    "a user name alone": ({"user": {"id": PERSON, "username": "ada"}}, "ada"),
    "no name at all": ({"user": {"id": PERSON}}, PERSON),
}


@pytest.mark.parametrize(("parts", "name"), NAMES.values(), ids=NAMES)
def test_a_person_with(parts: dict[str, Any], name: str) -> None:
    read = read_interaction(interaction(3, CHANNEL, member={**member(), **parts}))

    assert isinstance(read, ButtonPress)
    assert read.origin.member is not None
    assert read.origin.member.name == name


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
ODD = st.fixed_dictionaries(
    {"type": st.sampled_from([2, 3, 4]), "id": st.just("1"), "token": st.just("t")},
    optional={
        "data": st.fixed_dictionaries(
            {},
            optional={
                "custom_id": ANYTHING,
                "options": ANYTHING
                | st.lists(
                    st.fixed_dictionaries(
                        {"type": st.just(1)}, optional={"name": ANYTHING, "options": ANYTHING}
                    ),
                    max_size=2,
                ),
            },
        )
        | ANYTHING,
        "member": st.fixed_dictionaries(
            {"user": st.fixed_dictionaries({"id": st.just("2")}, optional={"username": ANYTHING})},
            optional={"permissions": ANYTHING, "roles": ANYTHING, "nick": ANYTHING},
        )
        | ANYTHING,
        "guild_id": ANYTHING,
        "channel_id": ANYTHING,
    },
)


@given(ODD)
def test_whatever_else_it_holds_it_is_read(payload: dict[str, Any]) -> None:
    assert isinstance(read_interaction(payload), Command | ButtonPress | AutocompleteRequest)


# -- Who may ----------------------------------------------------------------------------------

MAY = {
    "nothing": (0, (), False),
    "everything but": (~(1 << 3 | 1 << 5) & (1 << 53) - 1, (), False),
    "Manage Server": (1 << 5, (), True),
    "Administrator": (1 << 3, (), True),
    "an operator's role": (0, (ROLE,), True),
    "another role": (0, ("400000000000000009",), False),
}


@pytest.mark.parametrize(("bits", "roles", "may"), MAY.values(), ids=MAY)
def test_a_member_may_act_with(bits: int, roles: tuple[str, ...], may: bool) -> None:
    who = Member(PERSON, "Ada", bits, frozenset(roles))

    assert may_act(who, Rights(GUILD, CHANNEL, frozenset({ROLE}))) is may


def test_a_refused_member_learns_which_rights_acting_takes() -> None:
    said = "You may look, but not act: that takes the permission Manage Server"

    roles = Rights(GUILD, CHANNEL, frozenset({"2", "1"}))
    assert refusal_of_action(Rights(GUILD, CHANNEL)) == f"{said}."
    assert refusal_of_action(roles) == f"{said} or one of these roles: <@&1>, <@&2>."


PLACES = {
    "at home": (Rights(GUILD, ""), GUILD, CHANNEL, ADA, ""),
    "in another server": (Rights(GUILD, ""), "2", CHANNEL, ADA, "This bridge belongs to another"),
    "in the cards' channel": (Rights("", CHANNEL), GUILD, CHANNEL, ADA, ""),
    "elsewhere, with the server unknown": (
        Rights("", CHANNEL),
        GUILD,
        "3",
        ADA,
        "This works in <#",
    ),
    "in a direct message": (Rights(GUILD, ""), "", CHANNEL, None, "This works in a server's"),
    "as a user's app": (Rights("", CHANNEL), "", CHANNEL, ADA, "This works in a server's"),
}


@pytest.mark.parametrize(("rights", "guild", "channel", "who", "said"), PLACES.values(), ids=PLACES)
def test_it_is_answered(rights: Rights, guild: str, channel: str, who: Any, said: str) -> None:
    origin = Origin("1", APPLICATION, guild, channel, who, Secret("t"))

    reason = refusal_of_place(origin, rights)

    assert reason.startswith(said)
    assert bool(reason) is bool(said)
