"""The numbers and words in the description at /openapi.json are those of the code."""

from typing import Any

from server import __version__
from server.core.discord import limits
from server.core.messages.body import FIELDS
from server.core.messages.request import IDEMPOTENCY_KEY_LENGTH, KEY_LENGTH, MAX_BODY_BYTES
from server.core.render.pushed import LEVELS
from server.services.operations.health import DEGRADED, FAILING, OK
from server.web.openapi import description

DESCRIPTION: Any = description()
SCHEMAS = DESCRIPTION["components"]["schemas"]
MESSAGE = SCHEMAS["Message"]["properties"]


def test_the_version_is_that_of_the_server() -> None:
    assert DESCRIPTION["info"]["version"] == __version__


def test_a_key_has_as_many_signs_as_the_server_takes() -> None:
    (key,) = DESCRIPTION["paths"]["/messages/{key}"]["parameters"]
    (idempotency_key,) = DESCRIPTION["paths"]["/messages"]["post"]["parameters"]

    assert (key["schema"]["pattern"], idempotency_key["schema"]["pattern"]) == (
        f"^[A-Za-z0-9_~-]{{1,{KEY_LENGTH}}}$",
        f"^[A-Za-z0-9_-]{{1,{IDEMPOTENCY_KEY_LENGTH}}}$",
    )


def test_a_message_has_the_fields_and_limits_of_the_server() -> None:
    assert tuple(MESSAGE) == FIELDS
    assert MESSAGE["title"]["pattern"] == (
        f"^[A-Za-z0-9 ]{{0,{limits.EMBED_TITLE - 1}}}[A-Za-z0-9]$"
    )
    assert MESSAGE["level"]["enum"] == list(LEVELS)
    assert MESSAGE["url"]["maxLength"] == limits.BUTTON_URL


def test_a_body_has_as_many_bytes_as_the_server_takes() -> None:
    too_large = DESCRIPTION["components"]["responses"]["TooLarge"]["description"]
    assert too_large == f"The body is over {MAX_BODY_BYTES} bytes."


def test_health_has_the_states_of_the_server() -> None:
    assert SCHEMAS["Health"]["properties"]["status"]["enum"] == [OK, DEGRADED, FAILING]
