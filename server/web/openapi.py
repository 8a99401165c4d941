"""`GET /openapi.json`: what the server answers, for people and their tools.

The description is written by hand; schemathesis compares it with the running server in a test.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify

from server import __version__


def blueprint() -> Blueprint:
    """Return the route."""
    routes = Blueprint("openapi", __name__)

    @routes.get("/openapi.json")
    def describe() -> Response:
        return jsonify(description())

    return routes


@cache
def description() -> dict[str, Any]:
    """Return the description in `openapi.json`, with the version of this server."""
    text = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    found["info"]["version"] = __version__
    return found
