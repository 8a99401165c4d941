"""How long routing takes: 500 rules asked about builds, on one core, without any I/O."""

import time
from datetime import UTC, datetime

from bench.row import Row, median, percentile
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import NOTHING_KNOWN
from server.core.routing.router import place
from server.core.routing.rule_file.file import MOST_ROUTES, read_rules
from server.core.routing.rules import RoutingRules
from server.core.routing.transition import transition

TARGET_MS = 1.0
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
# As many signs of title and message together are read; a branch has at most some 250 (git).
LONGEST = 4000
# What a stranger writes to make patterns look for their place again and again.
HOSTILE = "[skip notif"
USUAL = "Greet the world\n\nIt has been waiting."


def run(quick: bool) -> list[Row]:
    """Ask 500 rules about usual builds and about hostile ones."""
    rounds = 100 if quick else 1000
    usual = _milliseconds(_rules(_ONE_REPO), USUAL, "main", rounds)
    rules = _rules("")
    hostile = _milliseconds(rules, (HOSTILE * LONGEST)[:LONGEST], "a/" * 125 + "b", rounds // 10)
    huge = _milliseconds(rules, (HOSTILE * 6000)[: 64 * 1024], "main", rounds // 10)
    return [
        _row("routing: 500 rules, a delivery", usual, TARGET_MS, f"{rounds} builds"),
        _row("routing: 500 rules, hostile texts", hostile, 5, "as long as any is read"),
        _row("routing: 500 rules, 64 KB of message", huge, 100, "more than is read"),
    ]


def _row(figure: str, taken: list[float], target: float, remark: str) -> Row:
    half = median(taken)
    slow = percentile(taken, 0.99)
    remark = f"{remark}; 99th percentile {slow:.2f} ms"
    return Row(figure, f"{half:.2f} ms", f"< {target:g} ms", half < target, remark)


def _milliseconds(rules: RoutingRules, message: str, branch: str, rounds: int) -> list[float]:
    taken = []
    for number in range(1, rounds + 1):
        facts = BuildFacts(
            f"acme/shop-{number % MOST_ROUTES}", branch, "push", "octocat", message, number
        )
        began = time.perf_counter()
        place(rules, facts, transition(NOTHING_KNOWN, facts), NOW)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


_ONE_REPO = 'repo = ["acme/{repo}", "other/*-{n}"]'


def _rules(choice: str) -> RoutingRules:
    """Make 500 rules, each with patterns of its own, for the repositories of *choice*."""
    head = "[channels]\n" + "".join(f'c{n} = "{10**17 + n}"\n' for n in range(20))
    routes = (
        f"""
        [[route]]
        {choice.format(repo="*" if n % 50 == 0 else f"shop-{n}", n=n)}
        branch = ["main", "release/**", "a*/**/b*c*d"]
        exclude = {{ author = ["renovate*"], message = ["*[skip notify]*{n}*", "*[ci-skip]*"] }}
        channel = "c{n % 20}"
        show = "changes"
        """
        for n in range(MOST_ROUTES)
    )
    return read_rules((head + "".join(routes)).encode())
