"""One answer: the application sees the head, and the body when it is there. Runs in a thread."""

import logging
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any, NoReturn

from gunicorn.http import wsgi

from server.listener.connection import Connection
from server.listener.refusal import INTERNAL

log = logging.getLogger(__name__)

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BodyAwaited(BaseException):
    """Say that the application wants the body; it is no error that it could handle."""


class _NotYet:
    """In place of a body that has not come."""

    def read(self, *_: object) -> NoReturn:
        raise BodyAwaited

    readline = readlines = __next__ = read

    def __iter__(self) -> "_NotYet":
        return self


def answer(app: Any, connection: Connection, cfg: Any, access_log: Any, is_last: bool) -> None:
    """Write the application's answer to *connection*, or note that the body is wanted first."""
    try:
        _answer(app, connection, cfg, access_log, is_last)
    except BodyAwaited:
        connection.body_is_wanted = True
        if connection.reader.expects_continue:
            connection.sendall(CONTINUE)
    except Exception:
        log.exception("A request could not be answered.")
        connection.replace(INTERNAL.answer())


def _answer(app: Any, connection: Connection, cfg: Any, access_log: Any, is_last: bool) -> None:
    head, began_at = connection.reader.head, datetime.now()  # noqa: DTZ005 – a difference alone
    response, environ = wsgi.create(head, connection, connection.client, connection.server, cfg)
    environ["wsgi.multithread"] = True
    _give_body(connection, environ)
    if is_last or not connection.reader.is_complete:
        # What is left of a refused body would be taken for the next request.
        response.force_close()
    parts: Iterable[bytes] = app(environ, response.start_response)
    try:
        for part in parts:
            response.write(part)
        response.close()
        connection.is_closing = response.should_close()
        connection.flush()
        access_log.access(response, head, environ, datetime.now() - began_at)  # noqa: DTZ005
    finally:
        # What is to be done after the answer is begun by this.
        if hasattr(parts, "close"):
            parts.close()


def _give_body(connection: Connection, environ: dict[str, Any]) -> None:
    reader = connection.reader
    if not reader.is_complete:
        environ["wsgi.input"] = _NotYet()
        return
    body = reader.take_body()
    environ["wsgi.input"] = BytesIO(body)
    if environ.pop("HTTP_TRANSFER_ENCODING", None):
        environ["CONTENT_LENGTH"] = str(len(body))
