"""Every process and command takes its settings from the same places, whatever Flask finds."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pymongo
import pytest
from programs import FLASK, SERVER, WORKER

ROOT = Path(__file__).parent.parent.parent.parent
MODULE = (sys.executable, "-m", "flask", "--app", "server.wsgi")


class Places:
    """A folder within a folder, where files of settings may lie, and two databases."""

    def __init__(self, folder: Path, uri: str) -> None:
        self.parent, self.folder = folder, folder / "below"
        self.folder.mkdir()
        self.uri = uri
        name = f"test-loader-{time.monotonic_ns()}"
        self.meant, self.other = f"{name}-meant", f"{name}-other"
        self.client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(uri)
        for one in (self.meant, self.other):
            self.client[one].cards.insert_one({"_id": "build/d/1"})
        self.write(self.folder / "try.env", self.meant)

    def write(self, path: Path, database: str) -> None:
        """Write a file that names a database."""
        path.write_text(f"MONGO_URI={self.uri}\nMONGO_DATABASE={database}\n", encoding="utf-8")

    def run(
        self, *words: str, flask: Sequence[str] = FLASK, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the inner folder."""
        return subprocess.run(
            [*flask, *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def drop(
        self, flask: Sequence[str] = FLASK, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Delete the database that is meant, if the settings name it."""
        return self.run("init-db", "--drop", f"--yes={self.meant}", flask=flask, **environ)

    def kept(self) -> tuple[int, int]:
        """Count what is left in the database that is meant and in the other."""
        meant, other = (
            self.client[one].cards.count_documents({}) for one in (self.meant, self.other)
        )
        return meant, other


@pytest.fixture
def places(mongo_uri: str, tmp_path: Path) -> Iterator[Places]:
    """Give the folders, and remove the databases."""
    places = Places(tmp_path, mongo_uri)
    yield places
    for name in (places.meant, places.other):
        places.client.drop_database(name)
    places.client.close()


@pytest.mark.parametrize(
    ("flask", "name"),
    [(FLASK, "below/.env"), (FLASK, "below/.flaskenv"), (MODULE, ".env"), (MODULE, ".flaskenv")],
    ids=["beside", "Flask's own", "above", "Flask's own above"],
)
def test_what_flask_finds_by_itself_is_left_alone(
    flask: Sequence[str], name: str, places: Places
) -> None:
    places.write(places.parent / name, places.other)

    done = places.drop(flask, DOTENV_PATH="try.env")

    assert (done.returncode, done.stderr) == (0, "")
    assert f"Deleted everything in database {places.meant} at " in done.stdout
    assert places.kept() == (0, 1)


def test_a_file_above_the_working_directory_is_not_looked_for(places: Places) -> None:
    (places.parent / ".env").write_text(
        f"MONGO_URI={places.uri}\nDOTENV_PATH={places.folder}/try.env\n", encoding="utf-8"
    )

    done = places.run("init-db", "--drop", MONGO_HOST="127.0.0.1", MONGO_PORT="1")

    assert done.returncode == 1
    assert done.stdout.startswith(
        "This deletes every delivery and every card in database drone-discord at 127.0.0.1:1.\n"
    )
    assert places.kept() == (1, 1)


@pytest.mark.parametrize("quotes", ["", "'", '"'])
def test_nothing_in_a_file_is_expanded_not_even_by_flask(quotes: str, places: Places) -> None:
    (places.folder / ".env").write_text(f"MONGO_HOST={quotes}h${{HOME}}t{quotes}\n")

    done = places.run("init-db", "--drop", HOME="/root")

    assert done.stdout.splitlines()[0].endswith(" in database drone-discord at h${HOME}t:27017.")


def test_a_setting_of_the_environment_is_kept_when_a_file_says_the_same(places: Places) -> None:
    places.write(places.parent / ".env", places.meant)
    places.write(places.folder / "try.env", places.other)

    done = places.drop(DOTENV_PATH="try.env", MONGO_DATABASE=places.meant)

    assert done.returncode == 0
    assert places.kept() == (0, 1)


@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_file_that_is_named_to_flask_is_refused(way: str, places: Places) -> None:
    places.write(places.folder / "other.env", places.other)
    flask = (FLASK[0], "--env-file", "other.env", *FLASK[1:]) if way == "option" else FLASK
    environ = {"FLASK_ENV_FILE": "other.env"} if way == "environment" else {}

    done = places.drop(flask, DOTENV_PATH="try.env", **environ)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The settings need attention:\n"
        "  - --env-file and FLASK_ENV_FILE are not read: name the file in DOTENV_PATH instead.\n"
    )
    assert places.kept() == (1, 1)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the system does not tell")
def test_an_environment_of_which_nothing_is_certain_is_refused(places: Places) -> None:
    done = places.drop(FLASK_RUN_FROM_CLI="true", DOTENV_PATH="try.env")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The settings need attention:\n"
        "  - FLASK_RUN_FROM_CLI is set by Flask alone: remove it from the environment.\n"
    )
    assert places.kept() == (1, 1)


def test_a_server_is_no_command_whatever_the_environment_says() -> None:
    code = (
        "from server.wsgi import app; print(sorted(rule.rule for rule in app.url_map.iter_rules()))"
    )

    done = execute((sys.executable, "-c", code), FLASK_RUN_FROM_CLI="true")

    assert (done.returncode, done.stderr) == (0, "")
    assert "'/health'" in done.stdout


CERTIFICATE = "mongodb://mongo/?tls=true&tlsCAFile=/nowhere/ca.pem"
NO_FILE = "MONGO_URI cannot be used: tlsCAFile cannot be read (No such file or directory)."
PROGRAMS = {
    "server": SERVER,
    "worker": WORKER,
    "init-db": (*FLASK, "init-db"),
    "cards": (*FLASK, "cards", "--dropped"),
}


def execute(command: Sequence[str], **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the bridge to its end, with enough settings to start."""
    good = {
        "DRONE_WEBHOOK_SECRET": "secret",
        "DISCORD_TOKEN": "token",
        "DISCORD_CHANNEL_ID": "1100000000000000010",
        "DISCORD_API_BASE_URL": "http://127.0.0.1:9",
        "DOTENV_PATH": "/nowhere/.env",
    }
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **good, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_certificate_that_is_not_there_is_told_in_a_sentence(program: str) -> None:
    done = execute(PROGRAMS[program], MONGO_URI=CERTIFICATE)

    assert (done.returncode, done.stdout) == (1, "")
    told = done.stderr.removeprefix("Error: ")
    assert told == f"The settings need attention:\n  - {NO_FILE}\n"


def test_the_doctor_tells_of_a_certificate_that_is_not_there() -> None:
    done = execute((*FLASK, "doctor"), MONGO_URI=CERTIFICATE)

    assert (done.returncode, done.stderr) == (1, "")
    assert f"PROBLEM  Settings: {NO_FILE}" in done.stdout.splitlines()


@pytest.mark.parametrize(
    "command",
    [PROGRAMS["worker"], (sys.executable, "-m", "presence_client"), (*FLASK, "doctor")],
    ids=["worker", "presence client", "doctor"],
)
def test_a_token_in_quotes_is_told_what_is_wrong_with_it(command: Sequence[str]) -> None:
    done = execute(command, DISCORD_TOKEN='"hunter2"', MONGO_PORT="1")

    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert "DISCORD_TOKEN stands in quotes that would be part of it: remove them." in told
    assert "hunter2" not in told


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_names_the_bad_line_of_a_file(program: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.env"
    path.write_text("PORT=5000\nDISCORD_TOKEN hunter2\n", encoding="utf-8")

    done = execute(PROGRAMS[program], DOTENV_PATH=str(path))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.removeprefix("Error: ") == (
        "The settings need attention:\n"
        f"  - {path}, line 2: it must be NAME=value, with every quote closed.\n"
    )
