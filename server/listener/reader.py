"""From bytes to one request after another: first its head, then its body.

It does no input or output and never waits: whatever comes is fed to it. gunicorn's own parsers read
heads and chunks, so what they refuse is refused here.
"""

from typing import Any

from gunicorn.asgi.parser import PythonProtocol
from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

# nginx takes as much: https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers
HEAD_BYTES = 32 * 1024
# The most that any endpoint takes; the endpoint itself knows whether it takes less.
BODY_BYTES = 8 * 1024 * 1024

_END = b"\r\n\r\n"
# What makes gunicorn's parser expect chunks.
_CHUNKED_HEAD = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


class BodyTooLarge(Exception):
    """Say that the chunks of a body are more than any endpoint takes."""


class RequestReader:
    """The requests of one connection; *head* is the one that is being read."""

    def __init__(self, cfg: Any, client: Any) -> None:
        self._cfg = cfg
        self._client = client
        self._number = 0
        self._buffer = bytearray()
        self._reset()

    def _reset(self) -> None:
        self.head: Any = None
        self._searched = 0
        self.is_complete = False
        self.expects_continue = False
        self._length = 0
        self._chunks: Any = None
        self._parts: list[bytes] = []
        self._parts_length = 0

    @property
    def has_begun(self) -> bool:
        """Tell whether anything of the request has come."""
        return self.head is not None or bool(self._buffer)

    @property
    def held_bytes(self) -> int:
        """Return how much memory the request takes so far."""
        return len(self._buffer) + self._parts_length

    @property
    def progress(self) -> str:
        """Say how much of the body has come."""
        if self._chunks is not None:
            return f"{self._parts_length} bytes, and the chunk that ends it is missing"
        return f"{len(self._buffer)} of {self._length} bytes"

    def feed(self, data: bytes) -> None:
        """Take what has come; raise gunicorn's errors, or BodyTooLarge."""
        self._buffer += data
        if self.head is None:
            self._read_head()
        if self.head is not None and not self.is_complete:
            self._read_body()

    def take_body(self) -> bytes:
        """Return the body of the complete request."""
        if self._chunks is not None:
            return b"".join(self._parts)
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        self._length = 0
        return body

    def next(self) -> None:
        """Begin the next request, perhaps with bytes that have come along with the one before."""
        if self._chunks is not None:
            self._buffer[:0] = self._chunks.remaining()
        self._reset()

    def _read_head(self) -> None:
        while self._buffer.startswith(b"\r\n"):  # RFC 9112, section 2.2
            del self._buffer[:2]
        end = self._buffer.find(_END, self._searched)
        if max(end, len(self._buffer) if end < 0 else 0) > HEAD_BYTES:
            raise LimitRequestHeaders("the head is too large")
        is_broken = end < 0 and self._buffer.count(b"\n") != self._buffer.count(b"\r\n")
        if end < 0 and not is_broken:
            self._searched = max(0, len(self._buffer) - len(_END) + 1)
            return
        # A line that ends otherwise would never end: the parser refuses it now.
        head = bytes(self._buffer[: end + len(_END)] if end >= 0 else self._buffer)
        self._number += 1
        request = Request(self._cfg, IterUnreader([head]), self._client, self._number)
        del self._buffer[: len(head)]
        self.expects_continue = request._expected_100_continue
        # Otherwise gunicorn would say so by itself, whether the body is wanted or not.
        request._expected_100_continue = False
        self.head = request
        if isinstance(request.body.reader, ChunkedReader):
            self._chunks = PythonProtocol(on_body=self._add_part)
            self._chunks.feed(_CHUNKED_HEAD)
        else:
            self._length = request.body.reader.length

    def _read_body(self) -> None:
        if self._chunks is None:
            self.is_complete = len(self._buffer) >= self._length
            return
        if self._buffer:
            data, self._buffer = bytes(self._buffer), bytearray()
            self._chunks.feed(data)
        self.is_complete = self._chunks.is_complete

    def _add_part(self, part: bytes) -> None:
        self._parts_length += len(part)
        if self._parts_length > BODY_BYTES:
            raise BodyTooLarge
        self._parts.append(part)
