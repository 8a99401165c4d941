"""`/messages`: push a message, update or remove it by one's own key, read its status."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from server.core.messages.body import check_media, read_fields
from server.core.messages.envelope import MessageFields
from server.core.messages.request import (
    MAX_BODY_BYTES,
    read_idempotency_key,
    read_key,
    read_message,
)
from server.core.messages.tokens import Token
from server.services.messages import MessageService
from server.web.body import check_size, read_body


def blueprint(service: MessageService) -> Blueprint:
    """Return the routes; 202 says that it is stored, and will be shown."""
    routes = Blueprint("messages", __name__)

    def authenticate() -> tuple[Token, datetime]:
        check_size(MAX_BODY_BYTES)
        token = service.authenticate(request.headers.get("Authorization", ""))
        return token, datetime.now(UTC)

    def read(token: Token, now: datetime) -> tuple[MessageFields, str]:
        header = request.headers.get
        media, codec = check_media(header("Content-Type", ""), header("Content-Encoding", ""))
        body = read_body(MAX_BODY_BYTES)
        # Not before the body is there: until then the request may be looked at twice.
        service.count(token, now)
        return read_message(read_fields(body, media, codec))

    @routes.post("/messages")
    def post() -> Response:
        token, now = authenticate()
        key = read_idempotency_key(request.headers.get("Idempotency-Key"))
        return _accepted(service.post(token, *read(token, now), key, now))

    @routes.put("/messages/<key>")
    def put(key: str) -> Response:
        token, now = authenticate()
        key = read_key(key)
        return _accepted(service.put(token, key, *read(token, now), now))

    @routes.delete("/messages/<key>")
    def delete(key: str) -> Response:
        token, now = authenticate()
        key, channel = read_key(key), request.args.get("channel", "")
        read_body(MAX_BODY_BYTES)
        service.count(token, now)
        return _accepted(service.delete(token, key, channel, now))

    @routes.get("/messages/<identity>")
    def status(identity: str) -> Response:
        token = service.authenticate(request.headers.get("Authorization", ""))
        response = jsonify(service.status(token, read_key(identity)))
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _accepted(answer: dict[str, Any]) -> Response:
    response = jsonify(answer)
    response.status_code = 202
    response.headers["Location"] = f"/messages/{answer['id']}"
    return response
