"""The error that ends a program before it begins."""

from collections.abc import Sequence


class SettingsError(Exception):
    """Carry every problem of the configuration at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("The settings need attention:\n" + "\n".join(f"  - {p}" for p in problems))
        self.problems = tuple(problems)
