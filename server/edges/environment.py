"""Where settings come from: the process's environment, a `.env` file, and files of secrets.

The environment wins over `.env`. Every `NAME_FILE` names a file that holds the value of `NAME`
(Docker and swarm secrets); one trailing newline is dropped.
"""

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from server.errors import SettingsError

# The secrets: the only settings that may come from a file of their own.
SECRETS = (
    "DRONE_WEBHOOK_SECRET",
    "DISCORD_TOKEN",
    "DRONE_TOKEN",
    "MONGO_URI",
    "MONGO_INITDB_ROOT_USERNAME",
    "MONGO_INITDB_ROOT_PASSWORD",
    "MESSAGES_TOKENS",
)


def load(environ: Mapping[str, str], dotenv: Path | None = None) -> dict[str, str]:
    """Return every setting as text, secrets from files among them.

    Raise SettingsError for files that cannot be read and for secrets that are set twice.
    """
    values = {**_read_dotenv(dotenv or Path(environ.get("DOTENV_PATH", ".env"))), **environ}
    problems: list[str] = []
    for name in SECRETS:
        path = values.pop(f"{name}_FILE", "")
        if not path:
            continue
        if values.get(name):
            problems.append(f"{name} and {name}_FILE are both set: keep one of them.")
            continue
        try:
            values[name] = _read_secret(Path(path))
        except (OSError, ValueError) as error:
            problems.append(f"{name}_FILE names {path}, which cannot be used: {_why(error)}.")
    if problems:
        raise SettingsError(problems)
    return values


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        found = dotenv_values(path)
    except (OSError, ValueError) as error:
        raise SettingsError([f"{path} cannot be read: {_why(error)}."]) from error
    return {name: value for name, value in found.items() if value is not None}


def _read_secret(path: Path) -> str:
    content = path.read_text(encoding="utf-8")
    value = content.removesuffix("\n").removesuffix("\r")
    if not value.strip():
        raise ValueError("it is empty")
    if "\n" in value:
        raise ValueError("it has more than one line")
    return value


def _why(error: OSError | ValueError) -> str:
    """Say what was wrong with a file, without a byte of what is in it."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return getattr(error, "strerror", None) or str(error)
