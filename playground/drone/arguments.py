"""Read the player's command line; must not act on it."""

import argparse
import re
from collections.abc import Mapping, Sequence

from playground.drone.scenarios import SCENARIOS, summary

TOUR = ("push", "pull_request", "promotion_approved", "cancel_by_person", "config_error", "cron")
DEFAULT_SECRET = "webhook-secret"  # As in test/*.sh.

EXAMPLES = """\
examples:
  python -m playground.drone                               a tour of six builds
  python -m playground.drone --scenario storm --parallel 8 --pace 0.5
  python -m playground.drone --scenario push pull_request --loop --pace 2
  python -m playground.drone --scenario all --pace 0 --shuffle --duplicate 0.3 --drop 0.1
  DRONE_WEBHOOK_SECRET=s3cret python -m playground.drone --url https://bridge.example.com/

scenarios:
"""


def read(arguments: Sequence[str], environ: Mapping[str, str]) -> argparse.Namespace:
    """Read *arguments*; what they leave open is decided by *environ* or a default."""
    parser = argparse.ArgumentParser(
        prog="python -m playground.drone",
        description="Play builds to a bridge exactly as a Drone server 2.25 sends them.",
        epilog=EXAMPLES + "\n".join(f"  {name:<22} {summary(name)}" for name in SCENARIOS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_target(parser, environ)
    _add_play(parser)
    _add_mischief(parser)
    chosen = parser.parse_args(arguments)
    if "all" in chosen.scenario:
        chosen.scenario = list(SCENARIOS)
    return chosen


def first_secret(listed: str) -> str:
    """Return the first of several secrets; a comma after a backslash belongs to one."""
    return re.split(r"(?<!\\),", listed)[0].replace(r"\,", ",").strip()


def _add_target(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    secrets = environ.get("DRONE_WEBHOOK_SECRET") or DEFAULT_SECRET
    add = parser.add_argument_group("whom to tell").add_argument
    add("--url", default="http://localhost:5000", help="the bridge (default: %(default)s)")
    add(
        "--secret",
        default=first_secret(secrets),
        help="the webhook secret (default: the first in DRONE_WEBHOOK_SECRET, or"
        f" {DEFAULT_SECRET}); the environment keeps it out of the list of processes",
    )
    add(
        "--drone-url",
        default="https://drone.example.com",
        help="where Drone says it lives, for links (default: %(default)s)",
    )


def _add_play(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what to play").add_argument
    names = [*SCENARIOS, "all"]
    add(
        "--scenario",
        nargs="+",
        choices=names,
        default=list(TOUR),
        metavar="NAME",
        help="one or more of the list below, or all (default: a tour of six)",
    )
    add(
        "--pace",
        type=_seconds,
        default=1.0,
        metavar="SECONDS",
        help="how long an ordinary step takes; 0 sends without a pause (default: %(default)s)",
    )
    often = parser.add_mutually_exclusive_group()
    often.add_argument("--repeat", type=_positive, default=1, metavar="N", help="play N times")
    often.add_argument("--loop", action="store_true", help="play until Ctrl-C")
    add(
        "--parallel",
        type=_positive,
        default=1,
        metavar="N",
        help="play side by side over N connections; a build keeps its order (default: 1)",
    )
    add("--seed", type=int, default=1, metavar="N", help="decides all chance (default: 1)")
    add("--first-id", type=_positive, metavar="N", help="first id (default: from the clock)")
    add(
        "--first-number", type=_positive, metavar="N", help="(default: first id, or from the clock)"
    )


def _add_mischief(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what the network does").add_argument
    add("--shuffle", action="store_true", help="send in any order, and without a pause")
    add("--duplicate", type=_chance, default=0.0, metavar="P", help="send twice, 0 to 1")
    add("--drop", type=_chance, default=0.0, metavar="P", help="lose, 0 to 1")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is below 1")
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is no pause")
    return seconds


def _chance(text: str) -> float:
    chance = float(text)
    if not 0 <= chance <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return chance
