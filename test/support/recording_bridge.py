"""Stand in for the bridge on a real loopback socket: record requests, answer as told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Request:
    """Hold one request as it came in; header names as they were sent."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class RecordingBridge:
    """Hold what was received, and what to answer."""

    url: str = ""
    status: int = 204
    answer: bytes = b""
    requests: list[Request] = field(default_factory=list)


@contextmanager
def recording_bridge() -> Iterator[RecordingBridge]:
    """Serve a bridge on a free port of the loopback interface."""
    bridge = RecordingBridge()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bridge.requests.append(Request(self.path, dict(self.headers.items()), body))
            self.send_response(bridge.status)
            if bridge.status != 204:
                self.send_header("Content-Length", str(len(bridge.answer)))
            self.end_headers()
            self.wfile.write(bridge.answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bridge.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield bridge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
