"""How long something took, and since when it runs, in words for people."""

from server.core.model.build import LATEST_SECOND

UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def is_instant(second: int) -> bool:
    """Tell whether *second* is a known instant of the calendar; 0 is unknown."""
    return 0 < second <= LATEST_SECOND


def show(seconds: int) -> str:
    """Write a duration in its two largest units, `1m 12s`; a negative one is `0s`.

    Runners and servers have clocks of their own, so an end may lie before its beginning.
    """
    rest = max(0, seconds)
    for place, (unit, size) in enumerate(UNITS):
        if rest >= size:
            smaller, smaller_size = UNITS[min(place + 1, len(UNITS) - 1)]
            count = rest % size // smaller_size
            return f"{rest // size}{unit}" + (f" {count}{smaller}" if count else "")
    return "0s"


def between(started: int, stopped: int) -> str:
    """Write how long it took from one instant to another, "" if either is unknown."""
    return show(stopped - started) if is_instant(started) and is_instant(stopped) else ""


def ticking(since: int) -> str:
    """Write an instant so that Discord shows it as `2 minutes ago` and keeps counting, or ""."""
    return f"<t:{since}:R>" if is_instant(since) else ""
