"""The settings of interactions: whose are answered, and what is wrong with what is set."""

from collections.abc import Mapping

import pytest

from runtime.errors import SettingsError
from server.config.settings import (
    InteractionSettings,
    read_registration,
    read_server,
    read_worker,
)

KEY = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
APPLICATION = "1100000000000000001"
GUILD = "1100000000000000100"
CHANNEL = "1100000000000000010"
ROLES = "400000000000000001, 400000000000000002,"
GOOD = {
    "DRONE_WEBHOOK_SECRET": "s3cret",
    "DISCORD_PUBLIC_KEY": KEY,
    "DISCORD_APPLICATION_ID": APPLICATION,
    "DISCORD_GUILD_ID": GUILD,
}
WORKER = {"DISCORD_TOKEN": "t0ken", "DISCORD_CHANNEL_ID": CHANNEL}
DRONE = {"DRONE_SERVER": "https://drone.example.com", "DRONE_TOKEN": "t0ken"}


def problems_of(values: Mapping[str, str]) -> list[str]:
    """Return what is wrong for the server, [] if nothing is."""
    try:
        read_server(values)
    except SettingsError as error:
        return list(error.problems)
    return []


def test_nobodys_interactions_are_answered_by_default() -> None:
    settings = read_server({"DRONE_WEBHOOK_SECRET": "s3cret"}).interactions

    assert settings == InteractionSettings()


def test_all_settings_are_taken() -> None:
    values = {**GOOD, "DISCORD_OPERATOR_ROLE_IDS": ROLES, "DISCORD_CHANNEL_ID": CHANNEL}

    assert read_server(values).interactions == InteractionSettings(
        public_key=KEY,
        application_id=APPLICATION,
        guild_id=GUILD,
        channel_id=CHANNEL,
        operator_role_ids=frozenset({"400000000000000001", "400000000000000002"}),
    )


def test_the_channel_stands_for_a_server_that_is_not_known() -> None:
    assert problems_of({**GOOD, "DISCORD_GUILD_ID": "", "DISCORD_CHANNEL_ID": CHANNEL}) == []


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a short key": (
        {"DISCORD_PUBLIC_KEY": KEY[1:]},
        "DISCORD_PUBLIC_KEY must be the 64 hexadecimal digits on your application's page "
        "General Information at discord.com/developers.",
    ),
    "no application": (
        {"DISCORD_APPLICATION_ID": ""},
        "DISCORD_PUBLIC_KEY needs DISCORD_APPLICATION_ID, which stands on the same page.",
    ),
    "an application's name": (
        {"DISCORD_APPLICATION_ID": "drone"},
        "DISCORD_APPLICATION_ID must be an id of 17 to 20 digits.",
    ),
    "no place": (
        {"DISCORD_GUILD_ID": ""},
        "DISCORD_PUBLIC_KEY needs DISCORD_GUILD_ID or DISCORD_CHANNEL_ID: without either, "
        "whoever invites the bot to another server could act on your builds.",
    ),
    "a role's name": (
        {"DISCORD_OPERATOR_ROLE_IDS": "400000000000000001,admins"},
        "DISCORD_OPERATOR_ROLE_IDS must be ids of 17 to 20 digits with commas between them.",
    ),
}


@pytest.mark.parametrize(("values", "problem"), WRONG.values(), ids=WRONG)
def test_a_problem_is_named(values: dict[str, str], problem: str) -> None:
    assert problems_of({**GOOD, **values}) == [problem]


CONTROLS = {
    "both": ({**DRONE, "DISCORD_PUBLIC_KEY": KEY}, True),
    "no key": (DRONE, False),
    "no Drone": ({"DISCORD_PUBLIC_KEY": KEY}, False),
}


@pytest.mark.parametrize(("values", "has_controls"), CONTROLS.values(), ids=CONTROLS)
def test_cards_have_buttons_with(values: dict[str, str], has_controls: bool) -> None:
    assert read_worker({**WORKER, **values}).has_controls is has_controls


def test_registering_needs_an_application_and_a_token() -> None:
    with pytest.raises(SettingsError) as error:
        read_registration({})
    assert error.value.problems == (
        "DISCORD_APPLICATION_ID is missing: copy it from your application's page General "
        "Information.",
        "DISCORD_TOKEN is missing: copy it from your application's page Bot at "
        "discord.com/developers.",
    )


def test_registering_needs_an_id() -> None:
    with pytest.raises(SettingsError) as error:
        read_registration({"DISCORD_APPLICATION_ID": "drone", "DISCORD_TOKEN": "t"})
    assert error.value.problems == ("DISCORD_APPLICATION_ID must be an id of 17 to 20 digits.",)
