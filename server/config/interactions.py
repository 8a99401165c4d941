"""The settings of interactions: commands and buttons."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from server.core.discord.snowflake import is_snowflake

_PUBLIC_KEY = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class InteractionSettings:
    """Whose interactions are answered, and where; without a public key nobody's."""

    public_key: str = ""  # hexadecimal
    application_id: str = ""
    guild_id: str = ""  # "" is not known
    channel_id: str = ""  # where cards go; it stands for the server while that is not known
    operator_role_ids: frozenset[str] = frozenset()


def read_interactions(text: Callable[[str], str]) -> tuple[InteractionSettings, list[str]]:
    """Read the settings through *text*; return them, and what is wrong."""
    roles = [part.strip() for part in text("DISCORD_OPERATOR_ROLE_IDS").split(",")]
    settings = InteractionSettings(
        public_key=text("DISCORD_PUBLIC_KEY"),
        application_id=text("DISCORD_APPLICATION_ID"),
        guild_id=text("DISCORD_GUILD_ID"),
        channel_id=text("DISCORD_CHANNEL_ID"),
        operator_role_ids=frozenset(role for role in roles if role),
    )
    return settings, list(_problems(settings))


def _problems(settings: InteractionSettings) -> list[str]:
    problems = []
    if settings.application_id and not is_snowflake(settings.application_id):
        problems.append("DISCORD_APPLICATION_ID must be an id of 17 to 20 digits.")
    if not all(is_snowflake(role) for role in settings.operator_role_ids):
        problems.append(
            "DISCORD_OPERATOR_ROLE_IDS must be ids of 17 to 20 digits with commas between them."
        )
    if not settings.public_key:
        return problems
    if not _PUBLIC_KEY.fullmatch(settings.public_key):
        problems.append(
            "DISCORD_PUBLIC_KEY must be the 64 hexadecimal digits on your application's page "
            "General Information at discord.com/developers."
        )
    if not settings.application_id:
        problems.append(
            "DISCORD_PUBLIC_KEY needs DISCORD_APPLICATION_ID, which stands on the same page."
        )
    if not (settings.guild_id or settings.channel_id):
        problems.append(
            "DISCORD_PUBLIC_KEY needs DISCORD_GUILD_ID or DISCORD_CHANNEL_ID: without either, "
            "whoever invites the bot to another server could act on your builds."
        )
    return problems
