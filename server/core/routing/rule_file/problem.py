"""What is wrong with a file of rules: where, what, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.core.routing.rule_file.position import Position

MOST = 50  # that are told at once


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a file, or suspicious."""

    at: Position
    sentence: str

    def __str__(self) -> str:
        return f"line {self.at.line}, column {self.at.column}: {self.sentence}"


class BadRules(Exception):
    """Say everything that is wrong with a file of rules."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        lines = [str(problem) for problem in self.problems[:MOST]]
        more = len(self.problems) - MOST
        super().__init__("\n".join(lines + ([f"and {more} more"] if more > 0 else [])))
