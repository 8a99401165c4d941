"""The commands of the Flask CLI, and what every program says when its settings are wrong."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest
from click.testing import CliRunner, Result
from programs import FLASK, execute
from pymongo.database import Database

from playground.supervisor import BIN
from runtime.settings import BRIDGE, settings_of
from server.cli import init_db

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def database(mongo_uri: str) -> Iterator[Database[dict[str, Any]]]:
    """Give a database of the test's own."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo_uri)
    name = f"test-cli-{time.monotonic_ns()}"
    yield client[name]
    client.drop_database(name)
    client.close()


Run = Callable[..., Result]


@pytest.fixture
def run(mongo_uri: str, database: Database[dict[str, Any]]) -> Run:
    """Run `init-db` on the test's database; nothing else is set but what is given."""
    nothing = dict.fromkeys(
        [*settings_of(BRIDGE), *(f"{name}_FILE" for name in settings_of(BRIDGE))]
    )
    good = {
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": database.name,
        "DOTENV_PATH": "/nowhere/.env",
    }

    def run_init_db(*arguments: str, given: str = "", **values: str | None) -> Result:
        environ = {**nothing, **good, **values}
        return CliRunner().invoke(init_db, arguments, input=given, env=environ)

    return run_init_db


def place_of(database: Database[dict[str, Any]]) -> str:
    """Name a database as the commands do."""
    host, port = database.client.address or ("", 0)
    return f"database {database.name} at {host}:{port}"


def indexes_of(database: Database[dict[str, Any]]) -> dict[str, set[str]]:
    """Return the names of the indexes of every collection."""
    return {
        name: set(database[name].index_information())
        for name in sorted(database.list_collection_names())
    }


def test_the_list_of_commands_needs_no_settings() -> None:
    done = execute([*FLASK, "--help"])

    assert done.returncode == 0
    listed = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "doctor Check the settings and everything they point at." in listed
    assert "init-db Make the indexes that are missing." in listed


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("init-db", "--drop Delete everything in the database first."),
        ("init-db", "only --drop deletes anything"),
        ("doctor", "then one line a check, with what to do about a problem"),
    ],
)
def test_each_command_explains_itself(command: str, told: str) -> None:
    done = execute([*FLASK, command, "--help"])

    assert done.returncode == 0
    assert told in " ".join(done.stdout.split())


def test_init_db_makes_every_index(mongo_uri: str, database: Database[dict[str, Any]]) -> None:
    done = execute([*FLASK, "init-db"], MONGO_URI=mongo_uri, MONGO_DATABASE=database.name)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Every index is there in {place_of(database)}.\n"
    assert indexes_of(database) == {
        "cards": {
            *("_id_", "due", "open", "dropped", "family", "message_id", "newest_first"),
            *("numbers", "reply_id", "repositories", "unsure_since", "expiry"),
        },
        "actions": {"_id_", "expiry"},
        "claims": {"_id_", "expiry"},
        "repos": {"_id_", "slug", "expiry"},
        "deliveries": {"_id_", "pending", "failed_at", "expiry"},
    }


def test_init_db_uses_the_database_that_the_address_names(
    run: Run, mongo_uri: str, database: Database[dict[str, Any]]
) -> None:
    result = run(MONGO_URI=mongo_uri.replace("/?", f"/{database.name}?"), MONGO_DATABASE=None)

    assert result.output == f"Every index is there in {place_of(database)}.\n"
    assert "cards" in indexes_of(database)


def test_init_db_keeps_what_is_there(run: Run, database: Database[dict[str, Any]]) -> None:
    run()
    database.cards.insert_one({"_id": "build/d/1"})

    again = run()

    assert again.exit_code == 0
    assert database.cards.count_documents({}) == 1


def test_init_db_makes_no_expiry_for_what_is_kept_for_ever(
    run: Run, database: Database[dict[str, Any]]
) -> None:
    run(DELIVERY_TTL_DAYS="0", CARD_TTL_DAYS="0")

    assert indexes_of(database) == {
        "cards": {
            *("_id_", "due", "open", "dropped", "family", "message_id", "newest_first"),
            *("numbers", "reply_id", "repositories", "unsure_since"),
        },
        "deliveries": {"_id_", "pending", "failed_at"},
        "repos": {"_id_", "slug"},
    }


def test_init_db_drop_asks_for_the_name_of_the_database(
    run: Run, database: Database[dict[str, Any]]
) -> None:
    database.cards.insert_one({"_id": "build/d/1"})

    result = run("--drop", given="y\n")

    assert result.exit_code == 1
    assert result.output == (
        f"This deletes every delivery and every card in {place_of(database)}.\n"
        "Type the name of the database to go on: y\n"
        f"Error: Nothing was deleted: this is {place_of(database)}.\n"
    )
    assert database.cards.count_documents({}) == 1


def test_init_db_drop_takes_silence_for_no(run: Run, database: Database[dict[str, Any]]) -> None:
    database.cards.insert_one({"_id": "build/d/1"})

    assert run("--drop").exit_code == 1
    assert database.cards.count_documents({}) == 1


