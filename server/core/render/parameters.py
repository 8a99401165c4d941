"""The parameters of a build on its card; what may be a secret is not shown."""

import re
from collections.abc import Iterator

from server.core.discord.markdown import escape_name
from server.core.model.build import Build

SHOWN = 6
PAIR = 80
HIDDEN = "•••"

# Words in the name of what nobody should read in a channel, and how such a value looks: an address
# with a password, what begins like a token, a key.
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|key|cred|auth|cookie|session|cert|dsn|webhook", re.I
)
_SECRET_VALUE = re.compile(
    r"://[^/@:]*:[^/@]*@|-----BEGIN"
    r"|\b(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-|AKIA|eyJ|sk-|dckr_pat_|npm_)[\w-]{8}"
    r"|\b(?:bearer|basic)\s+\S{8}",
    re.I,
)


def parameters(build: Build) -> str:
    """Write one line of what whoever started the build gave it, "" if nothing."""
    given = list(_given(build))
    if not given:
        return ""
    more = [f"and {len(given) - SHOWN} more"] if len(given) > SHOWN else []
    pairs = [_pair(name, value) for name, value in given[:SHOWN]]
    return f"Parameters: {' · '.join(pairs + more)}"


def _given(build: Build) -> Iterator[tuple[str, str]]:
    """Leave out what a custom build says elsewhere (harness/drone builds/create.go:79-103)."""
    for name, value in build.params:
        if not (build.event == "custom" and name == "message" and build.message.startswith(value)):
            yield name, value


def _pair(name: str, value: str) -> str:
    is_secret = _SECRET_NAME.search(name) or _SECRET_VALUE.search(value)
    return escape_name(f"{name}={HIDDEN if is_secret else value}", PAIR)
