"""How often each token sent within the last minute: one SQLite file for the processes of a host.

It needs no durability. If it cannot be used, nobody is held back.
"""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60.0
BUSY_SECONDS = 1.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (token TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sent_by ON sent (token, at);
"""


class Rate:
    """Let each token send *limit* times in any minute."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit

    def take(self, token: str, now: float) -> float:
        """Count one more at *now*, in Unix seconds, and return 0; or return the seconds to wait."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA synchronous=OFF")
                connection.executescript(SCHEMA)
                with connection:
                    return self._count(connection, token, now)
        except (sqlite3.Error, OSError) as error:
            log.warning("Messages are not counted.", extra={"error": str(error)})
            return 0.0

    def _count(self, connection: sqlite3.Connection, token: str, now: float) -> float:
        connection.execute("BEGIN IMMEDIATE")
        # An instant ahead of us means that the clock was set back.
        connection.execute(
            "DELETE FROM sent WHERE at <= ? OR at > ?", (now - WINDOW_SECONDS, now + WINDOW_SECONDS)
        )
        rows = connection.execute(
            "SELECT at FROM sent WHERE token = ? ORDER BY at DESC LIMIT ?", (token, self._limit)
        ).fetchall()
        if len(rows) == self._limit:
            return float(max(0.001, rows[-1][0] + WINDOW_SECONDS - now))
        connection.execute("INSERT INTO sent VALUES (?, ?)", (token, now))
        return 0.0
