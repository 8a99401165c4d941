"""The body of a request, whole or not at all."""

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from server.errors import Malformed


def check_size(limit: int) -> None:
    """Refuse a request that announces a body of more than *limit* bytes, before it has come."""
    if (request.content_length or 0) > limit:
        raise too_large(limit)


def read_body(limit: int) -> bytes:
    """Return the body, of at most *limit* bytes; raise Malformed if its end is missing.

    Asking for the body makes the server wait for it, so all that can be refused by the headers is
    refused before.
    """
    check_size(limit)
    # One more, because a body that has no length is cut where the limit is.
    request.max_content_length = limit + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise too_large(limit) from error
    if len(body) > limit:
        raise too_large(limit)
    length = request.content_length
    if length is not None and len(body) < length:
        raise Malformed("short_body", f"The body ended after {len(body)} of {length} bytes.")
    return body


def too_large(limit: int) -> RequestEntityTooLarge:
    """Return the error of a body that is over *limit* bytes."""
    return RequestEntityTooLarge(f"The body is over {limit // 1024**2} MiB.")
