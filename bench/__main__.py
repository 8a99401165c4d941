"""Run the benchmarks: `make bench ARGS="NAME … --quick"`, from the checkout.

The processes are started by the tests' own harness, in test/support. Without names all are run, one
after the other; nothing of them is left running.
"""

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench import (
    backlog,
    channels,
    cold_start,
    history,
    hostile,
    idle,
    interactions,
    memory,
    outage,
    receive,
    recovery,
    routing,
    storm,
)
from bench.machine import heading, load_average
from bench.report import write
from bench.rig import database_name
from bench.row import Row, table

BENCHES: dict[str, Callable[[bool], list[Row]]] = {
    "routing": routing.run,
    "receive": receive.run,
    "idle": idle.run,
    "interactions": interactions.run,
    "storm": storm.run,
    "outage": outage.run,
    "backlog": backlog.run,
    "history": history.run,
    "channels": channels.run,
    "memory": memory.run,
    "cold_start": cold_start.run,
    "recovery": recovery.run,
    "hostile": hostile.run,
}
FAILED = "failed"


def main(words: Sequence[str]) -> int:
    """Run what *words* name, print the table, and return 1 if a benchmark itself went wrong."""
    chosen = _arguments(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    head = heading(database_name())
    sys.stdout.write(f"{head}\n\n")
    before, rows = load_average(), []
    try:
        for name in chosen.names or BENCHES:
            rows += _run(name, chosen)
    except KeyboardInterrupt:
        sys.stdout.write("\nstopped; the table holds what was finished.\n")
    head += f"\nload:     {before:.1f} before the run, {load_average():.1f} at its end"
    sys.stdout.write(f"\n{head}\n\n{table(rows)}")
    if chosen.write:
        write(f"{head}\nrun:      {_command(chosen)}", rows, chosen.write)
    return int(any(row.measured == FAILED for row in rows))


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the bridge.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument(
        "--window", type=float, default=1.5, help="the storm's, in seconds; Discord's is 5"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write a report")
    chosen = parser.parse_args(words)
    if unknown := sorted(set(chosen.names) - set(BENCHES)):
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    return chosen


def _command(chosen: argparse.Namespace) -> str:
    options = ["--quick"] if chosen.quick else []
    return " ".join(["python -m bench", *chosen.names, *options, f"--window {chosen.window:g}"])


def _run(name: str, chosen: argparse.Namespace) -> list[Row]:
    started = time.monotonic()
    sys.stdout.write(f"{name} …\n")
    bench = partial(storm.run, window=chosen.window) if name == "storm" else BENCHES[name]
    try:
        rows = bench(chosen.quick)
    except Exception as error:  # one that goes wrong must not hide the others
        traceback.print_exc()
        rows = [Row(name, FAILED, "", False, f"{type(error).__name__}: {error}")]
    sys.stdout.write(f"  took {time.monotonic() - started:.0f} s\n")
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
