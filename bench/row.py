"""One figure of the table, and the table itself."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("figure", "measured", "target", "met?", "remark")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured, and what it should be."""

    figure: str
    measured: str
    target: str
    is_met: bool
    remark: str = ""
    cause: str = ""  # what the run itself shows of why a target is missed

    @property
    def cells(self) -> tuple[str, ...]:
        """Return what stands in the table."""
        return (
            self.figure,
            self.measured,
            self.target,
            "yes" if self.is_met else "NO",
            self.remark,
        )


def table(rows: Sequence[Row]) -> str:
    """Return *rows* as a table that reads in a terminal and in Markdown."""
    lines = [HEAD, *(row.cells for row in rows)]
    # The last column is not padded: its longest remark would push all others out of a terminal.
    widths = [max(len(line[index]) for line in lines) for index in range(len(HEAD) - 1)]
    drawn = [_line(cells, widths) for cells in lines]
    rule = "|" + "|".join("-" * (width + 2) for width in [*widths, len(HEAD[-1])]) + "|"
    return "\n".join([drawn[0], rule, *drawn[1:]]) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return f"| {' | '.join([*padded, cells[-1]])} |"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that *share* of all *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """Return the median; of nothing it is infinite, so that no target is met by accident."""
    return statistics.median(values) if values else float("inf")
