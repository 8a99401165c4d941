"""Read the pages for people, section by section."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def text(name: str) -> str:
    """Read a file of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """Return what stands under a heading of a page, without what is under the next."""
    level = heading.partition(" ")[0]
    return re.split(rf"^#{{1,{len(level)}}} ", page.split(f"\n{heading}\n")[1], flags=re.MULTILINE)[
        0
    ]


def rows(part: str) -> list[list[str]]:
    """Return the cells of every row of the tables in *part*, without their headings."""
    lines = [line for line in part.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    headings = [place - 1 for place, line in enumerate(lines) if set(line) <= set("|- ")]
    return [
        row
        for place, row in enumerate(cells)
        if place not in headings and place - 1 not in headings
    ]


def code(part: str) -> list[str]:
    """Return what is set as code within lines."""
    return re.findall(r"`([^`\n]+)`", part)
