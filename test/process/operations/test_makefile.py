"""`make` installs what a command needs, once, and says what it is about to do."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
FOR_RUN = ["server-requirements.txt", "client-requirements.txt", "requirements/playground.txt"]
FOR_CHECKS = ["requirements/aws.txt", "requirements/azure.txt", "requirements/dev.txt"]
# In Python's place: it makes an environment whose own Python notes what it was asked for.
PYTHON = """\
#!/bin/sh
case "$*" in
  *ensurepip*) exit "${WITHOUT_VENV:-0}" ;;
  *venv*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; touch .venv/bin/pip ;;
  -c*) exit "${OLD:-0}" ;;
  *) echo "$*" >> asked ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a checkout of what `make` looks at when it installs."""
    for name in ("Makefile", *FOR_RUN, *FOR_CHECKS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "python").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def make(folder: Path, target: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a target with the Python of the tests."""
    return subprocess.run(
        ["make", target, f"PYTHON={folder}/python"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def asked(folder: Path) -> list[str]:
    """Return what the environment's Python was asked for, one line each."""
    return (folder / "asked").read_text(encoding="utf-8").splitlines()


def installs(names: list[str]) -> str:
    """Return the call of pip that installs some requirement files."""
    listed = " ".join(f"-r {name}" for name in names)
    return f"-m pip install --quiet --disable-pip-version-check --require-hashes {listed}"


@pytest.mark.parametrize("target", ["demo", "run"])
def test_what_people_try_first_installs_nothing_else(target: str, folder: Path) -> None:
    done = make(folder, target)

    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout == "Installing what demo and run need into .venv: 190 MB, in a minute or two.\n"
    )
    assert asked(folder) == [installs(FOR_RUN), f"-m playground.{target}"]


def test_the_second_time_nothing_is_installed(folder: Path) -> None:
    make(folder, "demo")
    done = make(folder, "demo")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert asked(folder)[2:] == ["-m playground.demo"]


def test_the_checks_need_everything(folder: Path) -> None:
    done = make(folder, "install")

    assert done.returncode == 0
    assert [line.split(": ")[1] for line in done.stdout.splitlines()] == [
        "190 MB, in a minute or two.",
        "460 MB more, in a minute or two.",
    ]
    assert asked(folder) == [installs(FOR_RUN), installs(FOR_CHECKS)]


def test_a_new_pin_is_installed(folder: Path) -> None:
    make(folder, "install")
    later = time.time() + 60
    os.utime(folder / "requirements" / "dev.txt", (later, later))

    make(folder, "install")

    assert asked(folder)[2:] == [installs(FOR_CHECKS)]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"WITHOUT_VENV": "1"},
            "Python's venv is missing: on Debian and Ubuntu, install the package python3-venv.",
        ),
        (
            {"OLD": "1"},
            "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 …",
        ),
    ],
    ids=["without venv", "old"],
)
def test_a_python_that_does_not_do_is_named_in_a_sentence(
    environ: dict[str, str], sentence: str, folder: Path
) -> None:
    done = make(folder, "demo", **environ)

    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == sentence
    assert not (folder / ".venv").exists()
