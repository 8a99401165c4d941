"""The least that can receive a webhook durably: hash, HMAC, insert. Nothing else is checked.

It is what the bridge's own way in is measured against, under the same gunicorn configuration.
"""

import hmac
import os
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from flask import Flask, Response, request
from pymongo import MongoClient


def make() -> Flask:
    """Return the application; it takes its settings from the environment, as the bridge does."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        os.environ["MONGO_URI"], w="majority", journal=True, connect=False
    )
    deliveries = client[os.environ["MONGO_DATABASE"]].deliveries
    secret = os.environ["DRONE_WEBHOOK_SECRET"].encode()
    app = Flask("bare", static_folder=None)

    @app.post("/")
    def take() -> Response:
        body = request.get_data()
        date, digest = request.headers["Date"], request.headers["Digest"]
        hashed = f"SHA-256={b64encode(sha256(body).digest()).decode()}"
        code = hmac.digest(secret, f"date: {date}\ndigest: {digest}".encode(), "sha256")
        if hashed != digest or b64encode(code).decode() not in request.headers["Signature"]:
            return Response(status=401)
        deliveries.insert_one(
            {
                "_id": sha256(f"{date}\n{digest}".encode()).hexdigest(),
                "event": "build:updated",
                "body": body,
                "received_at": datetime.now(UTC),
                "pending": True,
            }
        )
        return Response(status=204)

    return app


app = make()
