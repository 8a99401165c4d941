"""Say no as Drone does: a status and a sentence (handler/api/errors/errors.go)."""

from __future__ import annotations


class Refused(Exception):
    """End a call with a *status* and Drone's message."""

    def __init__(self, status: int, message: str) -> None:
        """Keep both for the answer."""
        super().__init__(message)
        self.status = status
        self.message = message


NO_ROWS = "sql: no rows in result set"


def unauthorized() -> Refused:
    """Refuse a guest."""
    return Refused(401, "Unauthorized")


def forbidden() -> Refused:
    """Refuse whoever is no administrator of the whole server."""
    return Refused(403, "Forbidden")


def not_found() -> Refused:
    """Refuse whoever may not know that it is there."""
    return Refused(404, "Not Found")


def no_row() -> Refused:
    """Say that there is no such build, stage, step or log."""
    return Refused(404, NO_ROWS)


def bad_number(text: str) -> Refused:
    """Complain about a path, in the words of Go."""
    return Refused(400, f'strconv.ParseInt: parsing "{text}": invalid syntax')
