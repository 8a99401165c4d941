"""Every error as JSON: `{"error": "<constant>", "detail": "<sentence>"}`."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from server.errors import Refused, StoreUnavailable

log = logging.getLogger(__name__)

READS = frozenset({"GET", "HEAD", "OPTIONS"})

OnRefused = Callable[[str, datetime], None]


def register(app: Flask, on_refused: OnRefused) -> None:
    """Make *app* answer its errors as JSON, and report each refusal to *on_refused*."""

    def refused(error: Refused) -> Response:
        # The reason and nothing of the request: it is hostile until proved otherwise.
        on_refused(error.reason, datetime.now(UTC))
        return _refused(error)

    app.register_error_handler(Refused, refused)
    app.register_error_handler(StoreUnavailable, _unavailable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _answer(status: int, error: str, detail: str) -> Response:
    response = jsonify(error=error, detail=detail)
    response.status_code = status
    return response


def _refused(error: Refused) -> Response:
    answer = _answer(error.status, error.reason, error.detail)
    answer.headers.extend(error.headers)
    return answer


def _unavailable(error: StoreUnavailable) -> Response:
    if request.method in READS:
        log.warning("MongoDB could not be read for a request.", exc_info=error)
        return _answer(503, "unavailable", "MongoDB cannot be read now; try again in a minute.")
    # Drone will not send it again, so a person has to know.
    log.error("A delivery is lost: neither MongoDB nor the spool took it.", exc_info=error)
    return _answer(503, "unavailable", "Neither MongoDB nor the spool can keep it now.")


def _http(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return _answer(413, "too_large", error.description or "The body is too large.")
    name = (error.name or "error").lower().replace(" ", "_")
    answer = _answer(error.code or 500, name, error.description or "")
    answer.headers.extend(
        (key, value) for key, value in error.get_headers() if key.lower() == "allow"
    )
    return answer


def _unexpected(error: Exception) -> Response:
    log.error("A request failed.", exc_info=error)
    return _answer(500, "internal", "The bridge made a mistake; its log has the details.")
