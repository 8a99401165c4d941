"""How long to wait after a failed attempt."""

FIRST_SECONDS = 0.5
CAP_SECONDS = 60.0


def backoff(attempt: int, jitter: float) -> float:
    """Return the seconds to wait after the *attempt*-th failure in a row, at most 60.

    It doubles each time; *jitter* in [0, 1) takes up to half of it off, so that many cards that
    failed together do not come back together.
    """
    full = min(CAP_SECONDS, FIRST_SECONDS * 2.0 ** min(max(attempt, 1) - 1, 16))
    return full * (1 - jitter / 2)
