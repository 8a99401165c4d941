"""What the signature of a webhook lets in and keeps out."""

import hashlib
import hmac
import random
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest

from server.core.drone.signature import verify_body, verify_headers
from server.errors import NotAuthentic

SECRET = b"bea26a2221fd8090ea38720fc445eca6"
NOW = datetime(2020, 1, 1, 0, 0, 10, tzinfo=UTC)
MAX_AGE = timedelta(seconds=300)

# Computed independently of this project, for drone-server's scheme.
BODY = (
    b'{"event":"repo","action":"disabled","repo":{"id":42,"slug":"octocat/hello-world",'
    b'"active":false},"system":{"proto":"https","host":"drone.example.com",'
    b'"link":"https://drone.example.com","version":"2.25.0"}}'
)
DATE = "Wed, 01 Jan 2020 00:00:00 GMT"
DIGEST = "SHA-256=Gk7TSDxGu8Oi+rfWchz+6elJZewLlTYYfb1f+pmUBzM="
VALUE = "iLtZ1t7+a9rWIuK8E38wuFnHFERRn3PpMTmWR3ZC5HM="
SIGNATURE = f'keyId="hmac-key",algorithm="hmac-sha256",signature="{VALUE}",headers="date digest"'


def check(
    body: bytes = BODY,
    date: str = DATE,
    digest: str = DIGEST,
    signature: str = SIGNATURE,
    secrets: tuple[bytes, ...] = (SECRET,),
    now: datetime = NOW,
    max_age: timedelta = MAX_AGE,
) -> str:
    fingerprint = verify_headers(date, digest, signature, secrets, now, max_age)
    verify_body(body, digest)
    return fingerprint


def digest_of(body: bytes) -> str:
    return "SHA-256=" + b64encode(hashlib.sha256(body).digest()).decode()


def sign(message: str, secret: bytes = SECRET, algorithm: str = "sha256") -> str:
    return b64encode(hmac.new(secret, message.encode(), algorithm).digest()).decode()


def header(
    value: str,
    headers: str | None = "date digest",
    algorithm: str | None = "hmac-sha256",
    key: str = "hmac-key",
) -> str:
    parts = {"keyId": key, "algorithm": algorithm, "signature": value, "headers": headers}
    return ",".join(f'{name}="{part}"' for name, part in parts.items() if part is not None)


def test_a_worked_example_of_drone_is_authentic() -> None:
    assert check() == hashlib.sha256(f"{DATE}\n{DIGEST}".encode()).hexdigest()


def test_the_fingerprint_of_a_replay_is_the_same() -> None:
    assert check() == check(now=NOW + timedelta(seconds=60))


def test_any_of_several_live_secrets_will_do() -> None:
    assert check(secrets=(b"the next one", SECRET)) == check()


@pytest.mark.parametrize(
    "signature",
    [
        header(VALUE, key=""),
        header(VALUE, key="another, with a comma".replace(",", "")),
        f'headers="date digest",signature="{VALUE}",algorithm="hmac-sha256",keyId="hmac-key"',
        f'algorithm="hmac-sha256", signature="{VALUE}", headers="date digest"',
        header(sign(f"digest: {DIGEST}\ndate: {DATE}"), headers="digest date"),
    ],
    ids=["no key", "another key", "another order", "spaces", "digest signed first"],
)
def test_the_form_of_an_honest_header_may_differ(signature: str) -> None:
    assert check(signature=signature) == check()


def test_no_valid_signature_is_ever_refused() -> None:
    chance = random.Random(20260101)
    first_characters = set()

    for _ in range(50_000):
        secret = chance.randbytes(chance.randint(1, 64))
        body = chance.randbytes(chance.randint(0, 40))
        digest = digest_of(body)
        value = sign(f"date: {DATE}\ndigest: {digest}", secret)
        first_characters.add(value[0])
        check(body, digest=digest, signature=header(value), secrets=(secret,))

    assert {"0", "+", "/"} <= first_characters
    assert len(first_characters) == 64


