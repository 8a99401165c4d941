"""Options of a command, read as what Drone takes; what is wrong is said in a sentence."""

import re
import shlex
from collections.abc import Mapping

from server.core.interactions.commands import MAX_NUMBER

# Namespace and name; Stash has `~user`, GitLab and Gitea dots and underscores.
_SLUG = re.compile(r"[^\s/?#%\\]{1,250}/[^\s/?#%\\]{1,250}")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
# Names that Drone reads as something else, harness/drone handler/api/repos/builds/promote.go:79-94.
RESERVED = frozenset({"access_token", "target", "debug"})
MOST = 50


class InvalidOption(ValueError):
    """An option that cannot be used; its text is the sentence for the member."""


def slug_of(options: Mapping[str, str | int], name: str = "repo") -> str:
    """Return a repository as `owner/name`; raise InvalidOption."""
    typed = str(options.get(name, "")).strip()
    parts = typed.split("/")
    if not _SLUG.fullmatch(typed) or not typed.isprintable() or {".", ".."} & set(parts):
        raise InvalidOption("Write the repository as owner/name, for example octocat/hello-world.")
    return typed


def number_of(options: Mapping[str, str | int], name: str = "number") -> int:
    """Return the number of a build; raise InvalidOption."""
    number = options.get(name)
    if not isinstance(number, int) or not 0 < number <= MAX_NUMBER:
        raise InvalidOption("The number of a build is a whole number from 1.")
    return number


def target_of(options: Mapping[str, str | int]) -> str:
    """Return the environment of a promotion or a rollback; raise InvalidOption."""
    target = str(options.get("target", "")).strip()
    if not 0 < len(target) <= 200 or not target.isprintable():
        raise InvalidOption("Name the target, for example production: at most 200 characters.")
    return target


def params_of(options: Mapping[str, str | int]) -> dict[str, str]:
    """Read `KEY=value OTHER='two words'`; raise InvalidOption."""
    try:
        words = shlex.split(str(options.get("params", "")))
    except ValueError:
        raise InvalidOption("The params have a quotation mark that is not closed.") from None
    params: dict[str, str] = {}
    for place, word in enumerate(words, start=1):
        key, sign, value = word.partition("=")
        if not sign:
            # Not quoted: it may be the piece of a secret.
            raise InvalidOption(f"Write params as KEY=value; word {place} has no =.")
        if not _KEY.fullmatch(key):
            raise InvalidOption(
                f"The key of param {place} must be letters, digits, and _ . - after a letter."
            )
        if key in RESERVED:
            raise InvalidOption(f"{key} is no param: Drone reads it as something else.")
        if key in params:
            raise InvalidOption(f"{key} is there twice.")
        params[key] = value
    if len(params) > MOST:
        raise InvalidOption(f"At most {MOST} params can be given.")
    return params
