"""The spool: deliveries on local disk while MongoDB is away.

One SQLite file, shared by the processes of a host.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from server.core.claim import LIFE, Claim, stands
from server.core.delivery import Delivery
from server.errors import StoreUnavailable

SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY, event TEXT NOT NULL, body BLOB NOT NULL, received_at REAL NOT NULL
)
"""
CLAIMS = """
CREATE TABLE IF NOT EXISTS claims (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, message TEXT NOT NULL, delivery TEXT NOT NULL,
    at REAL NOT NULL
)
"""
# How long one process waits for another to finish writing.
BUSY_SECONDS = 2.0


class Spool:
    """Keep deliveries until they are drained; every method may raise StoreUnavailable."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery on disk before returning; False if it was kept before."""
        row = (delivery.id, delivery.event, delivery.body, delivery.received_at.timestamp())
        with self._open() as connection:
            cursor = connection.execute("INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, ?)", row)
            return cursor.rowcount == 1

    def claim(self, claim: Claim) -> Claim:
        """Claim a key for all processes of this host; return the claim that stands."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(CLAIMS)
            found = connection.execute("SELECT * FROM claims WHERE id = ?", (claim.id,)).fetchone()
            if found:
                key, digest, message, delivery, at = found
                standing = Claim(key, digest, message, delivery, datetime.fromtimestamp(at, UTC))
                if stands(standing, claim.at):
                    return standing
            row = (claim.id, claim.digest, claim.message_id, claim.delivery_id)
            connection.execute(
                "INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?)",
                (*row, claim.at.timestamp()),
            )
            connection.execute("DELETE FROM claims WHERE at < ?", ((claim.at - LIFE).timestamp(),))
        return claim

    def find_beginning(self, prefix: str) -> Delivery | None:
        """Return a delivery whose id begins with *prefix*."""
        if not self._exists():
            return None
        with self._open() as connection:
            row = connection.execute(
                "SELECT id, event, body, received_at FROM deliveries WHERE id >= ? AND id < ?",
                (prefix, prefix + "\x7f"),
            ).fetchone()
        return _delivery(row) if row else None

    def last_of(self, prefix: str) -> str:
        """Return the last id that begins with *prefix*, or ""."""
        if not self._exists():
            return ""
        with self._open() as connection:
            row = connection.execute(
                "SELECT max(id) FROM deliveries WHERE id >= ? AND id < ?", (prefix, prefix + "\x7f")
            ).fetchone()
        return row[0] or ""

    def oldest(self, count: int) -> list[Delivery]:
        """Read at most *count* deliveries in the order of arrival; none if there is no spool."""
        if not self._exists():
            return []
        with self._open() as connection:
            rows = connection.execute(
                "SELECT id, event, body, received_at FROM deliveries ORDER BY received_at LIMIT ?",
                (count,),
            ).fetchall()
        return [_delivery(row) for row in rows]

    def remove(self, ids: list[str]) -> None:
        """Forget deliveries that are safe elsewhere."""
        with self._open() as connection:
            connection.executemany("DELETE FROM deliveries WHERE id = ?", [(key,) for key in ids])

    def count(self) -> int:
        """Return how many deliveries wait here; a place where none could wait is unavailable."""
        if not self._exists():
            self._check_place()
            return 0
        with self._open() as connection:
            return int(connection.execute("SELECT count(*) FROM deliveries").fetchone()[0])

    def _exists(self) -> bool:
        try:
            return self._path.exists()
        except OSError as error:
            raise StoreUnavailable(f"the spool {self._path}: {error}") from error

    def _check_place(self) -> None:
        folder = next(folder for folder in self._path.absolute().parents if folder.exists())
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise StoreUnavailable(f"the spool {self._path}: {folder} cannot be written to")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open a connection for one transaction: short-lived, so no thread or fork can share it.

        The journal stays SQLite's own: turning on another fails, without waiting, while a second
        process does the same.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as connection:
                # FULL would let a power cut bring the journal back, and take a delivery with it.
                # https://www.sqlite.org/pragma.html#pragma_synchronous
                connection.execute("PRAGMA synchronous=EXTRA")
                connection.execute(SCHEMA)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"the spool {self._path}: {error}") from error


def _delivery(row: tuple[str, str, bytes, float]) -> Delivery:
    return Delivery(row[0], row[1], row[2], datetime.fromtimestamp(row[3], UTC))
