"""The Flask application, put together from what it is given."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from server.services.push import Desk
from server.services.receive import Keeper, Rules
from server.services.tally import Tally
from server.web import errors, health, interactions, messages, openapi, webhook
from server.web.interactions import Door

# Drone's payloads grow with stages and steps: 200 stages of 10 steps make 1 MB.
MAX_BODY_BYTES = 8 * 1024 * 1024


def create_app(
    rules: Rules,
    keeper: Keeper,
    check: Callable[[], dict[str, Any]],
    desk: Desk | None = None,
    door: Door | None = None,
    tally: Tally | None = None,
) -> Flask:
    """Return the application; it reads no setting and opens no connection by itself."""
    app = Flask("server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    errors.register(app)
    app.register_blueprint(webhook.blueprint(rules, keeper, tally or Tally()))
    app.register_blueprint(health.blueprint(check))
    app.register_blueprint(openapi.blueprint())
    if desk is not None and desk.tokens:
        app.register_blueprint(messages.blueprint(desk))
    if door is not None:
        app.register_blueprint(interactions.blueprint(door))
    return app
