"""Keep one message with all its versions, and decide what an edit makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from playground.discord.core import check
from playground.discord.core.body import clean, instant, stored_components, stored_embeds
from playground.discord.core.layout import texts
from playground.discord.core.mention import Mentions, mentions

SUPPRESS_EMBEDS, EPHEMERAL, LOADING = 1 << 2, 1 << 6, 1 << 7
SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2 = 1 << 12, 1 << 15
ON_CREATE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_COMPONENTS_V2
DEFAULT, REPLY, COMMAND = 0, 19, 20
MAX_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class Version:
    """Hold what a message shows from one moment on."""

    at: float  # seconds since 1970
    cause: str  # create, edit, revert or callback
    content: str = ""
    embeds: list[dict[str, object]] = field(default_factory=list)
    components: list[object] = field(default_factory=list)
    attachments: list[dict[str, object]] = field(default_factory=list)
    flags: int = 0
    mentions: Mentions = field(default_factory=Mentions)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing would be shown."""
        return not (self.content or self.embeds or self.components or self.attachments)

    def to_json(self) -> dict[str, object]:
        """Show the version at the control endpoint."""
        return {
            "at": self.at,
            "cause": self.cause,
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "attachments": self.attachments,
            "flags": self.flags,
        }


@dataclass(slots=True)
class Message:
    """Hold one message: what never changes, and its versions."""

    id: str
    channel_id: str
    author_id: str
    created_at: float
    versions: list[Version]
    type: int = DEFAULT
    nonce: str | int | None = None
    reply_to: str | None = None  # the id of the message this one answers
    notified: list[str] = field(default_factory=list)  # whom creating it notified
    forgotten_versions: int = 0  # versions between the first and those kept
    deleted_at: float | None = None
    deleted_by: str | None = None  # an author's id, or "person"
    interaction_id: str | None = None

    @property
    def shown(self) -> Version:
        """Return the newest version."""
        return self.versions[-1]

    @property
    def edited_at(self) -> float | None:
        """Tell when it was last edited; a revert or a completed callback leaves no trace."""
        return next((one.at for one in reversed(self.versions) if one.cause == "edit"), None)

    def add(self, version: Version) -> None:
        """Show a new version, forgetting the second oldest when there are too many."""
        self.versions.append(version)
        if len(self.versions) > MAX_VERSIONS:
            self.forget_a_version()

    def forget_a_version(self) -> None:
        """Forget the oldest version that is neither the first nor shown."""
        if len(self.versions) > 2:
            del self.versions[1]
            self.forgotten_versions += 1


def first_version(
    payload: Mapping[str, object],
    attachments: list[dict[str, object]],
    now: float,
    *,
    settable: int = ON_CREATE,
) -> Version:
    """Make the first version of a message out of an accepted body."""
    content, components = clean(payload.get("content")), payload.get("components")
    return Version(
        at=now,
        cause="create",
        content=content,
        embeds=stored_embeds(payload.get("embeds")),
        components=stored_components(components),
        attachments=attachments,
        flags=_flags(payload) & settable,
        mentions=_mentions(content, check.listed(components), payload),
    )


def next_version(
    shown: Version,
    payload: Mapping[str, object],
    attachments: list[dict[str, object]],
    now: float,
) -> Version:
    """Apply an accepted edit: only the keys it has change, null empties."""
    version = replace(shown, at=now, cause="edit", attachments=attachments)
    if "content" in payload:
        version = replace(version, content=clean(payload["content"]))
    if "embeds" in payload:
        version = replace(version, embeds=stored_embeds(payload["embeds"]))
    if "components" in payload:
        version = replace(version, components=stored_components(payload["components"]))
    if payload.get("flags") is not None:
        # V2 can be set and never unset; other changes are ignored.
        kept = shown.flags & ~SUPPRESS_EMBEDS
        version = replace(
            version, flags=kept | _flags(payload) & (SUPPRESS_EMBEDS | IS_COMPONENTS_V2)
        )
    # allowed_mentions applies afresh on every edit, with the defaults if it is absent.
    return replace(version, mentions=_mentions(version.content, version.components, payload))


def to_json(message: Message, users: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Build Discord's message object, without its nonce and without what it refers to."""
    shown = message.shown
    return {
        "id": message.id,
        "channel_id": message.channel_id,
        "type": message.type,
        "content": shown.content,
        "author": users[message.author_id],
        "timestamp": instant(message.created_at),
        "edited_timestamp": instant(message.edited_at),
        "tts": False,
        "pinned": False,
        "mention_everyone": shown.mentions.everyone,
        "mentions": [users[one] for one in shown.mentions.users if one in users],
        "mention_roles": list(shown.mentions.roles),
        "attachments": shown.attachments,
        "embeds": shown.embeds,
        "components": shown.components,
        "flags": shown.flags,
    }


def _flags(payload: Mapping[str, object]) -> int:
    flags = payload.get("flags")
    return flags if isinstance(flags, int) else 0


def _mentions(content: str, components: list[object], payload: Mapping[str, object]) -> Mentions:
    return mentions([content, *texts(components)], payload.get("allowed_mentions"))
