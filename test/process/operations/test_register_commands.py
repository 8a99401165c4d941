"""`register-commands` as a program, before Discord's stand-in."""

from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import requests
from programs import FLASK, execute

from playground.discord.options import APPLICATION_ID, CHANNEL_ID, GUILD_ID, TOKEN
from playground.discord.process import StandIn
from playground.discord.services.application import VERIFY_KEY

IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def register(discord: StandIn, *words: str, **environ: str) -> CompletedProcess[str]:
    """Run the command before the stand-in."""
    given = {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_APPLICATION_ID": APPLICATION_ID,
        "DISCORD_GUILD_ID": GUILD_ID,
        "DISCORD_API_BASE_URL": discord.api,
    }
    command = [*FLASK, "register-commands", *words]
    return execute(command, **{**given, **environ})


def puts(discord: StandIn) -> list[str]:
    return [one["path"] for one in discord.requests(method="PUT")]


def test_the_commands_are_registered_once(discord: StandIn) -> None:
    first, second = register(discord), register(discord)

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.splitlines()[0] == '+ /drone: "Look at builds and act on them"'
    assert first.stdout.splitlines()[-1] == f"The commands in the server {GUILD_ID} are registered."
    said = f"The commands in the server {GUILD_ID} are as they should be.\n"
    assert second.stdout == said
    assert len(puts(discord)) == 1


def test_a_dry_run_changes_nothing(discord: StandIn) -> None:
    run = register(discord, "--dry-run")

    assert run.stdout.splitlines()[-1] == f"Nothing was changed in the server {GUILD_ID}."
    assert puts(discord) == []


def test_they_are_registered_everywhere(discord: StandIn) -> None:
    first, second = register(discord, "--global"), register(discord, "--global")

    assert first.stdout.splitlines()[-1] == "The commands everywhere are registered."
    assert second.stdout == "The commands everywhere are as they should be.\n"


def test_a_file_has_no_colours(discord: StandIn) -> None:
    assert "\x1b" not in register(discord, "--dry-run").stdout


WRONG: dict[str, tuple[tuple[str, ...], Mapping[str, str], str]] = {
    "both": (("--global", "--guild", GUILD_ID), {}, "Say either --guild or --global."),
    "neither": ((), {"DISCORD_GUILD_ID": ""}, "Say --guild with a server's id, or --global."),
    "no id": (("--guild", "mine"), {}, "Say --guild with a server's id, or --global."),
    "another server": (
        ("--guild", "1100000000000000999"),
        {},
        "invite the bot with the scope applications.commands",
    ),
    "another application": (
        (),
        {"DISCORD_APPLICATION_ID": "1100000000000000999"},
        "check DISCORD_APPLICATION_ID",
    ),
    "nobody there": ((), {"DISCORD_API_BASE_URL": "http://127.0.0.1:9"}, "check the network"),
    "no settings": (
        (),
        {"DISCORD_APPLICATION_ID": "", "DISCORD_TOKEN": ""},
        "DISCORD_APPLICATION_ID is missing",
    ),
}


@pytest.mark.parametrize(("words", "environ", "said"), WRONG.values(), ids=WRONG)
def test_it_fails_with_what_to_do(
    stand_in: StandIn, words: tuple[str, ...], environ: Mapping[str, str], said: str
) -> None:
    stand_in.reset()

    run = register(stand_in, *words, **environ)

    assert run.returncode != 0
    assert said in run.stderr
    assert TOKEN not in run.stdout + run.stderr


def test_a_wrong_token_is_told(stand_in: StandIn) -> None:
    stand_in.reset()

    run = register(stand_in, DISCORD_TOKEN="an-old-token")

    assert "Discord refuses the token" in run.stderr
    assert "an-old-token" not in run.stdout + run.stderr


# -- The doctor -------------------------------------------------------------------------------


def doctor(discord: StandIn, folder: Path, **environ: str) -> str:
    given = {
        "DRONE_WEBHOOK_SECRET": "s3cret",
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_CHANNEL_ID": CHANNEL_ID,
        "DISCORD_API_BASE_URL": discord.api,
        "DISCORD_APPLICATION_ID": APPLICATION_ID,
        "DISCORD_PUBLIC_KEY": VERIFY_KEY,
        "MONGO_HOST": "127.0.0.1",
        "MONGO_PORT": "9",
        "SPOOL_PATH": str(folder / "spool.sqlite3"),
    }
    lines = execute([*FLASK, "doctor"], **{**given, **environ}).stdout.splitlines()
    return next(line for line in lines if "Interactions: " in line)


def test_the_doctor_sees_that_no_endpoint_is_set(discord: StandIn, tmp_path: Path) -> None:
    assert doctor(discord, tmp_path) == (
        "PROBLEM  Interactions: the application has no Interactions Endpoint URL. "
        "Put https://<this server>/interactions on its page General Information."
    )


def test_the_doctor_sees_another_key(discord: StandIn, tmp_path: Path) -> None:
    assert doctor(discord, tmp_path, DISCORD_PUBLIC_KEY="ab" * 32) == (
        "PROBLEM  Interactions: DISCORD_PUBLIC_KEY is not the application's. "
        f"Put {VERIFY_KEY} there."
    )


def test_the_doctor_sees_another_application(discord: StandIn, tmp_path: Path) -> None:
    assert doctor(discord, tmp_path, DISCORD_APPLICATION_ID="1100000000000000999") == (
        "PROBLEM  Interactions: DISCORD_APPLICATION_ID is not the application of DISCORD_TOKEN. "
        f"Put {APPLICATION_ID} there."
    )


def test_the_doctor_sees_that_all_is_well(discord: StandIn, tmp_path: Path) -> None:
    url = "https://bridge.example.org/interactions"
    requests.patch(
        f"{discord.api}/applications/@me",
        json={"interactions_endpoint_url": url},
        headers={"Authorization": f"Bot {TOKEN}", "User-Agent": "DiscordBot (https://x.org, 1)"},
        timeout=60,
    ).raise_for_status()

    assert doctor(discord, tmp_path) == (
        f"ok       Interactions: the key fits, and Discord sends them to {url}."
    )


def test_the_doctor_says_when_it_cannot_see_the_application(
    discord: StandIn, tmp_path: Path
) -> None:
    discord.add_fault("answer", status=503, route="/applications/@me", times=0)

    assert doctor(discord, tmp_path) == (
        "PROBLEM  Interactions: the application cannot be read (HTTP 503). Try again later."
    )


def test_a_limit_is_told(stand_in: StandIn) -> None:
    stand_in.reset()
    stand_in.add_fault("limit", retry_after=7.5, route=IN_GUILD)

    run = register(stand_in)

    assert "Discord wants a pause: try again in 7.5 s." in run.stderr
