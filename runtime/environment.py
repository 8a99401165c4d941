"""The sources of settings: the environment, a `.env` file, files of secrets, and AWS.

They win in this order. What a `.env` file says is taken as it is written, nothing is expanded.
Every `NAME_FILE` names a file that holds the value of `NAME` (Docker and swarm secrets); one
trailing newline is dropped. AWS_SECRET_ID names one JSON secret in AWS Secrets Manager whose keys
are the names of settings.
"""

import io
import os
import re
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path

from dotenv.parser import parse_stream

from runtime.aws_secret import fetch
from runtime.errors import SettingsError
from runtime.pasted import trimmed, unquoted
from runtime.proxy import PROXIES, proxies_of
from runtime.settings import Setting, settings_of
from runtime.sources import Loaded, Source, overlay, read_json_secret

# What the secret in AWS cannot hold: it is fetched through the proxies, and a health check must
# find the heartbeat without a network.
NOT_IN_AWS = frozenset({"AWS_SECRET_ID", "HEARTBEAT_PATH", *PROXIES})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# Lines of a `.env` file that set nothing: empty, a comment, or a shell's `export NAME`.
_SILENT = re.compile(rf"\s*(?:(?:export[ \t]+{_NAME.pattern}[ \t]*)?(?:#.*)?)?\s*")


def load(
    environ: MutableMapping[str, str], programs: Collection[str], dotenv: Path | None = None
) -> Loaded:
    """Return the settings of *programs* as text; put the proxies of `.env` into *environ*.

    Raise SettingsError for what cannot be read and for secrets that are set twice.
    """
    near = _near(environ, dotenv or _dotenv(environ))
    environ.update(proxies_of(overlay(near).values))
    problems: list[str] = []
    settings = settings_of(programs)
    secrets = [name for name, setting in settings.items() if setting.is_secret]
    near += _files(secrets, overlay(near).values, problems)
    if problems:
        raise SettingsError(problems)
    loaded = overlay([*near, *_aws(settings, overlay(near).values)])
    return _without_file_names(secrets, loaded)


def load_near(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the environment and `.env` say; for a health check, which must stay near.

    Raise SettingsError for what cannot be read.
    """
    return overlay(_near(environ, _dotenv(environ))).values


def _dotenv(environ: Mapping[str, str]) -> Path:
    path = trimmed(environ.get("DOTENV_PATH", ""))
    if unquoted(path) is not None:
        raise SettingsError(["DOTENV_PATH stands in quotes that would be part of it: remove them."])
    return Path(path or ".env")


def _near(environ: Mapping[str, str], path: Path) -> list[Source]:
    written = _read_dotenv(path)
    chosen = {name.upper() for name in proxies_of(environ)}
    written = {name: value for name, value in written.items() if name.upper() not in chosen}
    return [Source("environment", dict(environ)), Source(".env", written)]


def _files(
    secrets: Sequence[str], values: Mapping[str, str], problems: list[str]
) -> Iterator[Source]:
    for name in secrets:
        path = values.get(f"{name}_FILE")
        if path is None:
            continue
        if name in values:
            problems.append(f"{name} and {name}_FILE are both set: keep one of them.")
            continue
        if unquoted(path) is not None:
            problems.append(f"{name}_FILE stands in quotes that would be part of it: remove them.")
            continue
        try:
            yield Source(f"file {path}", {name: _read_secret(Path(path))})
        except (OSError, ValueError) as error:
            shown = _shown(path)
            problems.append(f"{name}_FILE names {shown}, which cannot be used: {_why(error)}.")


def _aws(settings: Mapping[str, Setting], values: Mapping[str, str]) -> Iterator[Source]:
    if "AWS_SECRET_ID" not in values:
        return
    try:
        names = settings.keys() - NOT_IN_AWS
        yield Source("AWS secret", read_json_secret(fetch(values), names))
    except ValueError as error:
        problem = f"AWS_SECRET_ID names a secret that cannot be used: {error}."
        raise SettingsError([problem]) from error


def _without_file_names(secrets: Sequence[str], loaded: Loaded) -> Loaded:
    files = {f"{name}_FILE" for name in secrets}
    values = {name: value for name, value in loaded.values.items() if name not in files}
    return Loaded(values, {name: loaded.origins[name] for name in values})


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


def _read_secret(path: Path) -> str:
    content = path.read_text(encoding="utf-8-sig")
    value = content.removesuffix("\n").removesuffix("\r")
    if not trimmed(value):
        raise ValueError("it is empty")
    if "\n" in value:
        raise ValueError("it has more than one line")
    return value


def _shown(path: str) -> str:
    """Return *path* if it is one; people put the secret itself in its place."""
    if not path.startswith("/"):
        return "a relative path"
    folder = os.path.dirname(path)
    return path if folder.strip("/") and os.path.isdir(folder) else "a path in an unknown folder"


def _why(error: OSError | ValueError) -> str:
    """Say what was wrong with a file, without a byte of what is in it."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return getattr(error, "strerror", None) or str(error)
