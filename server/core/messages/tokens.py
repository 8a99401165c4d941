"""Tokens: who may push messages, to which channels, and whether they may mention people.

MESSAGES_TOKENS=name:token[:channel|channel…][!mentions],…
MESSAGES_CHANNELS=name:id,…
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runtime.secret import Secret
from server.core.discord.snowflake import is_snowflake

# The channel of the cards, which needs no name in the settings.
DEFAULT_CHANNEL = "default"
MAY_MENTION = "!mentions"
SHORTEST = 16

_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")
# RFC 6750, section 2.1, without the signs that separate our own settings.
_TOKEN = re.compile(rf"[A-Za-z0-9._~+/=-]{{{SHORTEST},}}")


@dataclass(frozen=True, slots=True)
class Token:
    """One caller; without *channels* it may write to all of them."""

    name: str
    secret: Secret
    channels: tuple[str, ...] = ()
    may_mention: bool = False

    def home(self) -> str:
        """Return the channel of a message that names none."""
        return self.channels[0] if self.channels else DEFAULT_CHANNEL

    def may_write(self, channel: str) -> bool:
        """Tell whether a channel is this token's own."""
        return not self.channels or channel in self.channels


def identify(tokens: Sequence[Token], shown: str) -> Token | None:
    """Return the token that *shown* is; every one is compared, in constant time."""
    found = None
    for token in tokens:
        if hmac.compare_digest(token.secret.reveal().encode(), shown.encode()):
            found = token
    return found


def read_channels(text: str) -> tuple[dict[str, str], list[str]]:
    """Read `name:id,…`; return the ids by name, and what is wrong.

    No problem quotes an entry: it may hold a token by mistake.
    """
    channels, problems = {DEFAULT_CHANNEL: ""}, []
    for number, part in enumerate(_parts(text), start=1):
        name, _, channel_id = (piece.strip() for piece in part.partition(":"))
        if not _NAME.fullmatch(name) or not is_snowflake(channel_id):
            problems.append(
                f"MESSAGES_CHANNELS: entry {number} must be name:id, with a name of 32 or fewer "
                "letters, digits and . _ - and an id of 17 to 20 digits."
            )
        elif name in channels:
            problems.append(
                f"MESSAGES_CHANNELS: entry {number} has the name of an earlier one."
                if name != DEFAULT_CHANNEL
                else "MESSAGES_CHANNELS cannot name a channel default: that is DISCORD_CHANNEL_ID."
            )
        else:
            channels[name] = channel_id
    return channels, problems


def read_tokens(text: str, channels: Mapping[str, str]) -> tuple[tuple[Token, ...], list[str]]:
    """Read `name:token[:channel|channel][!mentions],…`; return the tokens, and what is wrong.

    No problem quotes a token, nor what could be one.
    """
    tokens: list[Token] = []
    problems: list[str] = []
    for number, part in enumerate(_parts(text), start=1):
        may_mention = part.endswith(MAY_MENTION)
        pieces = part.removesuffix(MAY_MENTION).split(":")
        name, secret = [*pieces, ""][:2]
        if len(pieces) not in (2, 3) or not _NAME.fullmatch(name) or not _TOKEN.fullmatch(secret):
            problems.append(
                f"MESSAGES_TOKENS: entry {number} must be name:token[:channel|channel][!mentions], "
                f"with a token of {SHORTEST} or more letters, digits and . _ ~ + / = -."
            )
            continue
        own = tuple(filter(None, pieces[2].split("|"))) if len(pieces) == 3 else ()
        if len(pieces) == 3 and (not own or set(own) - set(channels)):
            problems.append(
                f"MESSAGES_TOKENS: entry {number} names a channel that is not in MESSAGES_CHANNELS."
            )
        tokens.append(Token(name, Secret(secret), own, may_mention))
    for what in ("name", "secret"):
        if len({getattr(token, what) for token in tokens}) < len(tokens):
            kind = "name" if what == "name" else "token"
            problems.append(f"MESSAGES_TOKENS has the same {kind} twice.")
    return tuple(tokens), problems


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
