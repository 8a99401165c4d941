"""Where settings come from: the environment, a `.env` file, files of secrets, and AWS.

They win in this order. Every `NAME_FILE` names a file that holds the value of `NAME` (Docker and
swarm secrets); one trailing newline is dropped. AWS_SECRET_ID names one JSON secret in AWS Secrets
Manager whose keys are the names of settings.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values

from server.core.source import Loaded, Source, overlay, read_json_secret
from server.edges.aws_secret import fetch
from server.errors import SettingsError
from server.setting_reader import DEFAULTS

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
# What the secret in AWS may hold.
IN_AWS = (DEFAULTS.keys() | set(SECRETS)) - {"AWS_SECRET_ID", "HEARTBEAT_PATH"}


def load(environ: Mapping[str, str], dotenv: Path | None = None) -> Loaded:
    """Return every setting as text with its origin.

    Raise SettingsError for what cannot be read and for secrets that are set twice.
    """
    near = _near(environ, dotenv or _dotenv(environ))
    problems: list[str] = []
    near += _files(overlay(near).values, problems)
    if problems:
        raise SettingsError(problems)
    return _without_file_names(overlay([*near, *_aws(overlay(near).values)]))


def load_near(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the environment and `.env` say; for a health check, which must stay near.

    Raise SettingsError for what cannot be read.
    """
    return overlay(_near(environ, _dotenv(environ))).values


def _dotenv(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("DOTENV_PATH") or ".env")


def _near(environ: Mapping[str, str], path: Path) -> list[Source]:
    written = _read_dotenv(path)
    # The Flask CLI has copied the file into the environment before we look.
    own = {name: value for name, value in environ.items() if written.get(name) != value}
    return [Source("environment", own), Source(".env", written)]


def _files(values: Mapping[str, str], problems: list[str]) -> Iterator[Source]:
    for name in SECRETS:
        path = values.get(f"{name}_FILE")
        if path is None:
            continue
        if name in values:
            problems.append(f"{name} and {name}_FILE are both set: keep one of them.")
            continue
        try:
            yield Source(f"file {path}", {name: _read_secret(Path(path))})
        except (OSError, ValueError) as error:
            # Somebody may have put the secret itself where its path belongs.
            shown = path if path.startswith("/") else "a relative path"
            problems.append(f"{name}_FILE names {shown}, which cannot be used: {_why(error)}.")


def _aws(values: Mapping[str, str]) -> Iterator[Source]:
    if "AWS_SECRET_ID" not in values:
        return
    try:
        yield Source("AWS secret", read_json_secret(fetch(values), IN_AWS))
    except ValueError as error:
        problem = f"AWS_SECRET_ID names a secret that cannot be used: {error}."
        raise SettingsError([problem]) from error


def _without_file_names(loaded: Loaded) -> Loaded:
    files = {f"{name}_FILE" for name in SECRETS}
    values = {name: value for name, value in loaded.values.items() if name not in files}
    return Loaded(values, {name: loaded.origins[name] for name in values})


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
