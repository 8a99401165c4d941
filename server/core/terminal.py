"""What a terminal would leave of a text: its control sequences done away with.

The text of builds is written for terminals: colours, links, progress that is written over itself.
`terminal_text` is the one place that knows them.
"""

import re

# Drone's cards (drone/runner-go livelog/extractor); OSC, DCS, SOS, PM and APC up to their end; CSI,
# of seven and of eight bits; and the escapes of one sign (ECMA-48, sections 5.3 to 5.6). A sequence
# that never ends takes the rest of its line and no more.
_SEQUENCE = re.compile(
    "\x1b\\]1338;[^\x1b\n]*(?:\x1b\\]0m)?"
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c)?"
    "|(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]?"
    "|\x1b[ -/]*[0-~]?"
)
# The other controls, but for those that are white space or move back: \b \t \n \v \f \r and NEL.
_CONTROL = re.compile("[\x00-\x07\x0e-\x1f\x7f-\x84\x86-\x9f]")
_CONTROLLED = re.compile("[\x00-\x08\x0d-\x1f\x7f-\x84\x86-\x9f]")


def terminal_text(text: str) -> str:
    """Return *text* without control sequences; of a line written over itself, the last writing.

    Takes time in proportion to its length. Line ends become ``\\n``; tabs stay.
    """
    if not _CONTROLLED.search(text):
        return text
    bare = _CONTROL.sub("", _SEQUENCE.sub("", text))
    if "\r" not in bare and "\b" not in bare:
        return bare
    return "\n".join(_written(line) for line in bare.split("\n"))


def _written(line: str) -> str:
    """Return what is left of a line that was written over itself."""
    kept = next((part for part in reversed(line.split("\r")) if part.strip()), "")
    return _without_rubbed_out(kept) if "\b" in kept else kept


def _without_rubbed_out(line: str) -> str:
    kept: list[str] = []
    for char in line:
        if char != "\b":
            kept.append(char)
        elif kept:
            kept.pop()
    return "".join(kept)
