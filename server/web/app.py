"""The Flask application, put together from the services that its routes call."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask

from server.services.intake.receive import DurableInbox, SignaturePolicy
from server.services.intake.refusal_log import RefusalLog
from server.services.intake.webhook_counts import WebhookCounter
from server.services.messages import MessageService
from server.web import errors, health, messages, openapi, paths, webhook


def create_app(
    policy: SignaturePolicy,
    inbox: DurableInbox,
    check: Callable[[], dict[str, Any]],
    message_service: MessageService | None = None,
    interactions: Blueprint | None = None,
    refusals: RefusalLog | None = None,
    webhooks: WebhookCounter | None = None,
) -> Flask:
    """Return the application; it reads no setting and opens no connection by itself.

    *refusals* counts every request that is refused, *webhooks* those of Drone.
    """
    app = Flask("server", static_folder=None)
    # A redirect would lose the body: a slash too many is overlooked instead.
    app.url_map.strict_slashes = False
    app.wsgi_app = paths.without_extra_slashes(app.wsgi_app)  # type: ignore[method-assign]
    errors.register(app, (refusals or RefusalLog()).note)
    app.register_blueprint(webhook.blueprint(policy, inbox, webhooks or WebhookCounter()))
    app.register_blueprint(health.blueprint(check))
    app.register_blueprint(openapi.blueprint())
    if message_service is not None and message_service.tokens:
        app.register_blueprint(messages.blueprint(message_service))
    if interactions is not None:
        app.register_blueprint(interactions)
    return app
