"""The stand-in starts with one line and stops without a word."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import requests

COMMAND = [sys.executable, "-m", "playground.discord"]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_says_one_line_then_stops_when_told(stop: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line.removeprefix("Discord stand-in ready: ").strip()
        answered = requests.get(f"{address}/control/counts", timeout=60).status_code

        process.send_signal(stop)
        rest, errors = process.communicate(timeout=60)

    assert answered == 200
    assert address.startswith("http://127.0.0.1:")
    assert (rest, errors, process.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    "arguments",
    [["--host", "0.0.0.0"], ["--messages-limit", "five"], ["--channel", "builds"]],  # noqa: S104
    ids=["host", "limit", "channel"],
)
def test_a_wrong_argument_ends_it_with_a_sentence(arguments: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert arguments[0] in done.stderr
