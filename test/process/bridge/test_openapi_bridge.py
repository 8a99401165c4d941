"""The description at /openapi.json against a running server."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from push import OPS, Push

OPERATIONS = {
    ("/messages", "POST"),
    ("/messages/{key}", "GET"),
    ("/messages/{key}", "PUT"),
    ("/messages/{key}", "DELETE"),
    ("/health", "GET"),
}


def test_the_server_answers_as_its_description_says(push: Push) -> None:
    push.restart(MESSAGES_PER_MINUTE="10000")
    schema = schemathesis.openapi.from_url(f"{push.bridge.url}/openapi.json")
    seen = set()

    for found in schema.get_all_operations():
        operation = found.ok()
        seen.add((operation.path, operation.method.upper()))

        @settings(
            max_examples=8, derandomize=True, suppress_health_check=list(HealthCheck), database=None
        )
        @given(case=operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {OPS}"})

        check()

    assert seen == OPERATIONS
