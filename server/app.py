"""The Flask application, put together from what it is given."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask

from server.services.intake.receive import DurableInbox, SignaturePolicy
from server.services.intake.refusal_log import RefusalLog
from server.services.intake.webhook_counts import WebhookCounter
from server.services.messages import MessageService
from server.web import errors, health, messages, openapi, paths, webhook
from server.web.errors import OnRefused


def create_app(
    rules: SignaturePolicy,
    keeper: DurableInbox,
    check: Callable[[], dict[str, Any]],
    desk: MessageService | None = None,
    interactions: Blueprint | None = None,
    on_refused: OnRefused | None = None,
    tally: WebhookCounter | None = None,
) -> Flask:
    """Return the application; it reads no setting and opens no connection by itself.

    *on_refused* is told of every request that is refused: a constant that says why, and when.
    """
    app = Flask("server", static_folder=None)
    # A redirect would lose the body: a slash too many is overlooked instead.
    app.url_map.strict_slashes = False
    app.wsgi_app = paths.without_extra_slashes(app.wsgi_app)  # type: ignore[method-assign]
    app.extensions["on_refused"] = on_refused = on_refused or RefusalLog().note
    errors.register(app, on_refused)
    app.register_blueprint(webhook.blueprint(rules, keeper, tally or WebhookCounter()))
    app.register_blueprint(health.blueprint(check))
    app.register_blueprint(openapi.blueprint())
    if desk is not None and desk.tokens:
        app.register_blueprint(messages.blueprint(desk))
    if interactions is not None:
        app.register_blueprint(interactions)
    return app
