"""The JSON secret in AWS Secrets Manager that AWS_SECRET_ID names; the only module with boto3.

The library is optional and imported only when it is needed. Nothing of what it says is passed on
but error codes: its messages may quote what it was given.
"""

import re
from collections.abc import Mapping
from typing import Any

CONNECT_SECONDS = 3
READ_SECONDS = 5
ATTEMPTS = 2

# A name or an ARN. Anything else was put here by mistake and is sent nowhere.
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
_SECRET_ID = re.compile(r"[A-Za-z0-9/_+=.@:-]{1,2048}")

_HINTS = {
    "403": "access is denied",
    "AccessDeniedException": "it needs secretsmanager:GetSecretValue",
    "AttributeError": "what answers is not Secrets Manager",
    "ConnectTimeoutError": "AWS cannot be reached",
    "EndpointConnectionError": "AWS cannot be reached",
    "ExpiredTokenException": "the credentials have expired",
    "NoCredentialsError": "there are no AWS credentials",
    "NoRegionError": "set AWS_REGION",
    "ProfileNotFound": "look at AWS_PROFILE",
    "ReadTimeoutError": "AWS does not answer",
    "ResourceNotFoundException": "there is no such secret in that region",
    "ValueError": "look at AWS_ENDPOINT_URL",
}


def fetch(values: Mapping[str, str]) -> str:
    """Return the text of the secret; raise ValueError with the reason why it cannot be had.

    Region and credentials come by the library's usual chain; what *values* say goes first, so that
    `.env` serves as well as the environment.
    """
    secret_id = values["AWS_SECRET_ID"]
    if not _SECRET_ID.fullmatch(secret_id):
        raise ValueError("it is neither a name nor an ARN")
    try:
        import boto3
    except ImportError:
        raise ValueError(
            "boto3 is missing: pip install --require-hashes -r requirements/aws.txt"
        ) from None
    region = values.get("AWS_REGION") or values.get("AWS_DEFAULT_REGION")
    try:
        answer = _client(boto3, values, region).get_secret_value(SecretId=secret_id)
    # Parsers, profiles and credential processes raise whatever they like; none of it may be shown.
    except Exception as error:
        raise ValueError(_reason(error, region)) from None
    if "SecretBinary" in answer:
        raise ValueError("it is binary, not text")
    if not isinstance(answer.get("SecretString"), str):
        raise ValueError("what answers is not Secrets Manager")
    return str(answer["SecretString"])


def _client(boto3: Any, values: Mapping[str, str], region: str | None) -> Any:
    from botocore.config import Config

    session = boto3.Session(
        region_name=region,
        profile_name=values.get("AWS_PROFILE"),
        aws_access_key_id=values.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=values.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=values.get("AWS_SESSION_TOKEN"),
    )
    return session.client(
        "secretsmanager",
        endpoint_url=values.get("AWS_ENDPOINT_URL_SECRETS_MANAGER")
        or values.get("AWS_ENDPOINT_URL"),
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        ),
    )


def _reason(error: Exception, region: str | None) -> str:
    """Name what went wrong by AWS's own code for it, or by the kind of error."""
    response = getattr(error, "response", None)
    found = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    code = str(found) if re.fullmatch(r"[A-Za-z0-9.]{1,60}", str(found)) else type(error).__name__
    hint = f", {_HINTS[code]}" if code in _HINTS else ""
    place = f" (region {region})" if re.fullmatch(r"[a-z0-9-]{1,30}", region or "") else ""
    return f"{code}{hint}{place}"
