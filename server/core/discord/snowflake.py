"""Snowflakes: Discord's ids.

https://docs.discord.com/developers/reference#snowflakes
"""

import re

# An id of 16 digits would be of January 2015, before Discord could be used.
_SNOWFLAKE = re.compile(r"[0-9]{17,20}")


def is_snowflake(value: str) -> bool:
    """Tell whether *value* can be an id of Discord's."""
    return _SNOWFLAKE.fullmatch(value) is not None
