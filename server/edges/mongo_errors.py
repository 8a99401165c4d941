"""Every failure of the driver becomes StoreUnavailable."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from server.errors import StoreUnavailable


@contextmanager
def translated() -> Iterator[None]:
    """Translate what the driver raises within the block."""
    try:
        yield
    except PyMongoError as error:
        # What follows on the cause are the timeouts and a description of all that it knows.
        cause = re.split(r" \(configured timeouts|, Timeout: |, full error: ", str(error))[0]
        raise StoreUnavailable(f"{type(error).__name__}: {cause[:300]}") from error
