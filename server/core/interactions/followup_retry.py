"""Retries of the answer that was promised.

Our edit may overtake the first answer, and then Discord knows nothing of it
(github.com/discord/discord-api-docs/issues/7220).
"""

from server.core.discord.objects import read_retry_after
from server.core.http_answer import Answer

PAUSES = (0.5, 1.0, 2.0, 4.0)
# A limit that makes us wait longer is not waited for: the person has gone.
LONGEST_PAUSE = 10.0


def next_pause(answer: Answer, tries: int) -> float | None:
    """Return the seconds before the next try after *tries*, None if there is none.

    The rest of what Discord may answer does not change: the token has expired, or the body is
    refused.
    """
    if tries > len(PAUSES) or 200 <= answer.status < 300:
        return None
    pause = PAUSES[tries - 1]
    if answer.status in (0, 404) or answer.status >= 500:
        return pause
    if answer.status == 429:
        seconds = read_retry_after(answer) or pause
        return max(pause, seconds) if seconds <= LONGEST_PAUSE else None
    return None
