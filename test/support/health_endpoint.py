"""A health endpoint that says what a test wants it to say, or nothing at all."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HealthEndpoint:
    """The server of `/health`, as the presence client sees it."""

    def __init__(self) -> None:
        self._status_code = 200
        self._body = b""
        self._may_answer = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.questions = 0
        self.say("ok")
        self.live()

    @property
    def url(self) -> str:
        """Return its address, the same for ever."""
        return f"http://127.0.0.1:{self._port}/health"

    def say(self, status: str, status_code: int = 200, **parts: Any) -> None:
        """Answer with a report from now on."""
        self._status_code = status_code
        self._body = json.dumps({"status": status, "checks": {}, "counts": {}, **parts}).encode()
        self._may_answer.set()

    def hang(self) -> None:
        """Take connections, and answer nothing until it says something again."""
        self._may_answer.clear()

    def live(self) -> None:
        """Listen, at the same port as before."""
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                endpoint.questions += 1
                endpoint._may_answer.wait(30)
                self.send_response(endpoint._status_code)
                self.end_headers()
                self.wfile.write(endpoint._body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """Say nothing of those who did not wait for an answer."""

        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def die(self) -> None:
        """Refuse connections."""
        self._may_answer.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
