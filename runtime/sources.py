"""Sources of settings: which one wins, and what a JSON secret says. Pure."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from runtime.pasted import trimmed


@dataclass(frozen=True, slots=True)
class Source:
    """Settings as text, and what people call the place they stand in."""

    origin: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Every setting as text, and the origin of each."""

    values: Mapping[str, str]
    origins: Mapping[str, str]


def overlay(sources: Sequence[Source]) -> Loaded:
    """Take each setting from the first source that has it; a blank one counts as absent.

    What nobody sees around a value is no part of it.
    """
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for source in sources:
        for name, value in source.values.items():
            if name not in values and (seen := trimmed(value)):
                values[name], origins[name] = seen, source.origin
    return Loaded(values, origins)


def setting_name(key: str) -> str:
    """Return the setting that a key means: case and `-` or `_` do not matter."""
    return trimmed(key).replace("-", "_").upper()


def read_json_secret(text: str, names: Collection[str]) -> dict[str, str]:
    """Return what the secret says of *names*; other keys may serve other programs.

    Raise ValueError with a reason that quotes nothing of it but a setting's name.
    """
    try:
        # Pairs as a tuple, so that an object can be told from an array, and no key is lost.
        found = json.loads(trimmed(text), object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(found, tuple):
        raise ValueError("it is no JSON object")
    values: dict[str, str] = {}
    for key, value in found:
        name = setting_name(key)
        if name not in names:
            continue
        if name in values:
            raise ValueError(f"{name} stands in it more than once")
        if not isinstance(value, str):
            raise ValueError(f"{name} must be text in quotes")
        if not _is_unicode(value):
            raise ValueError(f"{name} holds half a character")
        values[name] = value
    return values


def _is_unicode(value: str) -> bool:
    """Tell whether *value* can be encoded; JSON can write what cannot."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)
