"""Start Discord's stand-in from the command line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from playground.discord.options import parse_options
from playground.discord.web.server import serve


def main(arguments: Sequence[str]) -> None:
    """Serve until stopped, after one line that says where."""
    asyncio.run(serve(parse_options(arguments), _tell))


def _tell(address: str) -> None:
    sys.stdout.write(f"Discord stand-in ready: {address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
