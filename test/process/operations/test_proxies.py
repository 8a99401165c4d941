"""Every program reaches Discord through the proxies of its environment, and through no others."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from forward_proxy import ForwardProxy
from health_endpoint import HealthEndpoint
from stack import CHANNEL, Bridge, eventually, spawn, tell, titles

from playground.discord.options import TOKEN
from playground.discord.process import StandIn
from playground.drone.builds import play
from playground.supervisor import BIN
from presence_client.proxy import Proxies, is_near, read_proxies
from runtime.proxy import proxy_problems

# No name server knows these, so only a proxy leads there.
API, GATEWAY = "http://discord.invalid/api/v10", "ws://gateway.discord.invalid/gateway"


@pytest.fixture
def proxy(stand_in: StandIn) -> Iterator[ForwardProxy]:
    """Give a proxy that leads to Discord's stand-in, which is as new."""
    stand_in.reset()
    proxy = ForwardProxy(stand_in.address)
    yield proxy
    proxy.end()


def test_the_worker_takes_the_proxy(bridge: Bridge, proxy: ForwardProxy) -> None:
    bridge.start_worker(HTTP_PROXY=proxy.url, DISCORD_API_BASE_URL=API)

    tell(bridge, bridge.discord, play("push")[-1])

    assert len(titles(bridge.discord)) == 1
    assert proxy.asked == {"http://discord.invalid"}


def presence_environ(endpoint: HealthEndpoint, folder: Path, **environ: str) -> dict[str, str]:
    """Return the settings of a presence client behind a proxy."""
    return {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_BASE_URL": API,
        "DISCORD_GATEWAY_URL": GATEWAY,
        "HEALTHCHECK_URL": endpoint.url,
        "HEALTHCHECK_INTERVAL": "0.1",
        "HEARTBEAT_PATH": str(folder / "heartbeat"),
        "DOTENV_PATH": str(folder / "some.env"),
        "LOG_FORMAT": "json",
        **environ,
    }


@pytest.mark.parametrize("way", ["HTTP_PROXY", "all_proxy", ".env"])
def test_the_presence_client_takes_the_proxy_but_for_the_health(
    way: str, proxy: ForwardProxy, stand_in: StandIn, tmp_path: Path
) -> None:
    endpoint = HealthEndpoint()
    environ = {} if way == ".env" else {way: proxy.url}
    if way == ".env":
        (tmp_path / "some.env").write_text(f"HTTP_PROXY={proxy.url}\n", encoding="utf-8")
    process = spawn(
        [sys.executable, "-m", "presence_client"],
        presence_environ(endpoint, tmp_path, **environ),
        tmp_path / "client.log",
    )
    try:
        eventually(lambda: stand_in.gateway_state()["presence"]["status"] == "online")
    finally:
        process.end(signal.SIGKILL)
        endpoint.die()

    assert proxy.asked == {"http://discord.invalid", "ws://gateway.discord.invalid"}
    assert endpoint.questions > 0


