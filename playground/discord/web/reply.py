"""Answer with JSON outside the API, where Discord's headers do not matter."""

from __future__ import annotations

import json

from aiohttp import web


def as_json(body: object, status: int = 200) -> web.Response:
    """Answer with JSON."""
    return web.Response(
        status=status, body=json.dumps(body).encode(), content_type="application/json"
    )
