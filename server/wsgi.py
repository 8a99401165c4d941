"""The server's way in: `gunicorn --config server/gunicorn.conf.py server.wsgi:app`.

The commands of `flask --app server.wsgi` hang on the same application.
"""

import os
import sys
from datetime import timedelta

from flask import Flask

from server import log
from server.assembly import serve
from server.config import preloaded as inherited
from server.config.environment import load
from server.config.flask_dotenv import runs_a_command
from server.config.settings import read_server
from server.edges.mongo.store import connect
from server.errors import SettingsError

# What no request waits for: the connection that the first one needs, the draining of the spool.
STORE_TIMEOUT = timedelta(seconds=15)


def make() -> Flask:
    """Read the settings and return the application; a command line needs no settings yet."""
    if runs_a_command():
        from server import cli  # the server does without all that the commands need

        app = Flask("server", static_folder=None)
        cli.register(app)
        return app
    try:
        settings = inherited.settings or read_server(load(os.environ).values)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    log.set_up(settings.log)
    # The store connects when it is first used, after the fork.
    return serve(settings, connect(settings.mongo, STORE_TIMEOUT))


app = make()
