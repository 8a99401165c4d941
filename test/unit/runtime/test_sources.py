"""Which source of settings wins, and what a JSON secret may say."""

from collections.abc import Mapping

import pytest

from runtime.sources import Loaded, Source, overlay, read_json_secret, setting_name

NAMES = frozenset({"DISCORD_TOKEN", "PORT"})


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("DISCORD_TOKEN", "DISCORD_TOKEN"),
        ("discord_token", "DISCORD_TOKEN"),
        ("discord-token", "DISCORD_TOKEN"),
        ("Discord-Token", "DISCORD_TOKEN"),
        ("DISCORD-token", "DISCORD_TOKEN"),
        (" discord-token ", "DISCORD_TOKEN"),
        ("mongo-initdb_root-password", "MONGO_INITDB_ROOT_PASSWORD"),
        ("port", "PORT"),
        ("discord.token", "DISCORD.TOKEN"),
        ("discordToken", "DISCORDTOKEN"),
        ("", ""),
    ],
)
def test_case_and_dashes_of_a_key_do_not_matter(key: str, name: str) -> None:
    assert setting_name(key) == name


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("{}", {}, id="nothing"),
        pytest.param('{"discord-token": "t", "Port": "80"}',
                     {"DISCORD_TOKEN": "t", "PORT": "80"}, id="keys as people write them"),
        pytest.param('{"username": "u", "host": null, "n": {"a": [1]}}', {}, id="keys of others"),
        pytest.param('\ufeff{"PORT": "80"}', {"PORT": "80"}, id="a byte order mark"),
        pytest.param('{"\ufeffPORT\u200b": "80"}', {"PORT": "80"}, id="unseen around a key"),
        pytest.param('{"a": 1, "a": 2}', {}, id="keys of others twice"),
        pytest.param('{"DISCORD_TOKEN": ""}', {"DISCORD_TOKEN": ""}, id="an empty value"),
        pytest.param('\n{"PORT": "gr\\u00fc\\u00dfe \\ud83d\\ude00"}\n',
                     {"PORT": "grüße 😀"}, id="escapes"),
    ],
)  # fmt: skip
def test_a_secret_holds_settings(text: str, values: Mapping[str, str]) -> None:
    assert read_json_secret(text, NAMES) == values


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "it is not JSON", id="empty"),
        pytest.param("hunter2", "it is not JSON", id="a bare secret"),
        pytest.param('{"DISCORD_TOKEN": hunter2}', "it is not JSON", id="no quotes"),
        pytest.param("[" * 100_000, "it is not JSON", id="deep"),
        pytest.param('"hunter2"', "it is no JSON object", id="a text"),
        pytest.param("[]", "it is no JSON object", id="an array"),
        pytest.param('[["PORT", "80"]]', "it is no JSON object", id="an array of pairs"),
        pytest.param("null", "it is no JSON object", id="null"),
        pytest.param('{"port": 80}', "PORT must be text in quotes", id="a number"),
        pytest.param('{"PORT": null}', "PORT must be text in quotes", id="a null"),
        pytest.param('{"PORT": true}', "PORT must be text in quotes", id="a boolean"),
        pytest.param('{"PORT": ["hunter2"]}', "PORT must be text in quotes", id="a list"),
        pytest.param('{"PORT": {"a": "hunter2"}}', "PORT must be text in quotes", id="an object"),
        pytest.param('{"PORT": "80", "port": "80"}', "PORT stands in it more than once", id="two"),
        pytest.param(
            '{"PORT": "80", "PORT": "81"}', "PORT stands in it more than once", id="twice"
        ),
        pytest.param('{"PORT": "\\ud800"}', "PORT holds half a character", id="a lone surrogate"),
    ],
)
def test_a_secret_that_holds_no_settings_is_explained(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_json_secret(text, NAMES)

    assert str(caught.value) == reason


FIRST, SECOND, THIRD = "environment", ".env", "AWS secret"


@pytest.mark.parametrize(
    ("values", "winner"),
    [
        (("1", "2", "3"), (FIRST, "1")),
        (("1", None, "3"), (FIRST, "1")),
        ((None, "2", "3"), (SECOND, "2")),
        ((None, None, "3"), (THIRD, "3")),
        (("", "2", "3"), (SECOND, "2")),
        (("", " ", "3"), (THIRD, "3")),
        (("1", "", ""), (FIRST, "1")),
        (("", None, " \n"), None),
        (("\ufeff", " \u200b", "3"), (THIRD, "3")),
        (("\ufeff 1\r\n", "2", "3"), (FIRST, "1")),
        ((None, None, None), None),
    ],
)
def test_the_first_source_that_has_a_setting_wins(
    values: tuple[str | None, ...], winner: tuple[str, str] | None
) -> None:
    held = [{} if value is None else {"PORT": value} for value in values]
    named = zip((FIRST, SECOND, THIRD), held, strict=True)

    loaded = overlay([Source(origin, held) for origin, held in named])

    origins = {"PORT": winner[0]} if winner else {}
    assert loaded == Loaded({"PORT": winner[1]} if winner else {}, origins)
