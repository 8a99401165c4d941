"""Keep the one guild there is: its roles, members, channels, and what the bot may do in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.discord.core.permission import Overwrite, Permission, permissions_in

TEXT, CATEGORY, FORUM, THREAD = 0, 4, 15, 11
VIEW = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY | Permission.ADD_REACTIONS
SPEAK = (
    Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.MENTION_EVERYONE
)


@dataclass(frozen=True, slots=True)
class Role:
    """Hold one role."""

    id: str
    name: str
    permissions: int
    position: int = 0
    color: int = 0

    def to_json(self) -> dict[str, object]:
        """Build Discord's role object."""
        return {
            "id": self.id,
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": self.color,
            "hoist": False,
            "managed": self.position > 0,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(frozen=True, slots=True)
class Member:
    """Hold one member of the guild: the bot, or a person."""

    id: str
    name: str
    role_ids: tuple[str, ...] = ()
    is_bot: bool = False

    def user(self) -> dict[str, object]:
        """Build Discord's user object."""
        user: dict[str, object] = {
            "id": self.id,
            "username": self.name,
            "global_name": None if self.is_bot else self.name,
            "discriminator": "0000" if self.is_bot else "0",
            "avatar": None,
            "public_flags": 0,
        }
        return {**user, "bot": True} if self.is_bot else user

    def to_json(self) -> dict[str, object]:
        """Build Discord's member object."""
        return {
            "user": self.user(),
            "nick": None,
            "roles": list(self.role_ids),
            "joined_at": "2025-01-01T00:00:00+00:00",
            "communication_disabled_until": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
        }


@dataclass(slots=True)
class Channel:
    """Hold one channel; a thread is a channel of type 11."""

    id: str
    name: str
    type: int = TEXT
    topic: str = ""
    is_archived: bool = False
    is_locked: bool = False  # only who manages threads opens it again
    members: set[str] = field(default_factory=set)  # of a thread: who has posted there
    parent_id: str = ""  # of a thread; it has the parent's overwrites and none of its own
    overwrites: list[Overwrite] = field(default_factory=list)


@dataclass(slots=True)
class Guild:
    """Hold the guild and answer what the bot may do in it."""

    id: str
    name: str
    bot_id: str
    roles: dict[str, Role]
    members: dict[str, Member]
    channels: dict[str, Channel]
    # Discord's user objects by id, built once since every message carries them.
    users: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Build the user objects."""
        self.users = {one.id: one.user() for one in self.members.values()}

    def permissions(self, channel: Channel) -> Permission:
        """Compute what the bot may do in *channel*."""
        bot, is_thread = self.members[self.bot_id], channel.type == THREAD
        base = self.roles[self.id].permissions
        for role_id in bot.role_ids:
            base |= self.roles[role_id].permissions
        return permissions_in(
            base=base,
            overwrites=self.channels.get(channel.parent_id, channel).overwrites,
            everyone_id=self.id,
            role_ids=frozenset(bot.role_ids),
            member_id=self.bot_id,
            sending=Permission.SEND_MESSAGES_IN_THREADS if is_thread else Permission.SEND_MESSAGES,
        )

    def to_json(self) -> dict[str, object]:
        """Build Discord's guild object, roles included."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "owner_id": next(one.id for one in self.members.values() if not one.is_bot),
            "roles": [role.to_json() for role in self.roles.values()],
            "features": [],
            "emojis": [],
            "stickers": [],
        }

    def channel_json(self, channel: Channel) -> dict[str, object]:
        """Build Discord's channel object, overwrites included."""
        body: dict[str, object] = {
            "id": channel.id,
            "type": channel.type,
            "guild_id": self.id,
            "name": channel.name,
            "topic": channel.topic or None,
            "position": list(self.channels).index(channel.id),
            "permission_overwrites": [one.to_json() for one in channel.overwrites],
            "parent_id": channel.parent_id or None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "last_message_id": None,
            "flags": 0,
        }
        if channel.type == THREAD:
            body["thread_metadata"] = {
                "archived": channel.is_archived,
                "locked": channel.is_locked,
            }
        return body


def default_guild(guild_id: str, bot_id: str, channels: dict[str, str]) -> Guild:
    """Make the guild a stand-in starts with: two people, the bot, and *channels* (id to name)."""
    bot_role = str(int(bot_id) + 1)
    people = {str(int(guild_id) + 100 + n): name for n, name in enumerate(("ada", "grace"))}
    return Guild(
        id=guild_id,
        name="Playground",
        bot_id=bot_id,
        roles={
            guild_id: Role(guild_id, "@everyone", int(VIEW | SPEAK)),
            bot_role: Role(bot_role, "Drone", int(VIEW | SPEAK), position=1, color=0x21B7FD),
        },
        members={
            bot_id: Member(bot_id, "Drone", (bot_role,), is_bot=True),
            **{one: Member(one, name) for one, name in people.items()},
        },
        channels={one: Channel(one, name) for one, name in channels.items()},
    )
