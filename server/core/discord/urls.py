"""Addresses that Discord takes, and the pages of Drone.

An address that Discord would refuse costs the whole message, so it is "" here instead.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import quote, urlsplit, urlunsplit

from server.core.discord import limits

# Reported for embeds, not documented: https://github.com/go-gitea/gitea/issues/11124 and others.
# A host needs a dot, or is an IPv4 address. No one reports what becomes of IPv6.
_NAMED_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_PULL_REQUEST = re.compile(r"refs/(?:pull|merge-requests|pull-requests)/")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE = "/%:@!$&',;=+~"  # no brackets: they would end a link of ours


def acceptable(url: str, limit: int = limits.EMBED_URL) -> str:
    """Return *url* in ASCII if Discord takes it and it says plainly where it leads, else ""."""
    if " " in url or not url.isprintable():
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or port == 0:
        return ""
    if not (_NAMED_HOST.fullmatch(host) or _address(host)):
        return ""
    authority = host if port is None else f"{host}:{port}"
    tail = (
        _quoted(_STRAY_PERCENT.sub("%25", part), _SAFE)
        for part in (parts.path, parts.query, parts.fragment)
    )
    shown = urlunsplit((parts.scheme, authority, *tail))
    return shown if len(shown) <= limit else ""


def picture(url: str) -> str:
    """Return *url* if Discord can also fetch it: from a public host; else ""."""
    shown = acceptable(url)
    address = _address(urlsplit(shown).hostname or "")
    return "" if address and not address.is_global else shown


def short(url: str) -> str:
    """Return *url* if it fits a button, else ""."""
    return url if len(url) <= limits.BUTTON_URL else ""


def commit_sha(sha: str) -> str:
    """Return *sha* in small letters if it can be one of a commit, else ""."""
    sha = sha.lower()
    return sha if _COMMIT.fullmatch(sha) and sha.strip("0") else ""


def is_pull_request(ref: str) -> bool:
    """Tell whether *ref* is one that an SCM makes for a pull request."""
    return _PULL_REQUEST.match(ref) is not None


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one repository in Drone; each is "" if it cannot be linked.

    *root* is where the server is, *path* its namespace and name, percent-encoded.
    """

    root: str
    path: str

    def repository(self) -> str:
        """Address the list of builds."""
        return self._page(self.path)

    def build(self, number: int) -> str:
        """Address one build."""
        return self._page(f"{self.path}/{number}") if number > 0 else ""

    def step(self, number: int, stage: int, step: int) -> str:
        """Address the whole log of one step."""
        build = self.build(number)
        return acceptable(f"{build}/{stage}/{step}") if build and stage > 0 and step > 0 else ""

    def commit(self, sha: str, ref: str) -> str:
        """Address Drone's redirect to a commit at the SCM.

        With the ref of a tag or a pull request it would lead there, not to the commit
        (drone/go-scm scm/driver/github/linker.go:18-30).
        """
        page = f"link/{self.path}/commit/{commit_sha(sha)}"
        if not commit_sha(sha):
            return ""
        if not ref.startswith("refs/heads/"):
            return self._page(page)
        return short(self._page(f"{page}?ref={_quoted(ref, '/')}")) or self._page(page)

    def ref(self, ref: str, sha: str) -> str:
        """Address Drone's redirect to what *ref* names at the SCM: a tag, a pull request.

        It does not know the pull requests of Stash (drone/go-scm scm/util.go:82-86).
        """
        if ref.startswith("refs/pull-requests/"):
            return ""
        query = f"?sha={commit_sha(sha)}" if commit_sha(sha) else ""
        encoded = _path(ref)
        return self._page(f"link/{self.path}/tree/{encoded}{query}") if encoded else ""

    def _page(self, page: str) -> str:
        return acceptable(f"{self.root}/{page}") if self.root and self.path else ""


def pages(public_url: str, system_link: str, slug: str) -> Pages:
    """Find the pages of *slug* on the server at *public_url*, or else where it says it is."""
    root = urlsplit(acceptable(public_url or system_link))
    return Pages(
        root=urlunsplit((root.scheme, root.netloc, root.path.rstrip("/"), "", "")),
        path=_path(slug) if slug.count("/") == 1 else "",
    )


def _path(raw: str) -> str:
    parts = raw.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return ""
    return _quoted(raw, "/")


def _quoted(raw: str, safe: str) -> str:
    return quote(raw, safe=safe, errors="replace")


def _address(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(host)
    except AddressValueError:
        return None