@pytest.mark.parametrize("way", ["asked", "told"])
def test_init_db_drop_deletes_everything_of_ours_alone(
    run: Run, database: Database[dict[str, Any]], way: str
) -> None:
    arguments, given = {
        "asked": (["--drop"], f" {database.name}\n"),
        "told": (["--drop", f"--yes={database.name}"], ""),
    }[way]
    for name in ("deliveries", "cards", "claims", "leases", "repos", "actions", "somebody_elses"):
        database[name].insert_one({"_id": "one"})

    result = run(*arguments, given=given)

    assert result.exit_code == 0
    place = place_of(database)
    assert result.output.endswith(
        f"Deleted everything in {place}.\nEvery index is there in {place}.\n"
    )
    counts = {name: database[name].count_documents({}) for name in indexes_of(database)}
    assert counts == {
        "actions": 0,
        "cards": 0,
        "claims": 0,
        "deliveries": 0,
        "repos": 0,
        "somebody_elses": 1,
    }


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--drop", "--yes"], 2, "Say which database to delete: --yes=DATABASE."),
        (["--drop", "--yes=another"], 1, "Nothing was deleted: this is {place}."),
        (["--yes"], 2, "--yes goes together with --drop."),
        (["--yes={name}"], 2, "--yes goes together with --drop."),
    ],
)
def test_a_yes_that_names_no_database_deletes_nothing(
    run: Run, database: Database[dict[str, Any]], arguments: list[str], status: int, sentence: str
) -> None:
    database.cards.insert_one({"_id": "build/d/1"})

    result = run(*[one.format(name=database.name) for one in arguments])

    assert result.exit_code == status
    assert result.output.endswith(f"Error: {sentence.format(place=place_of(database))}\n")
    assert database.cards.count_documents({}) == 1


def test_init_db_names_a_database_that_cannot_be_used_without_its_password(run: Run) -> None:
    result = run(MONGO_URI="mongodb://admin:hunter2@one,two/?directConnection=true")

    assert result.exit_code == 1
    assert result.output == (
        "Error: The settings need attention:\n"
        "  - MONGO_URI cannot be used: ConfigurationError: Cannot specify multiple hosts with"
        " directConnection=true.\n"
    )


def test_init_db_names_every_bad_setting(run: Run) -> None:
    result = run(MONGO_URI="localhost", CARD_TTL_DAYS="x")

    assert result.exit_code == 1
    assert result.output == (
        "Error: The settings need attention:\n"
        "  - MONGO_URI must look like mongodb://user:password@host:27017/?option=value, with the"
        " signs @ : / ? % in user and password percent-encoded.\n"
        "  - CARD_TTL_DAYS must be a whole number from 0 to 3650.\n"
    )


def test_init_db_needs_the_settings_of_the_database_alone(run: Run) -> None:
    assert run(DISCORD_TOKEN=None, DRONE_WEBHOOK_SECRET=None, PORT="x").exit_code == 0


@pytest.mark.parametrize("command", ["init-db", "doctor"])
def test_a_secret_that_is_set_twice_stops_every_command(command: str) -> None:
    done = execute([*FLASK, command], DISCORD_TOKEN="hunter2", DISCORD_TOKEN_FILE="/nowhere")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The settings need attention:\n"
        "  - DISCORD_TOKEN and DISCORD_TOKEN_FILE are both set: keep one of them.\n"
    )


NO_SECRET = "  - DRONE_WEBHOOK_SECRET is missing: "
NO_CHANNEL = "  - DISCORD_CHANNEL_ID is missing: "
NO_TOKEN = "  - DISCORD_TOKEN is missing: "
BAD_LEVEL = "  - LOG_LEVEL must be one of "


@pytest.mark.parametrize(
    ("command", "problems"),
    [
        pytest.param(
            [str(BIN / "gunicorn"), "--config", "server/gunicorn.conf.py", "server.wsgi:app"],
            [NO_SECRET, BAD_LEVEL],
            id="server",
        ),
        pytest.param(
            [sys.executable, "-m", "server.worker"],
            [NO_CHANNEL, NO_TOKEN, BAD_LEVEL],
            id="worker",
        ),
    ],
)
def test_a_program_names_all_that_is_wrong_then_exits_with_1(
    command: list[str], problems: list[str]
) -> None:
    done = execute(command, LOG_LEVEL="loud")

    assert (done.returncode, done.stdout) == (1, "")
    first, *rest = done.stderr.splitlines()
    assert first == "The settings need attention:"
    assert len(rest) == len(problems)
    assert all(line.startswith(problem) for line, problem in zip(rest, problems, strict=True))


def test_make_run_names_all_that_is_wrong_before_it_starts_anything() -> None:
    done = execute(
        [sys.executable, "-m", "playground.run"], DRONE_WEBHOOK_SECRET="one", LOG_LEVEL="loud"
    )

    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert lines[0] == "The settings need attention:"
    assert [line.partition(" is ")[0].partition(" must ")[0] for line in lines[1:-1]] == [
        "  - LOG_LEVEL",
        "  - DISCORD_CHANNEL_ID",
        "  - DISCORD_TOKEN",
    ]
    assert lines[-1] == "Put them into .env; .env.example shows each one."
