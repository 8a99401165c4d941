"""The settings of pushed messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server.core.discord.snowflake import is_snowflake
from server.core.messages.tokens import (
    DEFAULT_CHANNEL,
    Token,
    read_channels,
    read_tokens,
)


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """Who may push messages and where to; without tokens nobody may."""

    tokens: tuple[Token, ...] = ()
    # ids by name
    channels: Mapping[str, str] = field(default_factory=lambda: {DEFAULT_CHANNEL: ""})
    per_minute: int = 60  # for each token
    guild_id: str = ""  # for links; "" is not known


def read_messages(text: Callable[[str], str], per_minute: int) -> tuple[MessageSettings, list[str]]:
    """Read the settings through *text*; return them, and what is wrong."""
    channels, problems = read_channels(text("MESSAGES_CHANNELS"))
    tokens, others = read_tokens(text("MESSAGES_TOKENS"), channels)
    guild_id = text("DISCORD_GUILD_ID")
    if guild_id and not is_snowflake(guild_id):
        others.append("DISCORD_GUILD_ID must be an id of 17 to 20 digits.")
    return MessageSettings(tokens, channels, per_minute, guild_id), problems + others
