"""Discord's ids."""

import pytest

from server.core.discord.snowflake import is_snowflake

WORDS = {
    "100000000000000001": True,
    "10000000000000001": True,
    "18446744073709551615": True,
    "1000000000000001": False,
    "100000000000000000001": False,
    "": False,
    "10000000000000000x": False,
    "-10000000000000001": False,
    "1000000000000000.1": False,
    "10000000000000000\n": False,
    " 10000000000000001": False,
    "١٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١": False,
}


@pytest.mark.parametrize(("word", "expected"), WORDS.items(), ids=lambda value: repr(value))
def test_an_id_of_discord_has_17_to_20_digits(word: str, expected: bool) -> None:
    assert is_snowflake(word) is expected
