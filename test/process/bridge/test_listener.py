"""Where the server listens, and what it overlooks: as processes."""

import shutil
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from discord_signing import signed
from front import AUTHORIZATION, TOKEN, port_of
from stack import SECRET, Bridge
from wire import head, wire

from playground.drone.builds import play
from playground.drone.signing import sign
from server.core.model.pushed import order_of

BODY = play("push")[0].body
CURL = shutil.which("curl")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        pytest.param("::1", marks=pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")),
    ],
)
def test_the_server_listens_on(front: Bridge, host: str) -> None:
    with wire(port_of(front), host) as connection:
        connection.send(head("GET", "/health"))
        assert connection.answer()[0] == 200


FORWARDED = {
    "schemes that differ": {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "off"},
    "all that say https": {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Protocol": "ssl",
        "X-Forwarded-Ssl": "on",
    },
    "a chain of schemes": {"X-Forwarded-Proto": "https, http", "X-Forwarded-Protocol": "http"},
    "a chain of addresses": {"X-Forwarded-For": "203.0.113.9, 10.0.0.1", "Forwarded": "for=_x"},
    "another host": {"X-Forwarded-Host": "ci.example.com, inner", "X-Forwarded-Port": "443,80"},
    "a path of its own": {"Script_Name": "/ci", "Script-Name": "/ci", "X-Forwarded-Prefix": "/ci"},
}


@pytest.mark.parametrize("headers", FORWARDED.values(), ids=FORWARDED)
def test_what_proxies_add_changes_nothing(front: Bridge, headers: dict[str, str]) -> None:
    with wire(port_of(front)) as connection:
        connection.send(head("GET", "/openapi.json", **headers))
        assert connection.answer()[0] == 200


@pytest.mark.parametrize("path", ["", "/", "//"])
def test_a_slash_too_many_is_overlooked(front: Bridge, path: str) -> None:
    now = datetime.now(UTC)
    ping, text = b'{"type":1}', {**AUTHORIZATION, "Content-Type": "text/plain"}
    calls = {
        f"/{path}": ("POST", BODY, dict(sign(BODY, SECRET, now)), 204),
        f"/interactions{path}": ("POST", ping, signed(ping, now), 200),
        f"/messages{path}": ("POST", b"hello", text, 202),
        f"/messages/nas{path}": ("PUT", b"hello", text, 202),
        f"/health{path}": ("GET", b"", {}, 200),
        f"/openapi.json{path}": ("GET", b"", {}, 200),
    }

    answers = {
        where: requests.request(
            method, front.url + where, data=body, headers=headers, timeout=60, allow_redirects=False
        ).status_code
        for where, (method, body, headers, _) in calls.items()
    }

    assert answers == {where: status for where, (_, _, _, status) in calls.items()}


@pytest.mark.skipif(CURL is None, reason="no curl here")
@pytest.mark.parametrize(
    ("options", "status", "text"),
    [
        (["-d", "disk full"], "202", "disk full"),
        (["-d", "message=disk full", "-d", "level=error"], "202", "disk full"),
        (["--data-urlencode", "message=a & b = 100%"], "202", "a & b = 100%"),
        (["--data-urlencode", "a & b, 100%"], "202", "a & b, 100%"),
        (["-T", "-"], "202", "from a pipe"),
        (["-F", "message=disk full"], "415", ""),
        (["-d", ""], "400", ""),
    ],
    ids=["a text", "fields", "an encoded field", "an encoded text", "a pipe", "parts", "nothing"],
)
def test_curl_is_understood(
    front: Bridge,
    options: list[str],
    status: str,
    text: str,
) -> None:
    method = ["-X", "PUT"] if "-T" in options else ["-X", "POST"]
    path = f"/messages/{datetime.now(UTC).timestamp()}" if "-T" in options else "/messages"
    command = [str(CURL), "-s", "-o", "-", "-w", "%{http_code}", *method, *options]

    ran = subprocess.run(
        [*command, "-H", f"Authorization: Bearer {TOKEN}", front.url + path],
        input=b"from a pipe",
        capture_output=True,
        timeout=60,
        check=True,
    )

    assert ran.stdout.decode()[-3:] == status
    if text:
        assert f'"message": {text!r}'.replace("'", '"') in front.deliveries()[-1]["body"].decode()


def call(bridge: Bridge, method: str, path: str, text: str) -> int:
    headers = {**AUTHORIZATION, "Content-Type": "text/plain"}
    url = f"{bridge.url}/messages{path}"
    return requests.request(method, url, data=text, headers=headers, timeout=60).status_code


def test_an_update_after_the_clock_was_set_back_is_the_latest(front: Bridge) -> None:
    assert call(front, "PUT", "/clock", "before") == 202
    first = next(one for one in front.deliveries() if b'"key": "clock"' in one["body"])
    prefix = first["_id"].rpartition("/")[0].rpartition("/")[0] + "/"
    ahead = order_of(datetime.now(UTC) + timedelta(minutes=2), "00000000")
    front.add_delivery({**first, "_id": prefix + ahead})

    assert call(front, "PUT", "/clock", "after") == 202

    newest = max(
        (one for one in front.deliveries() if one["_id"].startswith(prefix)),
        key=lambda one: str(one["_id"]),
    )
    assert b'"message": "after"' in newest["body"]


def test_a_locked_file_of_rates_lets_nobody_past_the_limit(bridge: Bridge) -> None:
    bridge.environ |= {"MESSAGES_TOKENS": f"ops:{TOKEN}", "MESSAGES_PER_MINUTE": "3"}
    bridge.processes.pop().end(signal.SIGKILL)
    bridge.start_server()
    assert call(bridge, "POST", "", "x") == 202

    rates = Path(bridge.environ["SPOOL_PATH"]).with_name("rates.sqlite3")
    with closing(sqlite3.connect(rates, isolation_level=None)) as another:
        another.execute("BEGIN EXCLUSIVE")
        statuses = [call(bridge, "POST", "", "x") for _ in range(20)]

    # Two processes count, each by itself.
    assert set(statuses) == {202, 429}
    assert statuses.count(202) <= 6
