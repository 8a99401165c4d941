"""The HTTP client for Discord and for Drone, over `requests`: it sends once and returns what came.

Every call ends in time and takes an answer of a bounded size, whatever the other end does: one
deadline counts from the beginning to the last byte of the body, and size counts as sent and as
unpacked. Redirects are not followed: they would carry the token away.
"""

import http.client
import io
import json
import math
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from runtime.secret import Secret
from server.core.http_answer import Answer

CHUNK = 64 * 1024
# zlib's own header or gzip's, https://docs.python.org/3/library/zlib.html#zlib.decompressobj
EITHER = 32 + zlib.MAX_WBITS

Body = Mapping[str, Any]
Read = Callable[[Iterable[bytes]], Body | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, in seconds, and how many bytes its answer may have."""

    connect: float
    read: float  # for the next piece of the answer
    total: float  # for all of it, however slowly it comes
    size: int


class TooLarge(Exception):
    """Say that an answer has more bytes than any that we ask for."""


class Authorization(requests.auth.AuthBase):
    """Put a token on a request, or nothing; also keeps `requests` from asking ~/.netrc for one."""

    def __init__(self, scheme: str = "", token: Secret | None = None) -> None:
        self._scheme = scheme
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"{self._scheme} {self._token.reveal()}"
        return request


class HttpClient:
    """Calls to one API; usable from many threads, each with its own connections."""

    def __init__(self, base_url: str, auth: Authorization, user_agent: str) -> None:
        self._base_url = base_url
        self._auth = auth
        # A small answer that unpacks to a huge one is not what we ask for.
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "identity"}
        self._local = threading.local()
        self._lock = threading.Lock()
        self._calls: set[_Call] = set()
        self._is_stopped = False

    def call(self, method: str, path: str, limits: Limits, **content: Any) -> Answer:
        """Make a call whose answer is JSON; *content* is what `requests` takes besides."""
        return self.stream(method, path, limits, read_json, **content)

    def stream(self, method: str, path: str, limits: Limits, read: Read, **content: Any) -> Answer:
        """Make a call and give the pieces of a good answer's body to *read* as they come.

        No answer has the status 0 and a reason; a good one that *read* returned None for has a
        reason as well.
        """
        call = _Call(time.monotonic() + limits.total)
        with self._lock:
            self._calls.add(call)
            is_stopped = self._is_stopped
        if is_stopped:
            call.interrupt()
        try:
            return self._made(call, method, path, limits, read, content)
        except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
            return Answer(0, {}, {}, call.error or "timeout")
        except TooLarge:
            return Answer(0, {}, {}, "too_large")
        except zlib.error:
            return Answer(0, {}, {}, "bad_encoding")
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(0, {}, {}, call.error or type(error).__name__)
        finally:
            with self._lock:
                self._calls.discard(call)

    def interrupt(self) -> None:
        """End every call that is under way, and those that are made later: the process ends."""
        with self._lock:
            self._is_stopped = True
            calls = list(self._calls)
        for call in calls:
            call.interrupt()

    def _made(
        self,
        call: "_Call",
        method: str,
        path: str,
        limits: Limits,
        read: Read,
        content: Mapping[str, Any],
    ) -> Answer:
        with self._session(call).request(
            method,
            self._base_url + path,
            timeout=(min(limits.connect, limits.total), min(limits.read, limits.total)),
            allow_redirects=False,
            stream=True,
            **content,
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            pieces = _pieces(response, headers.get("content-encoding", ""), limits.size)
            if response.status_code != 200:
                return Answer(response.status_code, headers, read_json(pieces) or {})
            body = read(pieces)
            return Answer(200, headers, body or {}, "not_json" if body is None else "")

    def _session(self, call: "_Call") -> requests.Session:
        """Return the session of the thread that asks: none may be shared by two."""
        call.begin()
        _thread.call = call
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.auth = self._auth
            session.headers.update(self._headers)
            session.mount("http://", _Adapter())
            session.mount("https://", _Adapter())
        return session


def read_json(pieces: Iterable[bytes]) -> Body | None:
    """Read an object; a list comes under `items`, and `null` is {}; None for anything else."""
    try:
        body = json.loads(b"".join(pieces))
    except (ValueError, RecursionError):
        return None
    if body is None:
        return {}
    if isinstance(body, list):
        return {"items": body}
    return body if isinstance(body, dict) else None


def _pieces(response: requests.Response, encoding: str, size: int) -> Iterator[bytes]:
    """Give the body as it comes, unpacked if a proxy has packed it all the same."""
    raw = response.raw
    pieces = _counted(iter(lambda: raw.read1(CHUNK, decode_content=False), b""), size)
    match encoding.strip().lower():
        case "" | "identity":
            return pieces
        case "gzip" | "x-gzip" | "deflate":
            return _counted(_unpacked(pieces), size)
        case _:
            raise zlib.error("an encoding that was not asked for")


def _counted(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        size -= len(piece)
        if size < 0:
            raise TooLarge
        yield piece


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(EITHER)
    for piece in pieces:
        while piece:
            yield unpacker.decompress(piece, CHUNK)
            piece = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof:
        raise zlib.error("half an answer")


class _Call:
    """One call under way: until when it may last, and the connection that it waits on."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.error = ""
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None

    def begin(self, sock: socket.socket | None = None) -> None:
        """Note where the answer will come from."""
        with self._lock:
            if self.error:
                raise ConnectionAbortedError(self.error)
            self._sock = sock

    def interrupt(self) -> None:
        """End it now."""
        with self._lock:
            self.error = "interrupted"
            if self._sock is not None:
                with suppress(OSError):
                    # Not that of a TLS socket, which would change what another thread reads with.
                    socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


# The call that this thread makes: `requests` has no other way to hand it to its connections.
_thread = threading.local()


class _Timed(io.RawIOBase):
    """What comes over a connection, for as long as its call may last."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, call: _Call) -> None:
        self._raw = raw
        self._sock = sock
        self._call = call
        self._seconds = sock.gettimeout() or math.inf

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._call.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(left, self._seconds))
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer of which the head, too, comes in time."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        call: _Call = _thread.call
        call.begin(sock)
        self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock, call))


class _Http(urllib3.connection.HTTPConnection):
    response_class = _Response


class _Https(urllib3.connection.HTTPSConnection):
    response_class = _Response


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    """Connections of ours, to the API or to a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager: Any = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        return manager