def test_an_address_of_https_is_asked_for_by_connect(proxy: ForwardProxy, tmp_path: Path) -> None:
    endpoint = HealthEndpoint()
    environ = presence_environ(
        endpoint,
        tmp_path,
        HTTPS_PROXY=proxy.url,
        DISCORD_API_BASE_URL="https://presence.invalid/api/v10",
    )
    client = spawn([sys.executable, "-m", "presence_client"], environ, tmp_path / "client.log")
    try:
        eventually(lambda: "CONNECT presence.invalid:443" in proxy.asked)
    finally:
        client.end(signal.SIGKILL)
        endpoint.die()

    doctor = {**environ, "DISCORD_API_BASE_URL": "https://server.invalid", "MONGO_PORT": "1"}
    subprocess.run(
        [str(BIN / "flask"), "--app", "server.wsgi", "doctor"],
        env={
            "PATH": os.environ["PATH"],
            "DISCORD_CHANNEL_ID": CHANNEL,
            "DRONE_WEBHOOK_SECRET": "secret",
            **doctor,
        },
        cwd=Path(__file__).parent.parent.parent.parent,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert "CONNECT server.invalid:443" in proxy.asked


def test_a_host_that_is_excepted_is_reached_directly(
    proxy: ForwardProxy, stand_in: StandIn, tmp_path: Path
) -> None:
    endpoint = HealthEndpoint()
    environ = presence_environ(
        endpoint,
        tmp_path,
        HTTP_PROXY=proxy.url,
        NO_PROXY="example.com,127.0.0.0/8",
        DISCORD_API_BASE_URL=stand_in.api,
        DISCORD_GATEWAY_URL=stand_in.gateway,
    )
    process = spawn([sys.executable, "-m", "presence_client"], environ, tmp_path / "client.log")
    try:
        eventually(lambda: stand_in.gateway_state()["presence"]["status"] == "online")
    finally:
        process.end(signal.SIGKILL)
        endpoint.die()

    assert proxy.asked == set()
    lines = process.output().splitlines()
    assert [json.loads(line)["level"] for line in lines if "warning" in line] == []


BOTH = Proxies(
    "http://plain:1", "http://tls:1", "excepted.example,.sub.example:8443,10.0.0.0/8,::1"
)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://discord.com/", "http://plain:1"),
        ("ws://discord.com/", "http://plain:1"),
        ("https://discord.com/", "http://tls:1"),
        ("wss://gateway.discord.gg/", "http://tls:1"),
        ("https://excepted.example/", None),
        ("https://a.EXCEPTED.example:444/", None),
        ("https://notexcepted.example/", "http://tls:1"),
        ("https://a.sub.example:8443/", None),
        ("https://a.sub.example/", "http://tls:1"),
        ("http://10.1.2.3:5000/health", None),
        ("http://11.1.2.3:5000/health", "http://plain:1"),
        ("http://[::1]:5000/health", None),
    ],
)
def test_the_scheme_and_the_exceptions_choose_the_proxy(url: str, proxy: str | None) -> None:
    assert BOTH.of(url) == proxy


@pytest.mark.parametrize("url", ["https://discord.com/", "http://10.0.0.1/"])
def test_an_asterisk_excepts_everything(url: str) -> None:
    assert Proxies("http://plain:1", "http://tls:1", "a.example, *").of(url) is None


@pytest.mark.parametrize(
    ("values", "proxies"),
    [
        ({}, Proxies()),
        ({"HTTP_PROXY": "http://one:1"}, Proxies("http://one:1")),
        ({"HTTPS_PROXY": "one:1", "https_proxy": "two:2"}, Proxies("", "http://two:2")),
        ({"ALL_PROXY": "http://all:1", "HTTPS_PROXY": "http://one:1"},
         Proxies("http://all:1", "http://one:1")),
        ({"no_proxy": "a,b"}, Proxies(exceptions="a,b")),
    ],
)  # fmt: skip
def test_proxies_are_read_by_their_names(values: dict[str, str], proxies: Proxies) -> None:
    assert read_proxies(values) == proxies
    assert proxy_problems(values) == []


def test_a_proxy_of_another_kind_is_told_without_its_password() -> None:
    problems = proxy_problems({"HTTPS_PROXY": "socks5://user:hunter2@proxy:1080"})

    assert problems == ["HTTPS_PROXY must be an address such as http://proxy.example:3128."]
    assert "hunter2" not in repr(Proxies("http://u:hunter2@p:1", "http://u:hunter2@p:1"))


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://localhost:5000/health", True),
        ("http://127.8.0.1:5000/health", True),
        ("http://[::1]:5000/health", True),
        ("http://server:5000/health", True),
        ("http://10.0.0.7:5000/health", False),
        ("https://bridge.example.com/health", False),
    ],
)
def test_this_machine_and_its_containers_are_near(url: str, near: bool) -> None:
    assert is_near(url) is near
