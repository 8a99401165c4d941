"""Rights of members: who may read, and who may act.

Reading is for every member, of private repositories for those who see the channel of the cards;
acting is for members with Manage Server and for the roles of DISCORD_OPERATOR_ROLE_IDS. An
application can be invited to other servers, so it holds in the server of the bridge alone.
"""

from dataclasses import dataclass

from server.core.interactions.request import Member, Origin

# https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5


@dataclass(frozen=True, slots=True)
class Rights:
    """The settings of rights; without the id of the server one channel stands for it."""

    guild_id: str  # "" is not known
    channel_id: str  # of the cards; "" is not known
    operator_role_ids: frozenset[str] = frozenset()  # may act besides those who manage the server


def refusal_of_place(origin: Origin, rights: Rights) -> str:
    """Say why interactions are not answered where this one comes from, or ""."""
    if origin.member is None or not origin.guild_id:
        return "This works in a server's channel only, not in direct messages."
    if rights.guild_id:
        is_ours = origin.guild_id == rights.guild_id
        return "" if is_ours else "This bridge belongs to another server."
    if origin.channel_id == rights.channel_id:
        return ""
    return (
        f"This works in <#{rights.channel_id}> only. To use it in every channel, put the id of "
        "this server into DISCORD_GUILD_ID."
    )


def may_act(member: Member, rights: Rights) -> bool:
    """Tell whether *member* may change anything at Drone."""
    manages = bool(member.permissions & (ADMINISTRATOR | MANAGE_GUILD))
    return manages or not member.role_ids.isdisjoint(rights.operator_role_ids)


def may_read_private(origin: Origin, rights: Rights) -> bool:
    """Tell whether a member may read of private repositories: in the channel of their cards, or
    with the right to act. Discord runs a command in a channel for those alone who see it.
    """
    is_there = origin.channel_id == rights.channel_id
    return is_there or (origin.member is not None and may_act(origin.member, rights))


def refusal_of_action(rights: Rights) -> str:
    """Say which rights acting takes; the names of roles are Discord's to show."""
    roles = ", ".join(f"<@&{role}>" for role in sorted(rights.operator_role_ids))
    return "You may look, but not act: that takes the permission Manage Server" + (
        f" or one of these roles: {roles}." if roles else "."
    )
