"""The reader of settings: typed values from a mapping, and what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.errors import SettingsError
from runtime.pasted import invisible, trimmed, unquoted, visible
from runtime.secret import Secret
from runtime.settings import SETTINGS


@dataclass
class Reader:
    """Read settings by the rules of the table and collect what is wrong with them."""

    values: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Read a setting without what was pasted along with it, or its default, or ""."""
        value = trimmed(self.values.get(name, ""))
        if kind := invisible(value):
            self.problems.append(f"{name} holds an invisible character, {kind}: write it anew.")
            value = visible(value)
        if (inner := unquoted(value)) is not None:
            self.problems.append(f"{name} stands in quotes that would be part of it: remove them.")
            value = trimmed(inner)
        setting = SETTINGS[name]
        value = value or setting.default or ""
        if value and (problem := setting.kind.problem(value)):
            self.problems.append(f"{name} {problem}")
        return value

    def is_set(self, name: str) -> bool:
        """Tell whether a value was chosen."""
        return trimmed(self.values.get(name, "")) != ""

    def required(self, name: str) -> str:
        """Read a setting that this program cannot do without."""
        value = self.text(name)
        if not value:
            self.problems.append(f"{name} is missing: {SETTINGS[name].hint}")
        return value

    def number(self, name: str) -> int:
        """Read a whole number; a wrong one counts as 1, which no bounds leave out."""
        value = self.text(name)
        return 1 if SETTINGS[name].kind.problem(value) else int(value)

    def seconds(self, name: str) -> float:
        """Read a number of seconds that may have decimals."""
        value = self.text(name)
        return 1.0 if SETTINGS[name].kind.problem(value) else float(value)

    def url(self, name: str) -> str:
        """Read the address of a server, without a slash at its end."""
        return self.text(name).rstrip("/")

    def choice(self, name: str) -> str:
        """Read one of a few words, in small letters."""
        return self.text(name).lower()

    def flag(self, name: str) -> bool:
        """Read `yes` or `no`."""
        return self.choice(name) == "yes"

    def secret(self, name: str) -> Secret:
        """Read a secret that may be absent."""
        return Secret(self.text(name))

    def finish(self) -> None:
        """Raise SettingsError if anything was wrong."""
        if self.problems:
            raise SettingsError(list(dict.fromkeys(self.problems)))
