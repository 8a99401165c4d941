"""Logs to stdout: a constant sentence, then its variables; text for people or JSON for machines.

One record is one line, whatever is in it: values are JSON in ASCII, sentences have no control
characters. Only a traceback has lines of its own, indented, and only in text.
"""

import json
import logging
import sys
from datetime import UTC, datetime

from server.config.settings import LogSettings

# What every record has; whatever else is there came in through `extra`.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(settings: LogSettings) -> None:
    """Send every record of this process to stdout in the wanted format."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if settings.as_json else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    # Below warning they tell of every request and every heartbeat, with addresses; botocore shows
    # the secrets that it was given.
    for chatty in ("boto3", "botocore", "pymongo", "urllib3", "werkzeug"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


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
