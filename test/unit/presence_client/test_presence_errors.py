"""Whoever must act is told what to do, in one sentence."""

import pytest

from presence_client.errors import closed_for_good, token_refused

TOKEN = (
    "Discord refuses the bot's token: copy a new one from your application's page Bot at "
    "discord.com/developers and put it into DISCORD_TOKEN."
)


def test_a_token_that_the_api_refuses_is_to_be_renewed() -> None:
    stopped = token_refused()

    assert (stopped.reason, str(stopped)) == ("token_refused", TOKEN)


@pytest.mark.parametrize(
    ("code", "reason", "sentence"),
    [
        (4004, "token_refused", TOKEN),
        (
            4010,
            "closed_4010",
            "Discord says that our shard is invalid, though we name none: "
            "take a newer release of this program.",
        ),
        (
            4011,
            "closed_4011",
            "The bot is in too many servers for one connection: make a bot of its own for the "
            "bridge and put its token into DISCORD_TOKEN.",
        ),
        (
            4012,
            "closed_4012",
            "Discord no longer speaks our version of its gateway: "
            "take a newer release of this program.",
        ),
        (
            4013,
            "closed_4013",
            "Discord says that our intents are invalid, though we have none: "
            "take a newer release of this program.",
        ),
        (
            4014,
            "closed_4014",
            "Discord disallows our intents, though we have none: look whether the application is "
            "restricted at discord.com/developers.",
        ),
        (
            4099,
            "closed_4099",
            "Discord closed the gateway with 4099: look that code up at discord.com/developers.",
        ),
    ],
)
def test_each_fatal_close_code_says_what_to_do(code: int, reason: str, sentence: str) -> None:
    stopped = closed_for_good(code)

    assert (stopped.reason, str(stopped)) == (reason, sentence)
