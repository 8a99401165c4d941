"""The list of stages and steps, cut to what a phone can show."""

from collections import Counter
from typing import NamedTuple

from server.core.discord.markdown import escape_name
from server.core.model.build import BuildState, Stage, Step
from server.core.model.parts import exit_code, has_one_unnamed_stage, in_order
from server.core.model.status import Status, is_final
from server.core.model.timeout import timed_out
from server.core.render.appearance import LOOKS, URGENCY, Look, is_over, part_look
from server.core.render.duration import between, ticking

NAME = 48
STAGES = 10
STEPS = 10  # of one stage
# About forty with what stands above; fewer where names are so long that they do not fit.
LINES = (32, 24, 16, 8, 4, 2)
INDENT = "\u2003"  # an em space, because Discord trims and merges no white space but the usual

# Their steps tell nothing when there is too much to list.
QUIET = frozenset(LOOKS[status] for status in (Status.SUCCESS, Status.SKIPPED))

# Their signs say enough where there is a time beside them.
SPEAKING = frozenset(LOOKS[status] for status in (Status.SUCCESS, Status.FAILURE, Status.RUNNING))


class Row(NamedTuple):
    """One line of the list, written only if it is shown."""

    look: Look
    part: Stage | Step

    def text(self) -> str:
        """Write sign, name, word, time and exit code, as far as they tell something."""
        part, look = self.part, self.look
        name = escape_name(part.name, NAME, "unnamed")
        time = _time(part, look)
        details = (
            f"{look.mark} **{name}**" if isinstance(part, Stage) else f"{look.mark} {name}",
            "" if time and look in SPEAKING else look.word,
            time,
            exit_code(part),
        )
        return " · ".join(detail for detail in details if detail)


class Block(NamedTuple):
    """One stage and its steps."""

    heading: Row
    steps: list[Row]


def pipeline(state: BuildState, room: int) -> str:
    """List stages and steps in at most *room* code points, saying what is left out."""
    blocks = [_block(state, stage) for stage in in_order(state.stages)]
    if has_one_unnamed_stage(state):
        lists = (_cut(blocks[0].steps, min(count, STEPS)) for count in LINES)
    else:
        lists = (_lines(blocks, count) for count in LINES)
    texts = ("\n".join(lines) for lines in lists)
    return next((text for text in texts if len(text) <= room), "")


def _block(state: BuildState, stage: Stage) -> Block:
    over = is_over(state.build.status)
    steps_over = over or is_over(stage.status)
    return Block(
        heading=Row(part_look(stage, over, timed_out(state, stage, stage)), stage),
        steps=[
            Row(part_look(step, steps_over, timed_out(state, step, stage)), step)
            for step in in_order(stage.steps)
        ],
    )


def _time(part: Stage | Step, look: Look) -> str:
    if look is LOOKS[Status.RUNNING]:
        since = ticking(part.started)
        return since and f"started {since}"
    if not is_final(part.status):
        return ""
    if look not in SPEAKING and part.stopped <= part.started:
        return ""  # what never began has one instant twice
    return between(part.started, part.stopped)


def _lines(blocks: list[Block], count: int) -> list[str]:
    """Spend *count* lines: headings first, then steps, those of the most urgent stages first."""
    places, rest = _most_urgent([block.heading for block in blocks], min(count, STAGES))
    steps = _steps([blocks[place] for place in places], count - len(places) - len(rest))
    lines: list[str] = []
    for place, listed in zip(places, steps, strict=True):
        heading, rows = blocks[place]
        hidden = bool(rows) and not listed
        lines.append(heading.text() + (f" · {_count(len(rows), 'step')}" if hidden else ""))
        lines += [INDENT + line for line in listed]
    return lines + [line.replace(" more", " more stages", 1) for line in rest]


def _steps(blocks: list[Block], left: int) -> list[list[str]]:
    """List the steps of each stage in *left* lines altogether."""
    full = [_cut(block.steps, STEPS) for block in blocks]
    if sum(map(len, full)) <= left:
        return full
    listed: list[list[str]] = [[] for _ in blocks]
    for place in sorted(range(len(blocks)), key=lambda place: _urgency(blocks[place].heading)):
        if blocks[place].heading.look not in QUIET:
            listed[place] = _cut(blocks[place].steps, min(left, STEPS))
            left -= len(listed[place])
    return listed


def _cut(rows: list[Row], limit: int) -> list[str]:
    """List *rows*, or the most urgent of them with a count of the others; nothing is half said."""
    places, rest = _most_urgent(rows, limit)
    return [rows[place].text() for place in places] + rest if places else []


def _most_urgent(rows: list[Row], limit: int) -> tuple[list[int], list[str]]:
    """Choose at most *limit* lines: which rows to show, and a line that counts the others."""
    if len(rows) <= limit:
        return list(range(len(rows))), []
    places = sorted(range(len(rows)), key=lambda place: _urgency(rows[place]))
    kept = max(0, limit - 1)
    words = Counter(rows[place].look.word for place in places[kept:])
    counts = ", ".join(f"{number} {word}" for word, number in words.items())
    said = f": {counts}" if len(words) > 1 else f" {next(iter(words))}"
    return places[:kept], [f"+{len(rows) - kept} more{said}"]


def _urgency(row: Row) -> int:
    return URGENCY.index(row.look)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
