"""Undo what the Flask CLI has done to the environment before our commands run.

It looks for `.env` and `.flaskenv` in the working directory and in every folder above it, and puts
what it finds into the environment, where it would win over the file that we read.
"""

from collections.abc import MutableMapping
from pathlib import Path

import click
from click.core import ParameterSource

from runtime.errors import SettingsError

# Flask sets it just before it looks for the files, and keeps what is set already. A dictionary
# keeps its order, so whatever stands behind it comes from them.
# https://github.com/pallets/flask/blob/3.1.3/src/flask/cli.py#L657
_MARK = "FLASK_RUN_FROM_CLI"
# What this process was started with, where the system shows it.
# https://man7.org/linux/man-pages/man5/proc_pid_environ.5.html
_STARTED_WITH = Path("/proc/self/environ")


def runs_a_command() -> bool:
    """Tell whether the Flask CLI has imported us."""
    return click.get_current_context(silent=True) is not None


def forget_flask_dotenv(environ: MutableMapping[str, str]) -> None:
    """Remove from *environ* what Flask took from files, but for its own settings.

    Raise SettingsError if that cannot be known, or if a file was named to Flask.
    """
    source = click.get_current_context().find_root().get_parameter_source("env_file")
    if source not in (None, ParameterSource.DEFAULT):
        raise SettingsError(
            ["--env-file and FLASK_ENV_FILE are not read: name the file in DOTENV_PATH instead."]
        )
    if f"\0{_MARK}=" in f"\0{_started_with()}":
        raise SettingsError([f"{_MARK} is set by Flask alone: remove it from the environment."])
    names = list(environ)
    later = names[names.index(_MARK) :] if _MARK in environ else []
    for name in later:
        if not name.startswith("FLASK_") or name == _MARK:
            del environ[name]


def _started_with() -> str:
    try:
        return _STARTED_WITH.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
