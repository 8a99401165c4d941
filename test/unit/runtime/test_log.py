"""One record is one line, for people or for machines, and nothing in it can forge another."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import log
from runtime.log import JsonFormatter, LogSettings, TextFormatter
from runtime.secret import Secret

ROOT = Path(__file__).parent.parent.parent.parent
WRITTEN = 1767225600.25  # 2026-01-01T00:00:00.250 UTC

# What ends a line somewhere, moves a terminal's cursor, turns text around, or cannot be encoded.
DANGEROUS = "\n\r\v\f\x00\x07\x08\x1b\x1c\x7f\x85\x9b\u2028\u2029\u202e\ud800"
FORGED = "2026-01-01T00:00:00.250+00:00 INFO Card shown."


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    """Return a record as a logger would make it, written at WRITTEN."""
    made = logging.getLogger("server.some").makeRecord(
        "server.some", logging.INFO, __file__, 1, message, arguments, None, extra=extra
    )
    made.created = WRITTEN
    return made


def failed(message: str) -> logging.LogRecord:
    """Return the record of an exception."""
    made = record("It failed.", delivery="abc")
    try:
        raise ValueError(message)
    except ValueError:
        made.exc_info = sys.exc_info()
    return made


def test_text_is_the_time_then_the_sentence_then_its_variables() -> None:
    line = TextFormatter().format(
        record("Card shown.", card="build/d/1", attempt=2, gone=None, seconds=0.5, ok=True)
    )

    assert line == (
        '2026-01-01T00:00:00.250+00:00 INFO Card shown. card="build/d/1" attempt=2 gone=null'
        " seconds=0.5 ok=true"
    )


def test_json_is_one_object_with_the_variables_beside_the_sentence() -> None:
    line = JsonFormatter().format(record("Card shown.", card="build/d/1", attempt=2))

    assert json.loads(line) == {
        "time": "2026-01-01T00:00:00.250+00:00",
        "level": "info",
        "logger": "server.some",
        "message": "Card shown.",
        "card": "build/d/1",
        "attempt": 2,
    }


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_arguments_are_put_into_the_sentence(formatter: logging.Formatter) -> None:
    assert "Listening at: port 80 (7)" in formatter.format(
        record("Listening at: port %s (%d)", "80", 7)
    )


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
@pytest.mark.parametrize("sign", DANGEROUS, ids=[f"U+{ord(sign):04X}" for sign in DANGEROUS])
def test_a_value_cannot_leave_its_line(formatter: logging.Formatter, sign: str) -> None:
    line = formatter.format(record("Event ignored.", event=f"a{sign}{FORGED}"))

    assert sign not in line
    assert len(line.splitlines()) == 1
    assert not line.startswith(FORGED)
    assert line.isprintable()


@pytest.mark.parametrize("sign", DANGEROUS, ids=[f"U+{ord(sign):04X}" for sign in DANGEROUS])
@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_a_sentence_of_a_library_cannot_leave_its_line(
    formatter: logging.Formatter, sign: str
) -> None:
    line = formatter.format(record("Bad request: %s", f"a{sign}{FORGED}"))

    assert sign not in line
    assert len(line.splitlines()) == 1


def test_a_quote_in_a_value_does_not_begin_another_variable() -> None:
    line = TextFormatter().format(record("Event ignored.", event='a" reason="b'))

    assert line.endswith(r'INFO Event ignored. event="a\" reason=\"b"')


def test_people_can_read_what_a_sentence_says_in_any_script() -> None:
    line = TextFormatter().format(record("Grüße, 世界 – Ω ✅"))

    assert line.endswith("INFO Grüße, 世界 – Ω ✅")


def test_a_machine_reads_back_every_value_as_it_was() -> None:
    values = {"event": f"a{DANGEROUS}", "count": 3, "nested": {"list": [1, None]}}

    read = json.loads(JsonFormatter().format(record("Event ignored.", **values)))

    assert {name: read[name] for name in values} == values


@pytest.mark.parametrize("name", ["time", "level", "logger"])
def test_a_variable_cannot_stand_in_for_what_the_log_says_itself(name: str) -> None:
    line = JsonFormatter().format(record("Card shown.", **{name: "forged"}))

    assert "forged" not in line


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_a_secret_is_hidden_among_the_variables(formatter: logging.Formatter) -> None:
    line = formatter.format(record("Oops.", token=Secret("hunter2"), all=[Secret("hunter2")]))

    assert "hunter2" not in line
    assert line.count("Secret(") == 2


def test_a_traceback_follows_its_line_in_text_and_is_indented() -> None:
    line, *trace = TextFormatter().format(failed(f"no\n{FORGED}\x1b[2J")).split("\n")

    assert line == '2026-01-01T00:00:00.250+00:00 INFO It failed. delivery="abc"'
    assert trace[0] == "    Traceback (most recent call last):"
    assert trace[-2:] == ["    ValueError: no", rf"    {FORGED}\x1b[2J"]
    assert all(row.startswith("    ") and row.isprintable() for row in trace)


def test_a_traceback_is_one_more_variable_in_json() -> None:
    line = JsonFormatter().format(failed("no\nreally"))

    assert "\n" not in line
    read = json.loads(line)
    assert read["message"] == "It failed."
    assert read["traceback"].startswith("Traceback (most recent call last):\n")
    assert read["traceback"].endswith("ValueError: no\nreally")


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """Give the root logger and put it back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize(
    ("as_json", "formatter"),
    [(False, TextFormatter), (True, JsonFormatter)],
    ids=["text", "json"],
)
def test_every_logger_writes_to_stdout_alone(
    as_json: bool, formatter: type[logging.Formatter], root_logger: logging.Logger
) -> None:
    log.set_up(LogSettings(level="WARNING", as_json=as_json))

    (handler,) = root_logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    assert handler.stream is sys.stdout
    assert type(handler.formatter) is formatter
    assert root_logger.level == logging.WARNING


def test_libraries_do_not_tell_of_every_request_even_at_debug(
    root_logger: logging.Logger,
) -> None:
    log.set_up(LogSettings(level="DEBUG", as_json=False))

    levels = {
        name: logging.getLogger(name).getEffectiveLevel()
        for name in ("pymongo", "pymongo.command", "urllib3.connectionpool", "werkzeug", "server")
    }
    assert levels == {
        "pymongo": logging.WARNING,
        "pymongo.command": logging.WARNING,
        "urllib3.connectionpool": logging.WARNING,
        "werkzeug": logging.WARNING,
        "server": logging.DEBUG,
    }


def test_libraries_are_as_quiet_as_everything_else(root_logger: logging.Logger) -> None:
    log.set_up(LogSettings(level="ERROR", as_json=False))

    assert logging.getLogger("pymongo").getEffectiveLevel() == logging.ERROR


def test_a_process_writes_any_text_to_a_narrow_stdout() -> None:
    """A line that cannot be encoded would be lost, with a traceback in its place."""
    program = (
        "import logging\n"
        "from runtime import log\n"
        "log.set_up(log.LogSettings('INFO', False))\n"
        "logging.info('Done.', extra={'event': '\\ud800 ✅ ü'})\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stderr == ""
    assert done.stdout.endswith('INFO Done. event="\\ud800 \\u2705 \\u00fc"\n')
