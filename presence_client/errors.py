"""The errors of the presence client: what a caller cannot mend itself."""


class Stopped(Exception):
    """Say that Discord will not have us until a person acts; the message says what to do."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
_REFUSED = (
    "Discord refuses the bot's token: copy a new one from your application's page Bot at "
    "discord.com/developers and put it into DISCORD_TOKEN."
)
_OUTDATED = "take a newer release of this program."
_SENTENCES = {
    4004: _REFUSED,
    4010: f"Discord says that our shard is invalid, though we name none: {_OUTDATED}",
    4011: "The bot is in too many servers for one connection: make a bot of its own for the bridge "
    "and put its token into DISCORD_TOKEN.",
    4012: f"Discord no longer speaks our version of its gateway: {_OUTDATED}",
    4013: f"Discord says that our intents are invalid, though we have none: {_OUTDATED}",
    4014: "Discord disallows our intents, though we have none: look whether the application is "
    "restricted at discord.com/developers.",
}


def token_refused() -> Stopped:
    """Return the error for a token that Discord's API does not know."""
    return Stopped("token_refused", _REFUSED)


def closed_for_good(code: int) -> Stopped:
    """Return the error for a close code after which Discord wants no other attempt."""
    sentence = _SENTENCES.get(
        code,
        f"Discord closed the gateway with {code}: look that code up at discord.com/developers.",
    )
    return Stopped("token_refused" if code == 4004 else f"closed_{code}", sentence)
