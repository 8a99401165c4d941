"""`POST /`: Drone's global webhook."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from server.services.intake.receive import DurableInbox, SignaturePolicy, SignedHeaders, receive
from server.services.intake.webhook_counts import WebhookCounter
from server.web.body import check_size, read_body

# Drone's payloads grow with stages and steps: 200 stages of 10 steps make 1 MB.
MAX_BODY_BYTES = 8 * 1024 * 1024


def blueprint(policy: SignaturePolicy, inbox: DurableInbox, counter: WebhookCounter) -> Blueprint:
    """Return the route; 204 says that the delivery is stored, or is of a kind that is not shown."""
    routes = Blueprint("webhook", __name__)

    @routes.post("/")
    def receive_webhook() -> Response:
        check_size(MAX_BODY_BYTES)
        header = request.headers.get
        signed = SignedHeaders(header("Date", ""), header("Digest", ""), header("Signature", ""))
        now = datetime.now(UTC)
        with counter.watching(signed.date, now):
            verdict = receive(lambda: read_body(MAX_BODY_BYTES), signed, policy, inbox, now)
        counter.accepted(verdict, now)
        # Drone closes the answer unread: an empty one lets the connection be used again.
        return Response(status=204)

    return routes
