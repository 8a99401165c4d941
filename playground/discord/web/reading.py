"""Read a request's body, JSON or form or multipart, within Discord's size."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from playground.discord.core.attachment import MAX_REQUEST_BYTES
from playground.discord.core.refusal import (
    TOO_LARGE,
    WRONG_CONTENT_TYPE,
    Refusal,
    Refused,
    invalid_form,
)
from playground.discord.core.violation import Violation
from playground.discord.services.ask import Upload, decode_json

MAX_TEXT_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Body:
    """Hold a body: as text for the request log, decoded for the use case."""

    text: str = ""
    decoded: object = None
    files: tuple[Upload, ...] = ()
    refusal: Refusal | None = None  # why it could not be decoded


async def read_body(request: web.Request) -> Body:
    """Read and decode the body; what is wrong with it comes back as a refusal."""
    if not request.can_read_body:
        return Body()
    if (request.content_length or 0) > MAX_REQUEST_BYTES:
        return Body(refusal=TOO_LARGE)
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    raw = await request.read()
    text = raw.decode(errors="replace")
    if request.content_type == "application/json":
        return _decode(text, ())
    if request.content_type == "application/x-www-form-urlencoded":
        form = {key: value for key, value in (await request.post()).items()}
        return Body(text, form)
    violation = Violation((), "CONTENT_TYPE_INVALID", WRONG_CONTENT_TYPE)
    return Body(text, refusal=invalid_form([violation]))


async def _read_multipart(request: web.Request) -> Body:
    form: dict[str, object] = {}
    text: str | None = None
    files: list[Upload] = []
    size = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read(decode=False))
        size += len(data)
        if size > MAX_REQUEST_BYTES:
            return Body(refusal=TOO_LARGE)
        if part.name == "payload_json":
            text = data.decode(errors="replace")
        elif part.filename is not None:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            files.append(Upload(part.filename, kind, data))
        else:
            form[part.name or ""] = data.decode(errors="replace")
    if text is None:
        return Body("", form, tuple(files))
    return _decode(text, tuple(files))


def _decode(text: str, files: tuple[Upload, ...]) -> Body:
    if not text:
        return Body(files=files)
    try:
        return Body(text, decode_json(text), files)
    except Refused as refused:
        return Body(text, None, files, refused.refusal)
