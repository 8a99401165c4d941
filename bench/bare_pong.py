"""The least that can answer Discord's PING on AWS Lambda: the signature, and nothing else.

It is what the bridge's own cold start is measured against, as a process that speaks as the tests'
`host_process.py` does.
"""

import json
import os
import sys
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

_KEY = VerifyKey(bytes.fromhex(os.environ["DISCORD_PUBLIC_KEY"]))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer 200 to whatever Discord has signed, and 401 to all else."""
    headers, body = event["headers"], event["body"]
    signed = (headers["x-signature-timestamp"] + body).encode()
    try:
        _KEY.verify(signed, bytes.fromhex(headers["x-signature-ed25519"]))
    except BadSignatureError:
        return {"statusCode": 401, "headers": {}, "body": ""}
    answer = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": answer, "body": '{"type":1}'}


if __name__ == "__main__":
    with os.fdopen(int(sys.argv[2]), "w") as answers:
        answers.write("ready\n")
        answers.flush()
        answers.write(json.dumps(handler(json.loads(sys.stdin.readline()), None)) + "\n")
