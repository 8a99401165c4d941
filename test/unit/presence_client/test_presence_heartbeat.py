"""The container's health check tells whether Discord's gateway was heard lately."""

import os
from pathlib import Path

import pytest

from presence_client import healthcheck
from presence_client.healthcheck import verdict

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("age", "is_alive", "sentence"),
    [
        (0.0, True, "Discord's gateway was heard 0 s ago."),
        (41.25, True, "Discord's gateway was heard 41 s ago."),
        (120.0, True, "Discord's gateway was heard 120 s ago."),
        (121.0, False, "The last heartbeat of Discord's gateway is 121 s old."),
        (86_400.0, False, "The last heartbeat of Discord's gateway is 86400 s old."),
        (-30.0, True, "Discord's gateway was heard 0 s ago."),
    ],
    ids=["now", "one heartbeat ago", "just so", "too old", "a day old", "a clock set back"],
)
def test_the_age_of_the_file_decides(
    age: float, is_alive: bool, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "heartbeat"
    path.touch()
    os.utime(path, (NOW - age, NOW - age))

    assert verdict(path, NOW) == (is_alive, sentence)


def test_without_a_file_nothing_is_alive(tmp_path: Path) -> None:
    assert verdict(tmp_path / "heartbeat", NOW) == (
        False,
        "No heartbeat: the presence client is not connected to Discord's gateway.",
    )


def test_the_command_answers_with_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "heartbeat"
    monkeypatch.setenv("HEARTBEAT_PATH", str(path))
    monkeypatch.setenv("DOTENV_PATH", str(tmp_path / "none"))

    dead = healthcheck.main()
    path.touch()
    alive = healthcheck.main()

    assert (dead, alive) == (1, 0)
    assert capsys.readouterr().out == (
        "No heartbeat: the presence client is not connected to Discord's gateway.\n"
        "Discord's gateway was heard 0 s ago.\n"
    )
