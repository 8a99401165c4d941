"""`GET /openapi.json`: what the server answers, for people and their tools.

Written by hand; a test lets schemathesis compare it with the running server.
"""

from typing import Any

from flask import Blueprint, Response, jsonify

from server import __version__
from server.core.discord import limits
from server.core.messages.request import IDEMPOTENCY_KEY_LENGTH, KEY_LENGTH, MAX_BODY_BYTES
from server.core.render.pushed import LEVELS

Json = dict[str, Any]

# What each error means, by its status; `detail` has the numbers.
ERRORS = {
    "400": "The request cannot be read; the detail says what is wrong.",
    "401": "The token is missing or unknown.",
    "403": "The channel is not one of this token's.",
    "404": "No such message of this token, or no token is configured.",
    "409": "The Idempotency-Key was used for something else within a day.",
    "413": f"The body is over {MAX_BODY_BYTES} bytes.",
    "415": "The body is neither JSON nor a form nor plain text, or is packed, or in a charset that "
    "is unknown here.",
    "429": "The token has sent too many requests in a minute.",
    "503": "Neither MongoDB nor the spool can keep it now, or MongoDB cannot be asked.",
}


def blueprint() -> Blueprint:
    """Return the route."""
    routes = Blueprint("openapi", __name__)

    @routes.get("/openapi.json")
    def describe() -> Response:
        return jsonify(DESCRIPTION)

    return routes


def _json(schema: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _errors(*statuses: str) -> Json:
    answers: Json = {}
    for status in statuses:
        answers[status] = {"description": ERRORS[status], "content": _json("Error")}
    if "429" in answers:
        wait = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}
        answers["429"]["headers"] = {"Retry-After": wait}
    if "401" in answers:
        answers["401"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return answers


_ACCEPTED: Json = {
    "description": "It is kept, and will be shown.",
    "content": _json("Accepted"),
    "headers": {"Location": {"schema": {"type": "string"}}},
}
_KEY: Json = {
    "name": "key",
    "in": "path",
    "required": True,
    "description": "The caller's own name for the message.",
    "schema": {"type": "string", "pattern": f"^[A-Za-z0-9_~-]{{1,{KEY_LENGTH}}}$"},
}
_BODY: Json = {
    "required": True,
    "content": {
        **_json("Message"),
        # Whatever curl -d sends: what has no field named message is taken as a bare text.
        "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/Message"}},
        "text/plain": {"schema": {"type": "string", "pattern": "[A-Za-z0-9]"}},
    },
}
_WRITES = ("400", "401", "403", "404", "413", "415", "429", "503")

DESCRIPTION: Json = {
    "openapi": "3.0.3",
    "info": {
        "title": "drone-discord",
        "version": __version__,
        "description": "Push messages to Discord, and see how the bridge is.",
    },
    "security": [{"token": []}],
    "paths": {
        "/messages": {
            "post": {
                "operationId": "post_message",
                "summary": "Show a message.",
                "parameters": [
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "description": "With the same body it is the same message for a day.",
                        "schema": {
                            "type": "string",
                            "pattern": f"^[A-Za-z0-9_-]{{1,{IDEMPOTENCY_KEY_LENGTH}}}$",
                        },
                    }
                ],
                "requestBody": _BODY,
                "responses": {"202": _ACCEPTED, **_errors(*_WRITES, "409")},
            }
        },
        "/messages/{key}": {
            "parameters": [_KEY],
            "get": {
                "operationId": "message_status",
                "summary": "Tell what became of a message; the key is here the id of the answer.",
                "responses": {
                    "200": {"description": "What is known.", "content": _json("Status")},
                    **_errors("400", "401", "404", "503"),
                },
            },
            "put": {
                "operationId": "put_message",
                "summary": "Show a message, or change it.",
                "requestBody": _BODY,
                "responses": {"202": _ACCEPTED, **_errors(*_WRITES)},
            },
            "delete": {
                "operationId": "delete_message",
                "summary": "Remove a message.",
                "parameters": [
                    {
                        "name": "channel",
                        "in": "query",
                        "description": "Where it is, if not in the token's first channel.",
                        "schema": {"type": "string"},
                    }
                ],
                "responses": {
                    "202": _ACCEPTED,
                    **_errors("400", "401", "403", "404", "429", "503"),
                },
            },
        },
        "/health": {
            "get": {
                "operationId": "health",
                "summary": "Tell what is well and what is not.",
                "security": [],
                "responses": {
                    "200": {"description": "ok or degraded", "content": _json("Health")},
                    "503": {"description": "failing", "content": _json("Health")},
                },
            }
        },
    },
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Message": {
                "type": "object",
                "required": ["message"],
                "additionalProperties": False,
                "properties": {
                    "message": {
                        "type": "string",
                        "pattern": "[A-Za-z0-9]",
                        "description": "Markdown. What Discord has no room for goes along as "
                        "message.txt.",
                    },
                    "title": {
                        "type": "string",
                        "pattern": f"^[A-Za-z0-9 ]{{0,{limits.EMBED_TITLE - 1}}}[A-Za-z0-9]$",
                    },
                    "level": {"type": "string", "enum": list(LEVELS)},
                    "channel": {
                        "type": "string",
                        "description": "A name of MESSAGES_CHANNELS, or default.",
                    },
                    "url": {"type": "string", "format": "uri", "maxLength": limits.BUTTON_URL},
                    "silent": {"type": "boolean", "description": "Without a notification."},
                },
            },
            "Accepted": {
                "type": "object",
                "required": ["id", "channel"],
                "additionalProperties": False,
                "properties": {"id": {"type": "string"}, "channel": {"type": "string"}},
            },
            "Status": {
                "type": "object",
                "required": ["id", "channel", "status"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string"},
                    "channel": {"type": "string"},
                    "status": {
                        "type": "string",
                        "enum": ["waiting", "delivered", "dropped", "removed"],
                    },
                    "reason": {"type": "string"},
                    "url": {"type": "string", "description": "Where Discord shows it."},
                },
            },
            "Health": {
                "type": "object",
                "required": ["status", "checks", "counts"],
                "properties": {
                    "status": {"type": "string", "enum": ["ok", "degraded", "failing"]},
                    "checks": {"type": "object"},
                    "counts": {"type": "object"},
                },
            },
            "Error": {
                "type": "object",
                "required": ["error", "detail"],
                "additionalProperties": False,
                "properties": {
                    "error": {"type": "string", "description": "A constant."},
                    "detail": {"type": "string", "description": "A sentence."},
                },
            },
        },
    },
}
