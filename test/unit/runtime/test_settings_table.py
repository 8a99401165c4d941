"""The table of settings says who reads what, and each kind says what is wrong with a value."""

from collections.abc import Callable, Mapping

import pytest

from presence_client.settings import read as read_presence
from runtime.kinds import Choice, Kind, Number, Seconds, Text, Token, Url
from runtime.proxy import PROXIES
from runtime.settings import PRESENCE, SERVER, SETTINGS, WORKER, settings_of
from server.config.settings import read_registration, read_server, read_worker

GOOD = {
    "DRONE_WEBHOOK_SECRET": "s3cret",
    "DISCORD_TOKEN": "t0ken",
    "DISCORD_CHANNEL_ID": "1100000000000000010",
    "DISCORD_APPLICATION_ID": "1100000000000000020",
    "DISCORD_GUILD_ID": "1100000000000000030",
    "DISCORD_PUBLIC_KEY": "ab" * 32,
    "DRONE_SERVER": "https://drone.example.com",
    "DRONE_TOKEN": "t0ken",
}
# Other modules than the readers take these: the sources, and the libraries of HTTP.
TAKEN_ELSEWHERE = {"AWS_SECRET_ID", *PROXIES}


class Recording(dict[str, str]):
    """A mapping that remembers which names were asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        """Return a value, and remember its name."""
        self.asked.add(name)
        return super().get(name, default)


def asked_by(read: Callable[[Mapping[str, str]], object]) -> set[str]:
    """Return the settings that a reader asks for, whichever way MongoDB is named."""
    names: set[str] = set()
    for values in (GOOD, {**GOOD, "MONGO_URI": "mongodb://mongo.example.com/bridge"}):
        recording = Recording(values)
        read(recording)
        names |= recording.asked
    return names - {name.lower() for name in PROXIES} - TAKEN_ELSEWHERE


@pytest.mark.parametrize(
    ("program", "read"),
    [(SERVER, read_server), (WORKER, read_worker), (PRESENCE, read_presence)],
    ids=[SERVER, WORKER, PRESENCE],
)
def test_a_program_reads_the_settings_that_the_table_gives_it(
    program: str, read: Callable[[Mapping[str, str]], object]
) -> None:
    assert asked_by(read) == settings_of((program,)).keys() - TAKEN_ELSEWHERE


def test_registering_commands_needs_settings_of_server_and_worker_alone() -> None:
    assert asked_by(read_registration) <= settings_of((SERVER, WORKER)).keys()


def test_every_default_is_a_good_value() -> None:
    problems = {
        name: one.kind.problem(one.default) for name, one in SETTINGS.items() if one.default
    }

    assert {name for name, problem in problems.items() if problem} == set()


def test_what_is_required_has_no_default_and_a_hint() -> None:
    required = [one for one in SETTINGS.values() if one.is_required]

    assert [(one.default, bool(one.hint)) for one in required] == [(None, True)] * len(required)
    assert all(one.meaning for one in SETTINGS.values())


WHOLE = "must be a whole number from 1 to 60."
DECIMAL = "must be a number of seconds from 0.1 to 60."
ADDRESS = "must be an address such as https://host.example."
BARE = "must be the bare token: one word, with nothing before or after it."


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        (Text(), "any text, \u00e4", ""),
        *[(Number(1, 60), value, "") for value in ("1", "60", "007")],
        *[
            (Number(1, 60), value, WHOLE)
            for value in ("0", "61", "-1", "1.5", "٣", "1" * 13, "", "x")
        ],
        *[(Seconds(0.1, 60), value, "") for value in ("0.1", "60", "2.125")],
        *[(Seconds(0.1, 60), value, DECIMAL) for value in ("0", "60.1", "1e1", "nan", "٣", "")],
        *[
            (Url(), value, "")
            for value in ("http://host", "https://host.example:8080/api/", "http://[::1]/x")
        ],
        *[
            (Url(), value, ADDRESS)
            for value in (
                "host",
                "/",
                "ftp://host",
                "http://",
                "http://[::1",
                "http://h:0",
                "http://a b",
            )
        ],
        (Url(("ws", "wss")), "wss://gateway.example", ""),
        (Url(("ws", "wss")), "https://host", "must be an address such as wss://host.example."),
        (Token(), "abc.DEF-1", ""),
        *[(Token(), value, BARE) for value in ("Bot abc", "'abc", "abc”", "tök")],
        (Choice(("text", "json")), "JSON", ""),
        (Choice(("text", "json")), "xml", "must be one of text, json."),
    ],
)
def test_a_kind_says_what_is_wrong_with_a_value(kind: Kind, value: str, problem: str) -> None:
    assert kind.problem(value) == problem
