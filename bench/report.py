"""The report of a run: the table, how it was made, and why a target is missed where one is."""

from collections.abc import Sequence
from pathlib import Path

from bench.row import Row, table

HOW = """\
Written by `python -m bench --write`; what each figure means and how it is made is in
[README.md](README.md). Every process is real and on this one machine, the senders, the database and
Discord's stand-in among them; nothing leaves it. Ratios compare two things measured in turns in the
same run.
"""


def write(head: str, rows: Sequence[Row], path: Path) -> None:
    """Write the report of a run to *path*."""
    parts = [
        "# Results",
        f"```\n{head}\n```",
        table(rows).rstrip(),
        f"## How they were made\n\n{HOW}".rstrip(),
        f"## Where a target is not met\n\n{_causes(rows)}",
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _causes(rows: Sequence[Row]) -> str:
    missed = [row for row in rows if not row.is_met]
    if not missed:
        return "All are met."
    return "\n".join(
        f"- **{row.figure}**: {row.measured} in place of {row.target}. {row.cause or row.remark}"
        for row in missed
    )
