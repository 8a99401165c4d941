"""The heartbeat file is touched while a program is alive, and a bad disk does no other harm."""

import logging
import os
from pathlib import Path

import pytest

from runtime.heartbeat import Heartbeat


def test_the_file_is_touched_once_a_second(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    heartbeat = Heartbeat(path)
    heartbeat.beat(0.0)
    os.utime(path, (0, 0))

    heartbeat.beat(0.99)
    early = path.stat().st_mtime
    heartbeat.beat(1.0)

    assert (early, path.stat().st_mtime > 0) == (0, True)


def test_a_disk_that_takes_no_heartbeat_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeat = Heartbeat(tmp_path / "missing" / "heartbeat")

    with caplog.at_level(logging.WARNING):
        heartbeat.beat(0.0)
        heartbeat.beat(10.0)

    assert [record.message for record in caplog.records] == [
        "The heartbeat cannot be noted: look at HEARTBEAT_PATH."
    ]


def test_without_a_path_nothing_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    Heartbeat(None).beat(0.0)

    assert list(tmp_path.iterdir()) == []


def test_a_beat_makes_the_file_young(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    path.touch()
    os.utime(path, (0, 0))

    Heartbeat(path).beat(0.0)

    assert path.stat().st_mtime > 1_700_000_000


def test_the_end_removes_the_file(tmp_path: Path) -> None:
    heartbeat = Heartbeat(tmp_path / "heartbeat")
    heartbeat.beat(0.0)

    heartbeat.end()
    heartbeat.end()

    assert list(tmp_path.iterdir()) == []


def test_a_beat_right_after_the_end_makes_the_file_again(tmp_path: Path) -> None:
    heartbeat = Heartbeat(tmp_path / "heartbeat")
    heartbeat.beat(0.0)

    heartbeat.end()
    heartbeat.beat(0.1)

    assert [path.name for path in tmp_path.iterdir()] == ["heartbeat"]
