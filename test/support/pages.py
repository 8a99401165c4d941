"""The pages for people, cut into parts."""

import re

from stack import ROOT


def text(name: str) -> str:
    """Read a file of the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """Return what stands under a heading of a page, without what is under the next."""
    level = heading.partition(" ")[0]
    rest = page.split(f"\n{heading}\n")[1]
    return re.split(rf"^#{{1,{len(level)}}} ", rest, flags=re.MULTILINE)[0]
