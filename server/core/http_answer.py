"""What came back of an HTTP request, whatever came."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response: *status* 0 is no answer at all, and then *error* says why."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: Mapping[str, object]  # {} unless it was a JSON object; a list comes under `items`
    error: str = ""
