"""The log on stdout: a constant sentence, then its variables; text for people or JSON for machines.

One record is one line, whatever is in it: values are JSON in ASCII, sentences have no control
characters. Only a traceback has lines of its own, indented, and only in text.
"""

import json
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from runtime.reader import Reader

# What every record has; whatever else is there came in through `extra`.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# The quietest level of each library. Below it they log every request and every heartbeat, with
# addresses; botocore shows the secrets that it was given. discord.py warns of missing voice
# support and of missing intents, both of which are as they should be.
LIBRARIES = {
    "aiohttp": logging.WARNING,
    "asyncio": logging.WARNING,
    "boto3": logging.WARNING,
    "botocore": logging.WARNING,
    "discord": logging.WARNING,
    "discord.client": logging.ERROR,
    "discord.state": logging.ERROR,
    "pymongo": logging.WARNING,
    "urllib3": logging.WARNING,
    "werkzeug": logging.WARNING,
}


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How to log: *level* is one of Python's names, *as_json* one JSON object a line."""

    level: str
    as_json: bool


def read_log(reader: Reader) -> LogSettings:
    """Read how to log; problems are left with *reader*."""
    level = reader.choice("LOG_LEVEL").upper()
    return LogSettings(level, as_json=reader.choice("LOG_FORMAT") == "json")


def set_up(settings: LogSettings) -> None:
    """Send every record of this process to stdout in the wanted format."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if settings.as_json else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    for name, quietest in LIBRARIES.items():
        logging.getLogger(name).setLevel(max(quietest, root.level))


def _variables(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


def _printable(sentence: str) -> str:
    """Write what would break the line, or a terminal, as an escape."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in sentence
    )


def _written_at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class TextFormatter(logging.Formatter):
    """Write `time LEVEL sentence name=value …`, one record a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of *record*; a traceback follows on lines of its own."""
        variables = "".join(
            f" {name}={json.dumps(value, default=str)}"
            for name, value in _variables(record).items()
        )
        sentence = _printable(record.getMessage())
        line = f"{_written_at(record)} {record.levelname} {sentence}{variables}"
        if not record.exc_info:
            return line
        trace = self.formatException(record.exc_info).splitlines()
        return "\n".join([line, *(f"    {_printable(row)}" for row in trace)])


class JsonFormatter(logging.Formatter):
    """Write one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of *record*, its traceback included."""
        own = {
            "time": _written_at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        # Its own words stand first, and no variable can stand in for them.
        entry = {**own, **_variables(record), **own}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)