FORGED = {
    "another secret": (
        {"signature": header(sign(f"date: {DATE}\ndigest: {DIGEST}", b"x"))},
        "bad_signature",
    ),
    "an empty secret on both sides": (
        {"signature": header(sign(f"date: {DATE}\ndigest: {DIGEST}", b"")), "secrets": (b"",)},
        "bad_signature",
    ),
    "no secret at all": ({"secrets": ()}, "bad_signature"),
    "another body": ({"body": BODY + b" "}, "bad_digest"),
    "another body with its own digest": (
        {"body": b"{}", "digest": digest_of(b"{}")},
        "bad_signature",
    ),
    "another date": ({"date": "Wed, 01 Jan 2020 00:00:01 GMT"}, "bad_signature"),
    "an old date": ({"now": NOW + timedelta(seconds=291)}, "too_old"),
    "a date ahead": ({"now": NOW - timedelta(seconds=311)}, "too_old"),
    "no date": ({"date": ""}, "unsigned"),
    "no digest": ({"digest": ""}, "unsigned"),
    "no signature": ({"signature": ""}, "unsigned"),
    "a date that is none": ({"date": "yesterday"}, "bad_date"),
    "a date beyond the calendar": ({"date": "Wed, 01 Jan 99999999999 00:00:00 GMT"}, "bad_date"),
    "a date at the edge of the calendar": (
        {"date": "Mon, 01 Jan 0001 00:00:00 +2300"},
        "too_old",
    ),
    "only the date signed": (
        {"signature": header(sign(f"date: {DATE}"), headers="date")},
        "bad_coverage",
    ),
    "only the digest signed": (
        {"signature": header(sign(f"digest: {DIGEST}"), headers="digest")},
        "bad_coverage",
    ),
    "no list of headers": (
        {"signature": header(sign(f"date: {DATE}"), headers=None)},
        "bad_coverage",
    ),
    "the date signed twice": (
        {"signature": header(sign(f"date: {DATE}\ndate: {DATE}"), headers="date date")},
        "bad_coverage",
    ),
    "more headers than Drone signs": (
        {"signature": header(VALUE, headers="(request-target) date digest")},
        "bad_coverage",
    ),
    "hmac-sha1": (
        {
            "signature": header(
                sign(f"date: {DATE}\ndigest: {DIGEST}", algorithm="sha1"), algorithm="hmac-sha1"
            )
        },
        "bad_algorithm",
    ),
    "hmac-sha512": ({"signature": header(VALUE, algorithm="hmac-sha512")}, "bad_algorithm"),
    "rsa-sha256": ({"signature": header(VALUE, algorithm="rsa-sha256")}, "bad_algorithm"),
    "an unknown algorithm": ({"signature": header(VALUE, algorithm="none")}, "bad_algorithm"),
    "no algorithm": ({"signature": header(VALUE, algorithm=None)}, "bad_algorithm"),
    "the algorithm named twice": (
        {"signature": header(VALUE) + ',algorithm="hmac-sha1"'},
        "bad_header",
    ),
    "a truncated signature": ({"signature": header(VALUE[:-5] + "=")}, "bad_header"),
    "a signature with rubbish in it": ({"signature": header("!" + VALUE)}, "bad_header"),
    "no signature in the header": ({"signature": header("")}, "bad_header"),
    "rubbish": ({"signature": "Signature"}, "bad_header"),
    "unclosed quotes": ({"signature": SIGNATURE[:-1]}, "bad_header"),
    "two headers joined by a proxy": ({"signature": f"{SIGNATURE},{SIGNATURE}"}, "bad_header"),
    "an empty digest value": ({"digest": "SHA-256="}, "bad_digest"),
    "another digest algorithm": (
        {"digest": "SHA-1=" + b64encode(hashlib.sha1(BODY).digest()).decode()},  # noqa: S324 – forged
        "bad_digest",
    ),
    "two digests": ({"digest": f"{DIGEST},SHA-512=x"}, "bad_digest"),
    "a digest beyond ASCII": ({"digest": "SHA-256=ü"}, "bad_digest"),
    "a date beyond ASCII": (
        {"date": f"{DATE} ü", "max_age": timedelta(0), "signature": header(VALUE)},
        "bad_header",
    ),
}


@pytest.mark.parametrize(("changed", "reason"), FORGED.values(), ids=FORGED)
def test_what_is_forged_is_refused(changed: dict[str, object], reason: str) -> None:
    with pytest.raises(NotAuthentic) as refusal:
        check(**changed)  # type: ignore[arg-type]

    assert refusal.value.reason == reason


@pytest.mark.parametrize("seconds", [-310, 290], ids=["ahead", "behind"])
def test_a_date_is_accepted_up_to_its_greatest_age(seconds: int) -> None:
    sent = datetime(2020, 1, 1, tzinfo=UTC)

    assert check(now=sent + timedelta(seconds=max(-300, min(300, seconds)))) == check()


def test_a_date_of_no_zone_is_read_as_utc() -> None:
    date = "Wed, 01 Jan 2020 00:00:00 -0000"
    signature = header(sign(f"date: {date}\ndigest: {DIGEST}"))

    assert (
        check(date=date, signature=signature)
        == hashlib.sha256(f"{date}\n{DIGEST}".encode()).hexdigest()
    )


def test_without_a_greatest_age_an_old_date_is_accepted() -> None:
    assert check(now=NOW + timedelta(days=3650), max_age=timedelta(0)) == check()


def test_the_refusal_of_an_old_date_says_how_far_the_clocks_are_apart() -> None:
    with pytest.raises(NotAuthentic) as refusal:
        check(now=NOW + timedelta(seconds=390))

    assert str(refusal.value) == (
        "The Date header is 400 s behind this clock: check both clocks (NTP), "
        "or raise DRONE_WEBHOOK_MAX_AGE."
    )


def test_no_refusal_repeats_the_secret() -> None:
    for changed, _ in FORGED.values():
        with pytest.raises(NotAuthentic) as refusal:
            check(**changed)  # type: ignore[arg-type]

        assert SECRET.decode() not in repr(refusal.value) + str(refusal.value)
