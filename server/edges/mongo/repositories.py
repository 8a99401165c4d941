"""Known repositories on MongoDB."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from server.core.drone.payload import repo_of, system_of
from server.core.model.repository import KnownRepo
from server.edges.mongo.documents import Document, create_expiry, expiry
from server.edges.mongo.errors import translated


class MongoRepos:
    """Repositories, one document each; one that is silent for as long as cards live expires.

    Beside them is one document for each channel, which says since when builds are shown in it.
    """

    def __init__(self, database: Database[Document], ttl: timedelta) -> None:
        self._repos = database.repos
        self._ttl = ttl

    def prepare(self) -> None:
        """Create the indexes that are missing."""
        with translated():
            self._repos.create_index([("repo.slug", ASCENDING)], name="slug")
            create_expiry(self._repos, self._ttl)

    def list(self) -> Sequence[KnownRepo]:
        """Read them all, the one heard of last first."""
        with translated():
            found = [_known(row) for row in self._repos.find({"repo": {"$exists": True}})]
        return sorted(found, key=lambda known: known.heard_at, reverse=True)

    def named(self, slug: str) -> Sequence[KnownRepo]:
        """Read those that are called *slug*, the one heard of last first."""
        with translated():
            found = [_known(row) for row in self._repos.find({"repo.slug": slug})]
        return sorted(found, key=lambda known: known.heard_at, reverse=True)

    def note(self, known: KnownRepo) -> None:
        """Write what is known of a repository over what was known."""
        values = {
            **asdict(known),
            "targets": [*known.targets],
            **expiry(known.heard_at, self._ttl),
        }
        with translated():
            self._repos.replace_one({"_id": known.id}, values, upsert=True)

    def since(self, channel_id: str, now: datetime) -> datetime:
        """Return since when builds are shown in a channel: the first *now* that was given."""
        key = f"since/{channel_id}"
        with translated():
            with suppress(DuplicateKeyError):
                self._repos.insert_one({"_id": key, "since": now})
            found = self._repos.find_one({"_id": key})
        since: datetime = found["since"] if found else now
        return since


def _known(row: Mapping[str, Any]) -> KnownRepo:
    return KnownRepo(
        system_of(row["system"]),
        repo_of(row["repo"]),
        row["last_number"],
        row["heard_at"],
        tuple(row["targets"]),
        row["is_readable"],
        # What an earlier version wrote was heard of without holes.
        tuple((low, high) for low, high in row.get("settled", [(1, row["last_number"])])),
        row.get("hidden_at"),
        row.get("is_deleted", False),
    )
