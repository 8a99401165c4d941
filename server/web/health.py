"""`GET /health`: what is well and what is not."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from server.services.operations.health import FAILING


def blueprint(check: Callable[[], dict[str, Any]]) -> Blueprint:
    """Return the route; 503 only while the bridge fails at what it is for."""
    routes = Blueprint("health", __name__)

    @routes.get("/health")
    def health() -> Response:
        report = check()
        response = jsonify(report)
        response.status_code = 503 if report["status"] == FAILING else 200
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes
