"""Check the `attachments` of a body against the files that come with it.

https://docs.discord.com/developers/reference#uploading-files
"""

from __future__ import annotations

from collections.abc import Iterator

from playground.discord.core import check
from playground.discord.core.violation import TOO_MANY_ATTACHMENTS, Path, Violation

MAX_ATTACHMENTS = 10
MAX_FILENAME = 1024
MAX_DESCRIPTION = 1024
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_REQUEST_BYTES = 25 * 1024 * 1024


def attachments(
    value: object, *, files: int, kept: frozenset[str], path: Path = ("attachments",)
) -> Iterator[Violation]:
    """Check the list: each id is the number of a file sent along, or of one the message has."""
    yield from check.record_list(value, path)
    every = check.listed(value)
    if max(len(every), files) > MAX_ATTACHMENTS:
        message = f"Maximum number of attachments in a message reached ({MAX_ATTACHMENTS})"
        yield Violation((), TOO_MANY_ATTACHMENTS, message)
    known = kept | {str(number) for number in range(files)}
    for index, item in enumerate(every):
        attachment, here = check.mapped(item), (*path, index)
        identity = attachment.get("id")
        yield from check.snowflake(identity, (*here, "id"))
        if str(identity) not in known:
            message = f"No uploaded file has the id {identity}"
            yield Violation((*here, "id"), "ATTACHMENT_NOT_FOUND", message)
        name = attachment.get("filename")
        yield from check.text(name, (*here, "filename"), least=1, most=MAX_FILENAME)
        description = attachment.get("description")
        yield from check.text(description, (*here, "description"), most=MAX_DESCRIPTION)
