"""What the doctor found, one line a check."""

from dataclasses import dataclass

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; *advice* says how to mend what is not well."""

    name: str
    is_well: bool | None  # None: it could not be checked
    detail: str
    advice: str = ""

    def __str__(self) -> str:
        word = {True: "ok     ", False: "PROBLEM", None: "unknown"}[self.is_well]
        return f"{word}  {self.name}: {self.detail}" + (f" {self.advice}" if self.advice else "")


def quoted(text: object) -> str:
    """Return foreign text as a piece of one line."""
    line = "".join(sign if sign.isprintable() else " " for sign in str(text)[:LONGEST])
    return " ".join(line.split())
