"""Break a connection the hard way."""

from __future__ import annotations

import socket
import struct

from aiohttp import web

# Makes closing a socket reset the connection instead of ending it properly.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def reset_connection(request: web.Request) -> None:
    """Reset the connection a request came on, without an answer."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    # Works for plain HTTP and for websockets alike.
    transport.abort()
