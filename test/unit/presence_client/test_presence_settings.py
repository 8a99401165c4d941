"""The presence client's settings: every problem in one message, and no secret in any."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from stack import ROOT

from presence_client.settings import Settings, read
from runtime.errors import SettingsError
from runtime.log import LogSettings
from runtime.secret import Secret
from runtime.settings import PRESENCE, settings_of

TOKEN = "a-token-of-the-tests"
MINIMAL = {"DISCORD_TOKEN": TOKEN}


def test_a_token_is_enough() -> None:
    assert read(MINIMAL) == Settings(
        discord_token=Secret(TOKEN),
        discord_api_base_url="https://discord.com/api/v10",
        discord_gateway_url="",
        healthcheck_url="http://localhost:5000/health",
        healthcheck_interval_seconds=10.0,
        heartbeat_path=Path(tempfile.gettempdir()) / "drone-discord-presence.heartbeat",
        log=LogSettings(level="INFO", as_json=False),
    )


def test_everything_can_be_chosen() -> None:
    values = {
        "DISCORD_TOKEN": f" {TOKEN}\n",
        "DISCORD_API_BASE_URL": "http://127.0.0.1:8080/api/v10/",
        "DISCORD_GATEWAY_URL": "ws://127.0.0.1:8080/gateway",
        "HEALTHCHECK_URL": "https://bridge.example.com/health",
        "HEALTHCHECK_INTERVAL": "2.5",
        "HEARTBEAT_PATH": "/run/presence/heartbeat",
        "LOG_LEVEL": "Warning",
        "LOG_FORMAT": "JSON",
    }

    assert read(values) == Settings(
        discord_token=Secret(TOKEN),
        discord_api_base_url="http://127.0.0.1:8080/api/v10",
        discord_gateway_url="ws://127.0.0.1:8080/gateway",
        healthcheck_url="https://bridge.example.com/health",
        healthcheck_interval_seconds=2.5,
        heartbeat_path=Path("/run/presence/heartbeat"),
        log=LogSettings(level="WARNING", as_json=True),
    )


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("DISCORD_TOKEN", "", "DISCORD_TOKEN is missing: copy it from your application's page Bot "
         "at discord.com/developers."),
        ("DISCORD_TOKEN", "Bot abc", "DISCORD_TOKEN must be the bare token: one word, with "
         "nothing before or after it."),
        ("DISCORD_API_BASE_URL", "discord.com", "DISCORD_API_BASE_URL must be an address such as "
         "https://host.example."),
        ("DISCORD_GATEWAY_URL", "https://discord.com", "DISCORD_GATEWAY_URL must be an address "
         "such as wss://host.example."),
        ("HEALTHCHECK_URL", "http://[::1", "HEALTHCHECK_URL must be an address such as "
         "https://host.example."),
        ("HEALTHCHECK_URL", "http://a b/", "HEALTHCHECK_URL must be an address such as "
         "https://host.example."),
        ("HEALTHCHECK_URL", "http:///health", "HEALTHCHECK_URL must be an address such as "
         "https://host.example."),
        *[
            ("HEALTHCHECK_INTERVAL", value,
             "HEALTHCHECK_INTERVAL must be a number of seconds from 0.1 to 3600.")
            for value in ("0", "0.05", "3601", "-1", "ten", "1e3", "nan", "٣", "10 s")
        ],
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of info, debug, warning, error, critical."),
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be one of text, json."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_explained(name: str, value: str, problem: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read({**MINIMAL, name: value})

    assert refused.value.problems == (problem,)


def test_all_problems_come_in_one_message() -> None:
    with pytest.raises(SettingsError) as refused:
        read({"HEALTHCHECK_INTERVAL": "0", "LOG_FORMAT": "xml"})

    assert str(refused.value) == (
        "The settings need attention:\n"
        "  - DISCORD_TOKEN is missing: copy it from your application's page Bot at "
        "discord.com/developers.\n"
        "  - HEALTHCHECK_INTERVAL must be a number of seconds from 0.1 to 3600.\n"
        "  - LOG_FORMAT must be one of text, json."
    )


def test_settings_do_not_show_the_token() -> None:
    assert TOKEN not in repr(read(MINIMAL))


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (f'"{TOKEN}"', "stands in quotes that would be part of it: remove them."),
        ("a\u200btoken", "holds an invisible character, zero width space (U+200B): write it anew."),
        ("a\ntoken", "holds an invisible character, a line break: write it anew."),
        (f"'{TOKEN}", "must be the bare token: one word, with nothing before or after it."),
    ],
)
def test_what_was_pasted_along_with_a_token_is_named(value: str, problem: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read({"DISCORD_TOKEN": value})

    assert refused.value.problems == (f"DISCORD_TOKEN {problem}",)


@pytest.mark.parametrize("around", ["\ufeff{}", "{}\r\n", "\u00a0{}\u200b"])
def test_what_nobody_sees_around_a_token_is_no_part_of_it(around: str) -> None:
    assert read({"DISCORD_TOKEN": around.format(TOKEN)}) == read(MINIMAL)


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    command = [sys.executable, "-m", "presence_client", *arguments]
    kept = {"PATH": os.environ["PATH"], "DOTENV_PATH": "none", **environ}
    return subprocess.run(
        command, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=60, check=False
    )


def test_wrong_settings_end_the_program_with_one_message() -> None:
    ended = run(LOG_LEVEL="loud")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[0] == "The settings need attention:"
    assert "DISCORD_TOKEN is missing" in ended.stderr
    assert "LOG_LEVEL must be one of" in ended.stderr


def test_help_names_every_setting() -> None:
    ended = run("--help")

    assert ended.returncode == 0
    assert [name for name in settings_of((PRESENCE,)) if f"\n  {name} " not in ended.stdout] == []
