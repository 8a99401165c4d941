"""Keep rows under Drone's optimistic lock: only whoever knows a row's version may update it."""

from collections import defaultdict
from collections.abc import Callable
from copy import copy
from typing import Generic, Protocol, TypeVar


class Row(Protocol):
    """Describe what the lock needs of a row."""

    id: int
    version: int


RowT = TypeVar("RowT", bound=Row)


class LostLock(Exception):
    """Say that somebody else updated the row since it was read; Drone answers 409."""


class Table(Generic[RowT]):
    """Hold rows by id and by parent; readers get copies, so that what was read can grow stale."""

    def __init__(self, parent: Callable[[RowT], int]) -> None:
        """Group the rows by what *parent* says of each."""
        self._parent = parent
        self._rows: dict[int, RowT] = {}
        self._children: defaultdict[int, list[int]] = defaultdict(list)

    def create(self, row: RowT) -> RowT:
        """Store a new row as version 1."""
        row.version = 1
        self._rows[row.id] = copy(row)
        self._children[self._parent(row)].append(row.id)
        return row

    def find(self, row_id: int) -> RowT:
        """Give a copy of the row as it is now."""
        return copy(self._rows[row_id])

    def children(self, parent_id: int) -> list[RowT]:
        """Give copies of all rows of one parent, oldest first."""
        return [copy(self._rows[row_id]) for row_id in self._children[parent_id]]

    def update(self, row: RowT) -> None:
        """Store *row* and raise its version; raises LostLock if it is not the newest."""
        if self._rows[row.id].version != row.version:
            raise LostLock
        row.version += 1
        self._rows[row.id] = copy(row)

    def remove(self, row_id: int) -> None:
        """Forget a row for good."""
        row = self._rows.pop(row_id)
        self._children[self._parent(row)].remove(row_id)
