"""What is wrong with a request that never reaches the application, as an answer."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from gunicorn.asgi import parser as chunks
from gunicorn.http import errors

from server.listener.reader import BODY_BYTES, HEAD_BYTES, BodyTooLarge


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that ends its connection; nothing of the request is quoted."""

    status: int
    reason: str
    detail: str

    def answer(self) -> bytes:
        """Return the bytes of the answer."""
        body = json.dumps({"error": self.reason, "detail": self.detail}).encode() + b"\n"
        head = (
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
            "Connection: close\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


TIMEOUT = Refusal(408, "timeout", "The request took too long: its head has 5 s, all of it 30 s.")
STOPPING = Refusal(503, "stopping", "This process stops; send the request again.")
INTERNAL = Refusal(500, "internal", "The bridge made a mistake; its log has the details.")

_FORM = "The request is no HTTP/1.1: look at its first line, its headers and its Content-Length."
_KNOWN: tuple[tuple[tuple[type[Exception], ...], Refusal], ...] = (
    (
        (errors.LimitRequestHeaders,),
        Refusal(431, "headers_too_large", f"All headers together have {HEAD_BYTES} bytes."),
    ),
    ((errors.LimitRequestLine,), Refusal(414, "uri_too_long", "The address is too long.")),
    (
        (errors.UnsupportedTransferCoding,),
        Refusal(501, "unsupported_transfer_coding", "Transfer-Encoding can be chunked alone."),
    ),
    (
        (errors.ExpectationFailed,),
        Refusal(417, "expectation_failed", "Expect can be 100-continue alone."),
    ),
    (
        (BodyTooLarge,),
        Refusal(413, "too_large", f"The body is over {BODY_BYTES // 1024**2} MiB."),
    ),
    ((chunks.ParseError,), Refusal(400, "bad_chunk", "The chunks of the body cannot be read.")),
)


def refusal_of(error: Exception) -> Refusal:
    """Return the answer to a request that the reader could not read."""
    for kinds, refusal in _KNOWN:
        if isinstance(error, kinds):
            return refusal
    return Refusal(400, "bad_request", _FORM)


def short_body(progress: str) -> Refusal:
    """Return the answer to a request whose connection ended before its body did."""
    return Refusal(400, "short_body", f"The connection ended within the body: {progress}.")
