"""The presence client: `python -m presence_client`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from textwrap import fill

from presence_client.settings import read
from runtime import log
from runtime.environment import load
from runtime.errors import SettingsError
from runtime.settings import PRESENCE, settings_of

DESCRIPTION = """\
Show the bridge's health as the bot's presence at Discord: online while all is well, idle with the
reason while it has trouble, invisible while it fails or does not answer. Runs until SIGTERM.
"""
COLUMN = 25


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the settings and run until SIGTERM or Ctrl-C; return the exit status."""
    argparse.ArgumentParser(
        prog="python -m presence_client",
        description=DESCRIPTION,
        epilog="\n".join(_help()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    try:
        settings = read(load(os.environ, (PRESENCE,)).values)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    log.set_up(settings.log)
    # Imported late: discord.py takes its time, which --help and wrong settings do not need.
    from presence_client.program import run

    return asyncio.run(run(settings))


def _help() -> Iterator[str]:
    """Explain every setting as the table does."""
    yield "settings, from the environment, a .env file or a secret in AWS Secrets Manager:"
    for name, setting in settings_of((PRESENCE,)).items():
        meaning = setting.meaning.replace("`", "")
        known = "required" if setting.is_required else setting.default
        file = f", or its file as {name}_FILE" if setting.is_secret else ""
        line = f"{meaning}{file}" + (f" ({known})" if known else "")
        yield fill(
            line, 100, initial_indent=f"  {name}".ljust(COLUMN), subsequent_indent=" " * COLUMN
        )
    yield "\nIs it alive?  python -m presence_client.healthcheck"


if __name__ == "__main__":
    sys.exit(main())
