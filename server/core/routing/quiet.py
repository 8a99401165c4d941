"""Quiet hours: is it quiet now, by the local time of a zone?"""

from datetime import datetime
from zoneinfo import ZoneInfo

from server.core.routing.rules import Quiet


def is_quiet(quiet: Quiet, now: datetime) -> bool:
    """Tell whether *now*, an aware instant, lies in the hours; the end does not belong to them.

    What counts is the local time that a clock shows, so hours that a change of clocks skips or
    repeats are quiet as long as a clock shows them.
    """
    shown = now.astimezone(ZoneInfo(quiet.zone)).time()
    if quiet.start <= quiet.end:
        return quiet.start <= shown < quiet.end
    return shown >= quiet.start or shown < quiet.end
