"""Take in the files of a message and build their attachment objects."""

from __future__ import annotations

from collections.abc import Mapping

from playground.discord.core import check
from playground.discord.core.attachment import MAX_FILE_BYTES
from playground.discord.core.refusal import TOO_LARGE, Refused
from playground.discord.services.ask import Ask, Upload
from playground.discord.services.world import World


def refuse_files(files: tuple[Upload, ...]) -> None:
    """Refuse a file that is larger than a bot may send."""
    if any(len(one.data) > MAX_FILE_BYTES for one in files):
        raise Refused(TOO_LARGE)


def keep_files(
    world: World, channel_id: str, payload: Mapping[str, object], ask: Ask
) -> list[dict[str, object]]:
    """Keep the files sent along and build their attachment objects."""
    listed = check.listed(payload.get("attachments"))
    about = {str(check.mapped(one).get("id")): check.mapped(one) for one in listed}
    kept: list[dict[str, object]] = []
    for index, upload in enumerate(ask.files):
        identity = world.mint.mint(ask.now)
        world.keep_file(identity, upload)
        name = str(about.get(str(index), {}).get("filename") or upload.name)
        url = f"{world.base_url}/attachments/{channel_id}/{identity}/{name}"
        attachment: dict[str, object] = {
            "id": identity,
            "filename": name,
            "size": len(upload.data),
            "url": url,
            "proxy_url": url,
            "content_type": upload.content_type,
        }
        if description := about.get(str(index), {}).get("description"):
            attachment["description"] = description
        kept.append(attachment)
    return kept
