"""`POST /interactions`, by Discord: proved before anything else is done."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from server.core.drone.payload import decode
from server.core.interactions.request import Ping, read_interaction
from server.core.interactions.response import pong
from server.core.interactions.signature import check_headers, verify_interaction
from server.services.interactions.handle import handle
from server.services.interactions.services import InteractionServices
from server.services.ports import Clock
from server.web.body import check_size, read_body

# A message with its embeds and components comes along with every press of one of its buttons.
MAX_BODY_BYTES = 1024 * 1024

Work = Callable[[], None]


def blueprint(
    public_key: bytes,
    services: Callable[[], InteractionServices],
    clock: Clock,
    submit: Callable[[Work], None],
    inline: bool = False,
) -> Blueprint:
    """Return the route.

    *services* are put together when they are first needed; *submit* has work done soon, on another
    thread. *inline* is for hosts that stand still as soon as a request is answered: there the
    response goes out by a request of our own, the work is done, and then the request ends.
    """
    routes = Blueprint("interactions", __name__)

    @routes.post("/interactions")
    def interactions() -> Response:
        signature = request.headers.get("X-Signature-Ed25519", "")
        timestamp = request.headers.get("X-Signature-Timestamp", "")
        check_size(MAX_BODY_BYTES)
        check_headers(signature, timestamp)
        body = read_body(MAX_BODY_BYTES)
        verify_interaction(body, signature, timestamp, public_key, clock())
        interaction = read_interaction(decode(body))
        if isinstance(interaction, Ping):
            return jsonify(pong())
        handled = handle(interaction, services())
        work = handled.work
        if work is not None and handled.acknowledge is not None and inline:
            if handled.acknowledge():
                work()
            return Response(status=202)
        response = jsonify(handled.response)
        if work is not None:
            # Not before the response has gone out: Discord knows nothing of it until then.
            response.call_on_close(lambda: submit(work))
        return response

    return routes
