"""Every failure of the driver becomes StoreUnavailable.

But for a document that is too large, which is Malformed, and a bad option, which is SettingsError.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import DocumentTooLarge, PyMongoError

from runtime.errors import SettingsError
from runtime.secret import Secret
from server.errors import Malformed, StoreUnavailable

# The options that name files, which the driver reads when the client is made.
# https://www.mongodb.com/docs/manual/reference/connection-string-options/#tls-options
_FILES = re.compile(r"[?&](tlsCAFile|tlsCertificateKeyFile|tlsCRLFile)=", re.IGNORECASE)


@contextmanager
def translated() -> Iterator[None]:
    """Translate what the driver raises within the block."""
    try:
        yield
    except DocumentTooLarge as error:
        # https://www.mongodb.com/docs/manual/reference/limits/#bson-documents
        raise Malformed("too_large", "What is known of it is more than MongoDB takes.") from error
    except PyMongoError as error:
        raise StoreUnavailable(_sentence(error)) from error


@contextmanager
def refused_options(uri: Secret) -> Iterator[None]:
    """Translate what the driver raises when a client is made within the block."""
    try:
        yield
    except PyMongoError as error:
        reason = _sentence(error)
    except OSError as error:
        names = " or ".join(dict.fromkeys(_FILES.findall(uri.reveal()))) or "a file"
        reason = f"{names} cannot be read ({_why(error)})"
    except ValueError as error:  # it may quote what it does not like
        reason = type(error).__name__
    else:
        return
    raise SettingsError([f"MONGO_URI cannot be used: {reason}."])


def _sentence(error: PyMongoError) -> str:
    # What follows on the cause are the timeouts and a description of all that it knows.
    cause = re.split(r" \(configured timeouts|, Timeout: |, full error: ", str(error))[0]
    return f"{type(error).__name__}: {cause[:300]}"


def _why(error: OSError) -> str:
    reason = getattr(error, "reason", None)  # of OpenSSL, such as NO_CERTIFICATE_OR_CRL_FOUND
    return str(reason or error.strerror or type(error).__name__)
