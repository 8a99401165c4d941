"""Who may look and who may act.

Reading is for everyone, of private repositories for those who see the channel of the cards; acting
is for members with Manage Server and for the roles of DISCORD_OPERATOR_ROLE_IDS. All of it holds
at home only: an application can be invited to other servers, and whoever invites it manages that.
"""

from collections.abc import Set
from dataclasses import dataclass

from server.core.interactions.request import Member, Origin
from server.core.model.build import Repo

# https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5


@dataclass(frozen=True, slots=True)
class Home:
    """Where interactions are answered: in one server, or without its id in one channel."""

    guild_id: str
    channel_id: str  # of the cards; "" is not known


def stranger(origin: Origin, home: Home) -> str:
    """Say why nobody is answered there, or ""."""
    if origin.member is None or not origin.guild_id:
        return "This works in a server's channel only, not in direct messages."
    if home.guild_id:
        at_home = origin.guild_id == home.guild_id
        return "" if at_home else "This bridge belongs to another server."
    if origin.channel_id == home.channel_id:
        return ""
    return (
        f"This works in <#{home.channel_id}> only. To use it in every channel, put the id of "
        "this server into DISCORD_GUILD_ID."
    )


def may_act(member: Member, role_ids: Set[str]) -> bool:
    """Tell whether *member* may change anything at Drone; *role_ids* are the operators' roles."""
    manages = bool(member.permissions & (ADMINISTRATOR | MANAGE_GUILD))
    return manages or not member.role_ids.isdisjoint(role_ids)


def sees_private(origin: Origin, home: Home, role_ids: Set[str]) -> bool:
    """Tell whether somebody may read of private repositories: where their cards are, or as one
    who may act. Whoever runs a command in a channel sees that channel.
    """
    is_there = origin.channel_id == home.channel_id
    return is_there or (origin.member is not None and may_act(origin.member, role_ids))


def is_public(repo: Repo) -> bool:
    """Tell whether everybody may see a repository; of one that is not known nobody can say."""
    return repo.id > 0 and not repo.private and repo.visibility in ("", "public")


def who_may(role_ids: Set[str]) -> str:
    """Tell somebody who may not act who may; the names of roles are Discord's to show."""
    roles = ", ".join(f"<@&{role}>" for role in sorted(role_ids))
    return "You may look, but not act: that takes the permission Manage Server" + (
        f" or one of these roles: {roles}." if roles else "."
    )
