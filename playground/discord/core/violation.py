"""Name what is wrong with a body the way Discord names it; must not decide what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]

# Not a leaf code of Discord's: an empty message is refused as a whole, with code 50006.
EMPTY_MESSAGE = "EMPTY_MESSAGE"
# Not a leaf code either: Discord fails with HTTP 500 instead of refusing (discord-api-docs #8554).
SERVER_ERROR = "SERVER_ERROR"
# Too many attachments have a code of their own, 30015, at the top of the answer.
TOO_MANY_ATTACHMENTS = "TOO_MANY_ATTACHMENTS"


@dataclass(frozen=True, slots=True)
class Violation:
    """Hold one rule that a body breaks."""

    path: Path  # keys and indexes from the body's root; empty for the body as a whole
    code: str  # Discord's leaf code, such as BASE_TYPE_MAX_LENGTH
    message: str  # the sentence Discord puts beside the code

    def __str__(self) -> str:
        """Read as `embeds.0.title: BASE_TYPE_MAX_LENGTH Must be …`."""
        return (
            f"{'.'.join(str(step) for step in self.path) or '(body)'}: {self.code} {self.message}"
        )


def error_tree(violations: Iterable[Violation]) -> dict[str, object]:
    """Nest violations into the `errors` object of a 50035 answer, leaves under `_errors`."""
    tree: dict[str, object] = {}
    for violation in violations:
        node = tree
        for step in violation.path:
            child = node.setdefault(str(step), {})
            node = child if isinstance(child, dict) else node
        leaves = node.setdefault("_errors", [])
        if isinstance(leaves, list):
            leaves.append({"code": violation.code, "message": violation.message})
    return tree
