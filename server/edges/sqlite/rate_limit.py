"""How often each token sent within the last minute: one SQLite file for the processes of a host.

It needs no durability. While it cannot be used, each process counts by itself, in memory.
"""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Lock

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60.0
# A thread that waits here answers no other request.
BUSY_SECONDS = 0.25
# A file that could not be used is left alone this long.
REST_SECONDS = 10.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (token TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sent_by ON sent (token, at);
"""


class Rate:
    """Let each token send *limit* times in any minute."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._lock = Lock()
        self._own = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._own.executescript(SCHEMA)
        self._rested_at: float | None = None

    def take(self, token: str, now: float) -> float:
        """Count one more at *now*, in Unix seconds, and return 0; or return the seconds to wait."""
        if self._rested_at is None or not 0 <= now - self._rested_at < REST_SECONDS:
            try:
                return self._take_from_file(token, now)
            except (sqlite3.Error, OSError) as error:
                self._rested_at = now
                log.warning("Each process counts messages by itself.", extra={"error": str(error)})
        with self._lock, self._own:
            return self._count(self._own, token, now)

    def _take_from_file(self, token: str, now: float) -> float:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.executescript(SCHEMA)
            with connection:
                wait = self._count(connection, token, now)
        self._rested_at = None
        return wait

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
