"""A Discord, or something in its place, that answers without end: the worker goes on."""

import socket
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from raw_server import RawServer, answering
from stack import SECRET, Bridge, environ_of, eventually

from playground.discord.process import StandIn
from playground.drone.rest.process import DroneStandIn

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
MESSAGE_ID = "1200000000000000001"
MESSAGE = f'{{"id":"{MESSAGE_ID}"}}'.encode()


def test_a_message_whose_answer_drips_is_sent_again(
    mongo_uri: str, discord: StandIn, drone: DroneStandIn, tmp_path: Path
) -> None:
    is_well = Event()

    def script(server: RawServer, sock: socket.socket) -> None:
        posts = server.heads[-1].startswith(b"POST")
        body = MESSAGE if posts else b"[]"
        if not is_well.is_set() and posts:
            sock.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
            server.drip(sock, b" " * 1000, seconds=2.0)
        sock.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)

    with answering(script) as server:
        environ = {
            **environ_of(mongo_uri, discord, tmp_path),
            "DISCORD_API_BASE_URL": server.url,
        }
        bridge = Bridge(environ, tmp_path, discord)
        with ExitStack() as stack:
            stack.callback(bridge.stop)
            stack.callback(drone.lose_webhooks)
            bridge.start_server()
            bridge.start_worker()
            drone.send_to(bridge.url, SECRET)
            drone.add_build()
            drone.webhooks()

            eventually(lambda: len([one for one in server.heads if one[:4] == b"POST"]) > 1)
            is_well.set()

            assert eventually(lambda: bridge.cards()[0].get("message_id"), 60) == MESSAGE_ID
