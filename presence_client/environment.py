"""Where settings come from: the environment, a `.env` file, a file of the token, and AWS.

They win in this order. What a `.env` file says is taken as it is written, nothing is expanded.
DISCORD_TOKEN_FILE names a file that holds the token (Docker and swarm secrets). AWS_SECRET_ID
names one JSON secret in AWS Secrets Manager whose keys are the names of settings.
"""

import io
import os
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from dotenv.parser import parse_stream

from presence_client.aws_secret import fetch
from presence_client.errors import SettingsError
from presence_client.pasted import trimmed, unquoted
from presence_client.proxy import PROXIES, proxies_of
from presence_client.settings import DEFAULTS
from presence_client.source import overlay, read_json_secret

Values = Mapping[str, str]

# What the secret in AWS may hold; the health check must find the heartbeat without a network. It is
# fetched through the proxies.
IN_AWS = DEFAULTS.keys() - {"AWS_SECRET_ID", "HEARTBEAT_PATH", *PROXIES}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# Lines of a `.env` file that set nothing: empty, a comment, or a shell's `export NAME`.
_SILENT = re.compile(rf"\s*(?:(?:export[ \t]+{_NAME.pattern}[ \t]*)?(?:#.*)?)?\s*")


def load(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Return every setting as text; put the proxies of `.env` into *environ*.

    Raise SettingsError for sources that cannot be used.
    """
    near = load_near(environ)
    environ.update(proxies_of(near))
    path = near.pop("DISCORD_TOKEN_FILE", "")
    if path:
        if "DISCORD_TOKEN" in near:
            raise SettingsError(["DISCORD_TOKEN and DISCORD_TOKEN_FILE are both set: keep one."])
        if unquoted(path) is not None:
            problem = "DISCORD_TOKEN_FILE stands in quotes that would be part of it: remove them."
            raise SettingsError([problem])
        near["DISCORD_TOKEN"] = _read_file(path)
    return overlay([near, _read_aws(near)])


def load_near(environ: Values) -> dict[str, str]:
    """Return what the environment and `.env` say, without opening what they name."""
    path = trimmed(environ.get("DOTENV_PATH", ""))
    if unquoted(path) is not None:
        raise SettingsError(["DOTENV_PATH stands in quotes that would be part of it: remove them."])
    written = _read_dotenv(Path(path or ".env"))
    chosen = {name.upper() for name in proxies_of(environ)}
    written = {name: value for name, value in written.items() if name.upper() not in chosen}
    return overlay([environ, written])


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
        content = Path(path).read_text(encoding="utf-8-sig")
        value = content.removesuffix("\n").removesuffix("\r")
        if not trimmed(value):
            raise ValueError("it is empty")
        if "\n" in value:
            raise ValueError("it has more than one line")
    except (OSError, ValueError) as error:
        problem = f"DISCORD_TOKEN_FILE names {_shown(path)}, which cannot be used: {_why(error)}."
        raise SettingsError([problem]) from error
    return value


def _read_dotenv(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    except (OSError, ValueError) as error:
        raise SettingsError([f"{path} cannot be read: {_why(error)}."]) from error
    values: dict[str, str] = {}
    problems: list[str] = []
    for found in parse_stream(io.StringIO(text)):
        if found.value is not None and _NAME.fullmatch(found.key or ""):
            values[found.key or ""] = found.value
        elif not _SILENT.fullmatch(found.original.string):
            line = found.original.line + _empty_lines_before(found.original.string)
            problems.append(f"{path}, line {line}: it must be NAME=value, with every quote closed.")
    if problems:
        raise SettingsError(problems)
    return values


def _empty_lines_before(text: str) -> int:
    return len(re.findall(r"\r\n|\n|\r", text[: len(text) - len(text.lstrip())]))


def _shown(path: str) -> str:
    """Return *path* if it is one; somebody may have put the token itself where it belongs."""
    if not path.startswith("/"):
        return "a relative path"
    folder = os.path.dirname(path)
    return path if folder.strip("/") and os.path.isdir(folder) else "a path in an unknown folder"


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return getattr(error, "strerror", None) or str(error)
