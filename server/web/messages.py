"""`/messages`: push a message, update or remove it by one's own key, ask what became of it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from server.core.messages.body import check_media, read_fields
from server.core.messages.envelope import Said
from server.core.messages.request import MAX_BODY_BYTES, read_idempotency_key, read_key, read_said
from server.core.messages.tokens import Token
from server.services import messages as push
from server.services.messages import MessageService
from server.web.body import check_size, read_body


def blueprint(desk: MessageService) -> Blueprint:
    """Return the routes; 202 says that it is kept, and will be shown."""
    routes = Blueprint("messages", __name__)

    def enter() -> tuple[Token, datetime]:
        check_size(MAX_BODY_BYTES)
        return push.enter(desk, request.headers.get("Authorization", "")), datetime.now(UTC)

    def said(token: Token, now: datetime) -> tuple[Said, str]:
        header = request.headers.get
        media, codec = check_media(header("Content-Type", ""), header("Content-Encoding", ""))
        body = read_body(MAX_BODY_BYTES)
        # Not before the body is there: until then the request may be looked at twice.
        push.count(desk, token, now)
        return read_said(read_fields(body, media, codec))

    @routes.post("/messages")
    def post() -> Response:
        token, now = enter()
        key = read_idempotency_key(request.headers.get("Idempotency-Key"))
        return _accepted(push.post(desk, token, *said(token, now), key, now))

    @routes.put("/messages/<key>")
    def put(key: str) -> Response:
        token, now = enter()
        key = read_key(key)
        return _accepted(push.put(desk, token, key, *said(token, now), now))

    @routes.delete("/messages/<key>")
    def delete(key: str) -> Response:
        token, now = enter()
        key, channel = read_key(key), request.args.get("channel", "")
        read_body(MAX_BODY_BYTES)
        push.count(desk, token, now)
        return _accepted(push.delete(desk, token, key, channel, now))

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
