"""`POST /interactions`: Discord's way in, proved before anything else is done."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

from server.core.drone.payload import decode
from server.core.interactions.request import Ping, read_interaction
from server.core.interactions.response import pong
from server.core.interactions.signature import check_headers, verify_interaction
from server.services.interactions.handle import Reception, answer
from server.services.ports import Clock
from server.web.body import check_size, read_body

# A message with its embeds and components comes along with every press of one of its buttons.
MAX_BODY_BYTES = 1024 * 1024

Work = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Door:
    """Whose interactions come in, who answers them, and who does what takes time.

    *inline* is for hosts that stand still as soon as a request is answered: there the first answer
    goes out by a request of our own, the work is done, and then the request ends.
    """

    public_key: bytes
    clock: Clock
    reception: Callable[[], Reception]  # put together when it is first needed
    submit: Callable[[Work], None]  # have it done soon, on another thread
    inline: bool = False
    interrupt: Callable[[], None] = lambda: None  # wait for Drone no longer: the process ends


def blueprint(door: Door) -> Blueprint:
    """Return the route."""
    routes = Blueprint("interactions", __name__)

    @routes.post("/interactions")
    def interactions() -> Response:
        signature = request.headers.get("X-Signature-Ed25519", "")
        timestamp = request.headers.get("X-Signature-Timestamp", "")
        check_size(MAX_BODY_BYTES)
        check_headers(signature, timestamp)
        body = read_body(MAX_BODY_BYTES)
        verify_interaction(body, signature, timestamp, door.public_key, door.clock())
        interaction = read_interaction(decode(body))
        if isinstance(interaction, Ping):
            return jsonify(pong())
        reply = answer(door.reception(), interaction)
        work = reply.work
        if work is not None and reply.acknowledge is not None and door.inline:
            if reply.acknowledge():
                work()
            return Response(status=202)
        response = jsonify(reply.callback)
        if work is not None:
            # Not before the answer has gone out: Discord knows nothing of it until then.
            response.call_on_close(lambda: door.submit(work))
        return response

    return routes
