"""Paths as people write them: `/interactions/` and `//interactions` are `/interactions`."""

from collections.abc import Iterable
from typing import Any


def without_extra_slashes(app: Any) -> Any:
    """Return *app* behind a step that takes slashes from the path which change nothing."""

    def overlooking(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        parts = environ.get("PATH_INFO", "").split("/")
        environ["PATH_INFO"] = "/" + "/".join(part for part in parts if part)
        answer: Iterable[bytes] = app(environ, start_response)
        return answer

    return overlooking
