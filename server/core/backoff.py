"""How long to wait after failed attempts."""

FIRST_SECONDS = 0.5
CAP_SECONDS = 60.0

# An outage is probed often while it is young, so that little is lost when it ends: after a tenth of
# the time that it has lasted, and for so long at least every so many seconds.
YOUNG_OUTAGE_SECONDS = 300.0
YOUNG_CAP_SECONDS = 5.0
# With such pauses a card has made more attempts than this only after that time.
YOUNG_ATTEMPTS = 60

# An outage of Discord or Drone that is shorter is not reported.
REPORTED_AFTER_SECONDS = 15.0


def backoff(attempt: int, jitter: float) -> float:
    """Return the seconds to wait after the *attempt*-th failure in a row, at most 60.

    It doubles each time; *jitter* in [0, 1) takes up to half of it off, so that many cards that
    failed together do not come back together.
    """
    full = min(CAP_SECONDS, FIRST_SECONDS * 2.0 ** min(max(attempt, 1) - 1, 16))
    return full * (1 - jitter / 2)


def retry_pause(attempt: int, jitter: float) -> float:
    """Return the seconds until a card without an answer is tried again after so many attempts."""
    if attempt <= YOUNG_ATTEMPTS:
        return min(YOUNG_CAP_SECONDS, backoff(attempt, jitter))
    return backoff(attempt - YOUNG_ATTEMPTS + 4, jitter)


def probe_pause(lasted: float, jitter: float) -> float:
    """Return the seconds until an outage that has *lasted* so many seconds is probed again."""
    cap = YOUNG_CAP_SECONDS if lasted < YOUNG_OUTAGE_SECONDS else CAP_SECONDS
    return min(cap, max(FIRST_SECONDS, lasted / 10)) * (1 - jitter / 2)
