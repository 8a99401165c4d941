"""Every failure of the driver becomes StoreUnavailable, but for a document that is too large."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import DocumentTooLarge, PyMongoError

from server.errors import Malformed, StoreUnavailable


@contextmanager
def translated() -> Iterator[None]:
    """Translate what the driver raises within the block."""
    try:
        yield
    except DocumentTooLarge as error:
        # https://www.mongodb.com/docs/manual/reference/limits/#bson-documents
        raise Malformed("too_large", "What is known of it is more than MongoDB takes.") from error
    except PyMongoError as error:
        # What follows on the cause are the timeouts and a description of all that it knows.
        cause = re.split(r" \(configured timeouts|, Timeout: |, full error: ", str(error))[0]
        raise StoreUnavailable(f"{type(error).__name__}: {cause[:300]}") from error
