"""Say in few words why the bridge is degraded. Pure."""

from presence_client.health import OK, Check, Report

# Discord shows no more of an activity.
LIMIT = 128

# The name of a check, its reason ("" is any), and the words for it; the first that fits is said,
# so what explains the others stands above them.
_WORDS = (
    ("mongo", "", "MongoDB is away"),
    ("worker", "", "The worker is away"),
    ("discord", "stopped", "Discord has stopped us for a while"),
    ("discord", "channel_closed", "Discord closes a channel to us"),
    ("discord", "", "Discord is slow"),
    ("webhooks", "too_old", "Drone's clock or ours is wrong"),
    ("webhooks", "", "Drone's webhooks are refused"),
    ("spool", "unreadable", "The spool cannot be read"),
    ("spool", "", "Catching up"),
    ("backlog", "", "Builds are late"),
    ("drone", "token_refused", "Drone refuses our token"),
    ("drone", "", "Drone is away"),
)


def reason(report: Report) -> str:
    """Return one line such as `Discord is slow, 12 waiting`."""
    said = _trouble([check for check in report.checks if check.status != OK])
    return one_line(f"{said}, {report.waiting} waiting" if report.waiting else said)


def builds(running: int) -> str:
    """Return what stands behind the word Watching."""
    if not running:
        return "for builds"
    return f"{running} build" if running == 1 else f"{running} builds"


def one_line(text: str) -> str:
    """Return *text* without line breaks and other controls, as long as Discord shows it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LIMIT else line[: LIMIT - 1] + "…"


def _trouble(checks: list[Check]) -> str:
    for name, reason, words in _WORDS:
        if any(check.name == name and reason in ("", check.reason) for check in checks):
            return words
    # A check that a later bridge has brought: better its name than nothing. Kept short, so that
    # the number behind it is seen.
    return f"Trouble with {checks[0].name[:80]}" if checks else "Something is not well"
