"""The server's way in: `gunicorn --config server/gunicorn.conf.py server.wsgi:app`.

The commands of `flask --app server.wsgi` have an application of their own.
"""

import os
import sys
from datetime import timedelta

from flask import Flask

from runtime import log
from runtime.environment import load
from runtime.errors import SettingsError
from runtime.settings import BRIDGE
from server.assembly import Server, build_server
from server.config import preloaded
from server.config.flask_dotenv import runs_a_command
from server.config.settings import read_server
from server.edges.mongo.store import connect

# For what no request waits for: the connection that the first one needs, the draining of the spool.
STORE_TIMEOUT = timedelta(seconds=15)


def make_server() -> Server:
    """Read the settings and put the server together; exit if the settings are wrong."""
    try:
        settings = preloaded.settings or read_server(load(os.environ, BRIDGE).values)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    log.set_up(settings.log)
    # The store connects when it is first used, after the fork.
    return build_server(settings, connect(settings.mongo, STORE_TIMEOUT))


def make_cli() -> Flask:
    """Return an application with the commands, which read the settings that they need."""
    from server import cli  # the server does without all that the commands need

    app = Flask("server", static_folder=None)
    cli.register(app)
    return app


# The hooks of gunicorn.conf.py look for it here.
server = None if runs_a_command() else make_server()
app = server.app if server is not None else make_cli()
