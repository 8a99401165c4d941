"""A host's process: it imports one entry point and answers what comes in, line by line.

Events arrive on standard input as JSON and answers leave through the file descriptor that the
command line names, because the log has standard output for itself.
"""

import importlib
import json
import logging
import os
import sys
from base64 import b64decode
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any] | None


class Collector(logging.Handler):
    """What Azure has put at the root before an entry point is imported."""

    def emit(self, record: logging.LogRecord) -> None:
        """Collect a record as it is formatted."""
        sys.stdout.write(f"collected: {self.format(record)}\n")
        sys.stdout.flush()


def aws_lambda() -> Callable[[dict[str, Any]], Answer]:
    """Return what AWS calls with an event."""
    module = importlib.import_module("server.hosts.aws_lambda")
    return lambda event: module.handler(event, None)


def azure_functions() -> Callable[[dict[str, Any]], Answer]:
    """Return what calls a function by its registered name, as Azure does."""
    import azure.functions as func

    logging.getLogger().addHandler(Collector())
    module = importlib.import_module("server.hosts.azure_functions")
    functions = {
        function.get_function_name(): function.get_user_function()
        for function in module.app.get_functions()
    }

    def call(event: dict[str, Any]) -> Answer:
        if not event:
            functions["tick"](None)
            return None
        body = b64decode(event.pop("body"))
        response = functions["bridge"](func.HttpRequest(**event, body=body), None)
        return {
            "statusCode": response.status_code,
            "headers": dict(response.headers),
            "body": response.get_body().decode(),
        }

    return call


def main() -> None:
    """Say that the entry point is there, then answer until the input ends."""
    answers = os.fdopen(int(sys.argv[2]), "w")
    call = {"aws_lambda": aws_lambda, "azure_functions": azure_functions}[sys.argv[1]]()
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        answers.write(json.dumps(call(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
