"""The presence client logs as the server does, and owes the server nothing else."""

import ast
import json
import logging
import sys

import pytest
from stack import ROOT

from presence_client import log
from server import log as server_log


def records() -> list[logging.LogRecord]:
    """Return one record of each kind."""
    logger = logging.getLogger("presence_client.some")
    plain = logger.makeRecord(
        logger.name, logging.INFO, __file__, 1, "Said %s.", ("a\nb",), None,
        extra={"reason": "x\u2028y", "attempt": 2},
    )  # fmt: skip
    failed = logger.makeRecord(logger.name, logging.ERROR, __file__, 1, "It failed.", (), None)
    try:
        raise ValueError("once\ntwice")
    except ValueError:
        failed.exc_info = sys.exc_info()
    return [plain, failed]


@pytest.mark.parametrize("record", records(), ids=["plain", "with a traceback"])
def test_text_looks_like_the_servers(record: logging.LogRecord) -> None:
    assert log.TextFormatter().format(record) == server_log.TextFormatter().format(record)


@pytest.mark.parametrize("record", records(), ids=["plain", "with a traceback"])
def test_json_says_what_the_servers_does(record: logging.LogRecord) -> None:
    ours, theirs = log.JsonFormatter(), server_log.JsonFormatter()

    assert json.loads(ours.format(record)) == json.loads(theirs.format(record))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "presence_client").glob("*.py")), ids=lambda path: path.stem
)
def test_nothing_of_the_server_is_imported(path: object) -> None:
    with open(str(path), encoding="utf-8") as source:
        nodes = list(ast.walk(ast.parse(source.read())))
    imported = [
        name
        for node in nodes
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]

    assert [name for name in imported if name.split(".")[0] in ("server", "playground")] == []
