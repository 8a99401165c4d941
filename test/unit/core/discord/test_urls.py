"""Addresses: what Discord takes, and where Drone's pages are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.discord.rules import violations
from server.core.discord.urls import (
    Pages,
    acceptable,
    commit_sha,
    is_pull_request,
    pages,
    picture,
    short,
)

SHA = "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d"
PAGES = Pages("https://drone.example.com", "octocat/hello-world")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("drone.example.com/x", id="no scheme"),
        pytest.param("//drone.example.com/x", id="no scheme but slashes"),
        pytest.param("ftp://drone.example.com", id="another scheme"),
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("http://drone", id="a host without a dot"),
        pytest.param("http://localhost:8080/x", id="this machine by name"),
        pytest.param("http://[::1]/", id="an IPv6 address"),
        pytest.param("http://[::1", id="an open bracket"),
        pytest.param("http://", id="no host"),
        pytest.param("http://example..com", id="an empty label"),
        pytest.param("http://.example.com", id="a leading dot"),
        pytest.param("http://example.com.", id="a trailing dot"),
        pytest.param("http://-a.example.com", id="a label that begins with a hyphen"),
        pytest.param(f"http://{'a' * 64}.com", id="a label that is too long"),
        pytest.param("http://1.2.3", id="three numbers"),
        pytest.param("http://1.2.3.256", id="an address out of range"),
        pytest.param("http://example.com:0", id="port zero"),
        pytest.param("http://example.com:65536", id="a port that is too large"),
        pytest.param("http://example.com:x", id="a port that is no number"),
        pytest.param("https://user@example.com", id="a user"),
        pytest.param("https://good.example@evil.example", id="a host as user"),
        pytest.param("https://good.example\\@evil.example", id="a backslash in the host"),
        pytest.param(" https://example.com", id="a space before it"),
        pytest.param("https://example.com/a b", id="a space in it"),
        pytest.param("https://example.com/\n", id="a line end"),
        pytest.param("https://example.com/\u202egpj", id="reversed letters"),
        pytest.param("https://example.com/\u200b", id="an invisible space"),
        pytest.param("https://exam%70le.com", id="an encoded host"),
        pytest.param("https://example.com/" + "a" * 2029, id="too long"),
    ],
)
def test_an_address_that_discord_may_refuse_is_left_out(url: str) -> None:
    assert acceptable(url) == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://example.com", "http://example.com"),
        ("HTTPS://Example.COM/A", "https://example.com/A"),
        ("https://drone.internal:8443/x?y=1&z=a#b", "https://drone.internal:8443/x?y=1&z=a#b"),
        ("http://10.0.0.5:8080/", "http://10.0.0.5:8080/"),
        ("https://bücher.example/käse", "https://xn--bcher-kva.example/k%C3%A4se"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://my_host.example.com", "https://my_host.example.com"),
        ("https://example.com/a%20b%zz", "https://example.com/a%20b%25zz"),
        ("https://example.com/a(b)[c]<d>", "https://example.com/a%28b%29%5Bc%5D%3Cd%3E"),
        ("https://example.com/" + "a" * 2028, "https://example.com/" + "a" * 2028),
    ],
)
def test_an_address_that_discord_takes_is_written_in_ascii(url: str, shown: str) -> None:
    assert acceptable(url) == shown


@settings(max_examples=200)
@given(st.text() | st.from_regex(r"https?://[^/]{1,20}(/.{0,20})?", fullmatch=True))
def test_no_address_that_is_let_through_is_refused(url: str) -> None:
    shown = acceptable(url)

    embed = {"title": "x", "url": shown} if shown else {"title": "x"}
    assert violations({"embeds": [embed]}) == []
    assert shown.isascii()
    assert not set(shown) & set(' ()[]<>"\\`')


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.5/me.png",
        "http://127.0.0.1/me.png",
        "https://192.168.1.1/me.png",
        "/me.png",
        "",
    ],
)
def test_a_picture_that_discord_cannot_fetch_is_left_out(url: str) -> None:
    assert picture(url) == ""


@pytest.mark.parametrize("url", ["https://example.com/me.png", "https://1.1.1.1/me.png"])
def test_a_picture_on_a_public_host_is_kept(url: str) -> None:
    assert picture(url) == url


def test_a_button_takes_512_code_points() -> None:
    assert short("a" * 512) == "a" * 512
    assert short("a" * 513) == ""


@pytest.mark.parametrize("sha", ["", "7fd1a6", "main", "g" * 40, "0" * 40, "a" * 65, SHA + "\n"])
def test_what_is_no_commit_has_no_sha(sha: str) -> None:
    assert commit_sha(sha) == ""


@pytest.mark.parametrize(
    ("sha", "shown"), [(SHA, SHA), ("ABCDEF0", "abcdef0"), ("a" * 64, "a" * 64)]
)
def test_a_commit_has_a_sha_in_small_letters(sha: str, shown: str) -> None:
    assert commit_sha(sha) == shown


@pytest.mark.parametrize(
    ("ref", "answer"),
    [
        ("refs/pull/5/head", True),
        ("refs/merge-requests/5/head", True),
        ("refs/pull-requests/5/from", True),
        ("refs/heads/pull/5", False),
        ("refs/tags/v5", False),
        ("", False),
    ],
)
def test_a_pull_request_is_told_by_its_ref(ref: str, answer: bool) -> None:
    assert is_pull_request(ref) is answer


def test_pages_are_where_the_setting_says() -> None:
    found = pages("https://ci.example.com/drone/?x#y", "http://drone", "octocat/hello-world")

    assert found == Pages("https://ci.example.com/drone", "octocat/hello-world")


def test_pages_are_where_drone_says_without_a_setting() -> None:
    assert pages("", "https://drone.example.com/", "octocat/hello-world") == PAGES


@pytest.mark.parametrize(
    ("slug", "path"),
    [
        ("~user/my repo", "~user/my%20repo"),
        ("a/ü#?%", "a/%C3%BC%23%3F%25"),
        ("a", ""),
        ("a/b/c", ""),
        ("/a", ""),
        ("../admin", ""),
        ("a/.", ""),
        ("", ""),
    ],
)
def test_a_slug_is_encoded_part_by_part(slug: str, path: str) -> None:
    assert pages("", "https://drone.example.com", slug).path == path


def test_the_pages_of_a_repository_have_fixed_places() -> None:
    assert PAGES.repository() == "https://drone.example.com/octocat/hello-world"
    assert PAGES.build(42) == "https://drone.example.com/octocat/hello-world/42"


@pytest.mark.parametrize("number", [0, -1])
def test_a_build_without_a_number_has_no_page(number: int) -> None:
    assert PAGES.build(number) == ""


@pytest.mark.parametrize("found", [Pages("", "a/b"), Pages("https://drone.example.com", "")])
def test_without_server_or_slug_there_are_no_pages(found: Pages) -> None:
    linked = (
        found.repository(),
        found.build(1),
        found.commit(SHA, ""),
        found.ref("refs/tags/v1", ""),
    )
    assert linked == ("", "", "", "")


@pytest.mark.parametrize(
    ("ref", "tail"),
    [
        ("refs/heads/feature/ä b", "?ref=refs/heads/feature/%C3%A4%20b"),
        ("refs/heads/" + "x" * 600, ""),
        ("refs/tags/v1", ""),
        ("refs/pull/5/head", ""),
        ("", ""),
    ],
)
def test_a_commit_link_leads_to_the_commit_whatever_the_ref(ref: str, tail: str) -> None:
    base = "https://drone.example.com/link/octocat/hello-world/commit/"

    assert PAGES.commit(SHA, ref) == base + SHA + tail


def test_what_is_no_commit_has_no_link() -> None:
    assert PAGES.commit("main", "refs/heads/main") == ""


@pytest.mark.parametrize(
    ("ref", "sha", "tail"),
    [
        ("refs/pull/5/head", SHA, f"refs/pull/5/head?sha={SHA}"),
        ("refs/tags/v1 (rc)", "", "refs/tags/v1%20%28rc%29"),
    ],
)
def test_a_ref_link_leads_to_what_the_ref_names(ref: str, sha: str, tail: str) -> None:
    base = "https://drone.example.com/link/octocat/hello-world/tree/"

    assert PAGES.ref(ref, sha) == base + tail


@pytest.mark.parametrize("ref", ["", "refs//x", "refs/../../admin", "refs/pull-requests/5/from"])
def test_a_ref_that_drone_cannot_resolve_has_no_link(ref: str) -> None:
    assert PAGES.ref(ref, SHA) == ""
