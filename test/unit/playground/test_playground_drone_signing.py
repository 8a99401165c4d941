"""Sign as Drone does; the expected values come from outside this project."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.drone.builds import play
from playground.drone.signing import headers_of, sign

BODY = (
    b'{"event":"repo","action":"disabled","repo":{"id":42,"slug":"octocat/hello-world",'
    b'"active":false},"system":{"proto":"https","host":"drone.example.com",'
    b'"link":"https://drone.example.com","version":"2.25.0"}}'
)
SECRET = "bea26a2221fd8090ea38720fc445eca6"
DATE = "Wed, 01 Jan 2020 00:00:00 GMT"
SIGNED = {
    "Digest": "SHA-256=Gk7TSDxGu8Oi+rfWchz+6elJZewLlTYYfb1f+pmUBzM=",
    "Date": DATE,
    "Signature": 'keyId="hmac-key",algorithm="hmac-sha256",'
    'signature="iLtZ1t7+a9rWIuK8E38wuFnHFERRn3PpMTmWR3ZC5HM=",headers="date digest"',
}


def test_the_worked_example_comes_out() -> None:
    assert sign(BODY, SECRET, DATE) == SIGNED


@pytest.mark.parametrize(
    "date",
    [
        pytest.param(datetime(2020, 1, 1, tzinfo=UTC), id="utc"),
        pytest.param(
            datetime(2020, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), id="another zone"
        ),
    ],
)
def test_a_moment_is_written_as_http_writes_it(date: datetime) -> None:
    assert sign(BODY, SECRET, date) == SIGNED


def test_headers_come_as_drone_sends_them() -> None:
    delivery = play("repo_disabled")[0]

    headers = headers_of(delivery, SECRET, DATE)

    assert list(headers) == ["X-Drone-Event", "Content-Type", "Digest", "Date", "Signature"]
    assert headers["X-Drone-Event"] == "repo"
    assert headers["Content-Type"] == "application/json"


def test_a_delivery_is_signed_at_the_time_it_was_sent() -> None:
    headers = headers_of(play("user_created", start=1_577_836_800)[0], SECRET)

    assert headers["Date"] == DATE


@given(st.binary(max_size=200), st.text(max_size=100))
def test_any_body_under_any_secret_verifies(body: bytes, secret: str) -> None:
    headers = sign(body, secret, DATE)

    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    signed = f"date: {DATE}\ndigest: SHA-256={digest}".encode()
    key = secret.encode(errors="surrogateescape")
    [signature] = re.findall('signature="([^"]*)"', headers["Signature"])
    assert base64.b64decode(signature) == hmac.digest(key, signed, "sha256")
    assert headers["Digest"] == f"SHA-256={digest}"
