"""The presence client: `python -m presence_client`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from presence_client import log
from presence_client.environment import load
from presence_client.errors import SettingsError
from presence_client.settings import read

DESCRIPTION = """\
Show the bridge's health as the bot's presence at Discord: online while all is well, idle with the
reason while it has trouble, invisible while it fails or does not answer. Runs until SIGTERM.
"""
SETTINGS = """\
settings, from the environment, a .env file or a secret in AWS Secrets Manager:
  DISCORD_TOKEN          the bot's token, or its file as DISCORD_TOKEN_FILE (required)
  HEALTHCHECK_URL        what to ask (http://localhost:5000/health)
  HEALTHCHECK_INTERVAL   seconds between two questions (10); half of it is the timeout
  HEARTBEAT_PATH         file touched while Discord's gateway is alive (in the temporary folder)
  DISCORD_API_BASE_URL   another API than Discord's (https://discord.com/api/v10)
  DISCORD_GATEWAY_URL    another gateway than Discord's
  HTTPS_PROXY            proxy on the way to Discord (HTTP_PROXY for http, ALL_PROXY for either)
  NO_PROXY               hosts, domains and networks that are reached without, with commas
  AWS_SECRET_ID          that secret: one JSON object whose keys are these names
  LOG_LEVEL              debug, info, warning, error or critical (info)
  LOG_FORMAT             text or json (text)

Is it alive?  python -m presence_client.healthcheck
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the settings and run until SIGTERM or Ctrl-C; return the exit status."""
    argparse.ArgumentParser(
        prog="python -m presence_client",
        description=DESCRIPTION,
        epilog=SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    try:
        settings = read(load(os.environ))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    log.set_up(settings.log_level, as_json=settings.log_as_json)
    # Imported late: discord.py takes its time, which --help and wrong settings do not need.
    from presence_client.program import run

    return asyncio.run(run(settings))


if __name__ == "__main__":
    sys.exit(main())
