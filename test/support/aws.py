"""AWS Secrets Manager for tests: moto as a process, and an endpoint that says what it is told."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests
from stack import eventually, spawn

from playground.supervisor import BIN, answers, free_port

REGION = "eu-central-1"
ACCESS_KEY = "AKIAOFTHETESTS000000"
SECRET_KEY = "aws-secret-key-of-the-tests"
# Nothing of this machine's own: no profile, no role.
NOTHING = {
    "AWS_CONFIG_FILE": "/nowhere/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def environ_of(url: str, secret_id: str) -> dict[str, str]:
    """Return what a program needs to find a secret."""
    return {
        **NOTHING,
        "AWS_SECRET_ID": secret_id,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_ENDPOINT_URL": url,
    }


@dataclass(frozen=True, slots=True)
class Aws:
    """Secrets Manager, played by moto."""

    url: str

    def put(self, name: str, values: Mapping[str, object] | str) -> dict[str, str]:
        """Keep a secret; return what a program needs to find it."""
        text = values if isinstance(values, str) else json.dumps(values)
        self._call("CreateSecret", {"Name": name, "SecretString": text})
        return environ_of(self.url, name)

    def put_binary(self, name: str) -> dict[str, str]:
        """Keep a secret that is no text; return what a program needs to find it."""
        self._call("CreateSecret", {"Name": name, "SecretBinary": "aHVudGVyMg=="})
        return environ_of(self.url, name)

    @contextmanager
    def denying(self) -> Iterator[None]:
        """Deny everything to everybody."""
        self._allow("0")
        try:
            yield
        finally:
            self._allow("inf")

    def _allow(self, calls: str) -> None:
        url = f"{self.url}/moto-api/reset-auth"
        requests.post(url, data=calls, timeout=60).raise_for_status()

    def _call(self, action: str, body: Mapping[str, str]) -> None:
        credential = f"{ACCESS_KEY}/20260101/{REGION}/secretsmanager/aws4_request"
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"secretsmanager.{action}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, Signature=-",
        }
        requests.post(self.url, json=body, headers=headers, timeout=60).raise_for_status()


@contextmanager
def moto(folder: Path) -> Iterator[Aws]:
    """Run moto's server."""
    port = free_port()
    command = [str(BIN / "moto_server"), "--host", "127.0.0.1", "--port", str(port)]
    process = spawn(command, {}, folder / "moto.log")
    try:
        eventually(lambda: answers(port) or process.popen.poll() is not None)
        assert process.popen.poll() is None, process.output()
        yield Aws(f"http://127.0.0.1:{port}")
    finally:
        process.end()


class Endpoint:
    """What answers every request to AWS alike, as it is told; it counts them."""

    def __init__(self) -> None:
        self.status, self.body, self.questions = 200, b"{}", 0
        self._released = threading.Event()
        self._hangs = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def say(self, body: bytes, status: int = 200) -> None:
        """Answer with *body* from now on."""
        self.status, self.body = status, body

    def hold(self, values: Mapping[str, object]) -> None:
        """Hold a secret with *values* from now on."""
        self.hold_text(json.dumps(values))

    def hold_text(self, text: str) -> None:
        """Hold a secret that is this text from now on."""
        self.say(json.dumps({"Name": "any", "SecretString": text}).encode())

    def hang(self) -> None:
        """Take requests and answer none."""
        self._hangs = True

    def end(self) -> None:
        """End it."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                endpoint.questions += 1
                if endpoint._hangs:
                    endpoint._released.wait(60)
                    return
                self.send_response(endpoint.status)
                self.send_header("Content-Length", str(len(endpoint.body)))
                self.end_headers()
                self.wfile.write(endpoint.body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
