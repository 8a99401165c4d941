"""`/messages`: push a message, update or remove it by one's own key, ask what became of it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from server.core.push_request import MAX_BODY_BYTES, read_idempotency_key, read_key, read_said
from server.core.token import Token
from server.services import push
from server.services.push import Desk


def blueprint(desk: Desk) -> Blueprint:
    """Return the routes; 202 says that it is kept, and will be shown."""
    routes = Blueprint("messages", __name__)

    def enter() -> tuple[Token, datetime]:
        now = datetime.now(UTC)
        token = push.enter(desk, request.headers.get("Authorization", ""))
        push.count(desk, token, now)
        request.max_content_length = MAX_BODY_BYTES
        return token, now

    @routes.post("/messages")
    def post() -> Response:
        token, now = enter()
        key = read_idempotency_key(request.headers.get("Idempotency-Key"))
        said, channel = read_said(request.get_data(), request.mimetype)
        return _accepted(push.post(desk, token, said, channel, key, now))

    @routes.put("/messages/<key>")
    def put(key: str) -> Response:
        token, now = enter()
        said, channel = read_said(request.get_data(), request.mimetype)
        return _accepted(push.put(desk, token, read_key(key), said, channel, now))

    @routes.delete("/messages/<key>")
    def delete(key: str) -> Response:
        token, now = enter()
        channel = request.args.get("channel", "")
        return _accepted(push.delete(desk, token, read_key(key), channel, now))

    @routes.get("/messages/<identity>")
    def look(identity: str) -> Response:
        token = push.enter(desk, request.headers.get("Authorization", ""))
        response = jsonify(push.look(desk, token, read_key(identity)))
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _accepted(answer: dict[str, Any]) -> Response:
    response = jsonify(answer)
    response.status_code = 202
    response.headers["Location"] = f"/messages/{answer['id']}"
    return response
