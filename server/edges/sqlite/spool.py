"""The spool: deliveries on local disk while MongoDB is away.

One SQLite file, shared by the processes of a host.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from server.core.delivery import Delivery
from server.core.messages.idempotency import LIFE, Claim, stands
from server.errors import StoreUnavailable

SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY, event TEXT NOT NULL, body BLOB NOT NULL, received_at REAL NOT NULL
)
"""
ARRIVALS = "CREATE INDEX IF NOT EXISTS arrivals ON deliveries (received_at, id)"
CLAIMS = """
CREATE TABLE IF NOT EXISTS claims (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, message TEXT NOT NULL, delivery TEXT NOT NULL,
    at REAL NOT NULL
)
"""
# https://www.sqlite.org/pragma.html
PRAGMAS = (
    "PRAGMA journal_mode=PERSIST",
    "PRAGMA journal_size_limit=1048576",  # as JOURNAL_BYTES
    # FULL would let a power cut bring the journal back, and take a delivery with it.
    "PRAGMA synchronous=EXTRA",
    # Where it is on by default, a removal overwrites the whole body, by way of the journal.
    "PRAGMA secure_delete=OFF",
    "PRAGMA temp_store=MEMORY",
)
# How long one process waits for another to finish writing.
BUSY_SECONDS = 2.0
# Removing changes pages, and SQLite writes each as it was into the journal first. This much of the
# journal stays on the disk from the first delivery on, so that a full disk can be emptied again.
JOURNAL_BYTES = 1024 * 1024
# What is read at once ends here: a delivery may have 8 MiB.
READ_BYTES = 4 * 1024 * 1024
# One delivery changes a few pages, whatever its size: a transaction of this many fits the journal.
REMOVED_AT_ONCE = 50


class Spool:
    """Keep deliveries until they are drained; every method may raise StoreUnavailable."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, delivery: Delivery) -> bool:
        """Keep a delivery on disk before returning; False if it was kept before."""
        row = (delivery.id, delivery.event, delivery.body, delivery.received_at.timestamp())
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(ARRIVALS)
            self._reserve_journal()
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

    def oldest(self, count: int, after: Delivery | None = None) -> list[Delivery]:
        """Read at most *count* deliveries that arrived *after* another; none if there is no spool.

        They come in the order of arrival, and fewer at once when they are large.
        """
        if not self._exists():
            return []
        since = (after.received_at.timestamp(), after.id) if after else (float("-inf"), "")
        found: list[Delivery] = []
        with self._open() as connection:
            rows = connection.execute(
                "SELECT id, event, body, received_at FROM deliveries"
                " WHERE (received_at, id) > (?, ?) ORDER BY received_at, id LIMIT ?",
                (*since, count),
            )
            weight = 0
            for row in rows:
                found.append(_delivery(row))
                weight += len(row[2])
                if weight >= READ_BYTES:
                    break
        return found

    def remove(self, ids: Sequence[str]) -> None:
        """Forget deliveries that are safe elsewhere."""
        for start in range(0, len(ids), REMOVED_AT_ONCE):
            with self._open() as connection:
                connection.execute("BEGIN IMMEDIATE")
                self._reserve_journal()
                connection.executemany(
                    "DELETE FROM deliveries WHERE id = ?",
                    [(key,) for key in ids[start : start + REMOVED_AT_ONCE]],
                )

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

    def _reserve_journal(self) -> None:
        """Let the journal keep its room on the disk; only within a transaction that has begun.

        No other process writes then. A journal that begins with zeros holds nothing.
        """
        with suppress(OSError), open(f"{self._path}-journal", "ab") as journal:
            if (missing := JOURNAL_BYTES - journal.tell()) > 0:
                journal.write(bytes(missing))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open a connection for one transaction: short-lived, so no thread or fork can share it.

        The journal is emptied by overwriting its head, never deleted, so that its room is kept. A
        write-ahead log would grow with each removal, and turning one on fails, without waiting,
        while a second process does the same.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as connection:
                for pragma in PRAGMAS:
                    connection.execute(pragma)
                connection.execute(SCHEMA)
                try:
                    with connection:
                        yield connection
                except sqlite3.Error:
                    # On a full disk only the next look undoes what was begun, and that of another
                    # connection, which has not set its mode yet, would delete the journal.
                    connection.execute("SELECT 1 FROM deliveries LIMIT 1")
                    raise
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"the spool {self._path}: {error}") from error


def _delivery(row: tuple[str, str, bytes, float]) -> Delivery:
    return Delivery(row[0], row[1], row[2], datetime.fromtimestamp(row[3], UTC))
