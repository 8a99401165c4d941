"""What started a build, where in the repository, and who."""

import re

from server.core import limits
from server.core.build import Build
from server.core.embed import Author
from server.core.links import Pages, commit_sha, is_pull_request, picture, short
from server.core.markdown import link, plain, strong

NAME = 100
DEPLOYS = frozenset({"promote", "rollback"})
_PREFIX = re.compile(r"^refs/(?:heads|tags)/")
_NUMBER = re.compile(r"[0-9]{1,18}")


def origin(build: Build, pages: Pages) -> str:
    """Write one line: what started it, the branch, tag or pull request, and the commit."""
    restarts = build.parent > 0 and build.event not in DEPLOYS
    parts = [f"Restart of {_parent(build, pages)}"] if restarts else []
    parts += _event(build, pages)
    sha = commit_sha(build.after)
    if sha:
        parts.append(link(sha[:7], short(pages.commit(sha, build.ref))))
    return " · ".join(parts)


def author(build: Build) -> Author:
    """Name the person who acted, with their picture only if it is surely theirs.

    Drone gives the sender's picture with the author's name, and on a restart keeps both while
    the one who acts is in the trigger (harness/drone service/hook/parser/parse.go:180-182).
    """
    acts = build.trigger if build.trigger and not build.trigger.startswith("@") else ""
    names = (acts, build.author_name, build.author_login, build.sender, build.trigger)
    name = next((clean for raw in names if (clean := plain(raw, limits.AUTHOR_NAME))), "unknown")
    shown = Author(name=name)
    is_theirs = build.author_login and build.author_login == build.sender
    avatar = picture(build.author_avatar)
    if is_theirs and build.trigger == "@hook" and avatar:
        shown["icon_url"] = avatar
    return shown


def of_pull_request(build: Build) -> bool:
    """Tell whether the build, or the one it promotes, is of a pull request."""
    deploys = build.event in DEPLOYS and is_pull_request(build.ref)
    return build.event == "pull_request" or deploys


def of_tag(build: Build) -> bool:
    """Tell whether the build is of a tag; a tag's target may be empty, its ref never is."""
    return build.ref.startswith("refs/tags/")


def place_name(build: Build) -> str:
    """Return the bare name of the branch or tag, of a pull request that of its head; foreign."""
    if of_pull_request(build):
        return _short(build.source)
    return _short(build.ref) or _short(build.target) or _short(build.source)


def _event(build: Build, pages: Pages) -> list[str]:
    place = _place(build, pages)
    known = place or "an unknown branch"
    match build.event:
        case "push":
            return [f"Push to {known}"]
        case "promote" | "rollback":
            return [_deploy(build, pages), *([place] if place else [])]
        case "cron":
            return [f"Cron {strong(build.cron, NAME, 'unnamed')} on {known}"]
        case "custom":
            return [f"Custom build of {known}"]
        case "pull_request" | "tag":
            return [known[:1].upper() + known[1:]]
        case _:
            return [f"Build of {known}"]


def _deploy(build: Build, pages: Pages) -> str:
    where = strong(build.deploy_to, NAME, "unknown")
    what = f" {_parent(build, pages)}" if build.parent > 0 else ""
    if build.event == "rollback":
        return f"Rollback{what and f' to{what}'} on {where}"
    return f"Promotion{what and f' of{what}'} to {where}"


def _parent(build: Build, pages: Pages) -> str:
    return link(f"#{build.parent}", short(pages.build(build.parent)))


def _place(build: Build, pages: Pages) -> str:
    if of_pull_request(build):
        return _pull_request(build, pages)
    name = place_name(build)
    if of_tag(build) or build.event == "tag":
        return f"tag {strong(name, NAME, 'unknown')}"
    return name and strong(name, NAME, "unknown")


def _pull_request(build: Build, pages: Pages) -> str:
    found = _NUMBER.search(build.ref)
    page = short(pages.ref(build.ref, build.after))
    number = f" {link(f'#{found[0]}', page)}" if found else ""
    head, base = (strong(_short(name), NAME, "unknown") for name in (build.source, build.target))
    return f"pull request{number}: {head} → {base}"


def _short(ref: str) -> str:
    return _PREFIX.sub("", ref)
