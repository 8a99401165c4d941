"""Where settings come from: the environment, a `.env` file, a file of the token, and AWS.

They win in this order. DISCORD_TOKEN_FILE names a file that holds the token (Docker and swarm
secrets). AWS_SECRET_ID names one JSON secret in AWS Secrets Manager whose keys are the names of
settings.
"""

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from presence_client.aws_secret import fetch
from presence_client.errors import SettingsError
from presence_client.settings import DEFAULTS
from presence_client.source import overlay, read_json_secret

Values = Mapping[str, str]

# What the secret in AWS may hold; the health check must find the heartbeat without a network.
IN_AWS = DEFAULTS.keys() - {"AWS_SECRET_ID", "HEARTBEAT_PATH"}


def load(environ: Values) -> dict[str, str]:
    """Return every setting as text; raise SettingsError for sources that cannot be used."""
    near = load_near(environ)
    path = near.pop("DISCORD_TOKEN_FILE", "")
    if path:
        if "DISCORD_TOKEN" in near:
            raise SettingsError(["DISCORD_TOKEN and DISCORD_TOKEN_FILE are both set: keep one."])
        near["DISCORD_TOKEN"] = _read_file(path)
    return overlay([near, _read_aws(near)])


def load_near(environ: Values) -> dict[str, str]:
    """Return what the environment and `.env` say, without opening what they name."""
    return overlay([environ, _read_dotenv(Path(environ.get("DOTENV_PATH") or ".env"))])


def _read_aws(values: Values) -> dict[str, str]:
    if "AWS_SECRET_ID" not in values:
        return {}
    try:
        return read_json_secret(fetch(values), IN_AWS)
    except ValueError as error:
        problem = f"AWS_SECRET_ID names a secret that cannot be used: {error}."
        raise SettingsError([problem]) from error


def _read_file(path: str) -> str:
    try:
        content = Path(path).read_text(encoding="utf-8")
        value = content.removesuffix("\n").removesuffix("\r")
        if not value.strip():
            raise ValueError("it is empty")
        if "\n" in value:
            raise ValueError("it has more than one line")
    except (OSError, ValueError) as error:
        # Somebody may have put the token itself where its path belongs.
        shown = path if path.startswith("/") else "a relative path"
        problem = f"DISCORD_TOKEN_FILE names {shown}, which cannot be used: {_why(error)}."
        raise SettingsError([problem]) from error
    return value


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        found = dotenv_values(path)
    except (OSError, ValueError) as error:
        raise SettingsError([f"{path} cannot be read: {_why(error)}."]) from error
    return {name: value for name, value in found.items() if value is not None}


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return getattr(error, "strerror", None) or str(error)
