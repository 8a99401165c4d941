"""What started a build, where in the repository, and who."""

import re

from server.core.discord import limits
from server.core.discord.markdown import link, one_line, plain, strong
from server.core.discord.types import Author
from server.core.discord.urls import Pages, commit_sha, is_pull_request, picture, short
from server.core.model.build import Build, BuildState
from server.core.model.parent import DEPLOYS, restarts_parent

NAME = 100
_PREFIX = re.compile(r"^refs/(?:heads|tags)/")
_NUMBER = re.compile(r"[0-9]{1,18}")


def origin(state: BuildState, pages: Pages) -> str:
    """Write one line: what started it, the branch, tag or pull request, and the commit."""
    build = state.build
    parts = [f"Restart of {_parent(build, pages)}"] if restarts_parent(state) else []
    parts += _event(state, pages)
    parts += [_commit(build, pages)] if commit_sha(build.after) else []
    parts += ["debug mode"] if build.debug else []
    return " · ".join(parts)


def author(build: Build) -> Author:
    """Name the person who acted, with their picture only if it is surely theirs.

    Drone gives the sender's picture with the author's name, and on a restart keeps both while
    the one who acts is in the trigger (harness/drone service/hook/parser/parse.go:180-182).
    """
    names = (_actor(build), build.author_name, build.author_login, build.sender, build.trigger)
    name = next((clean for raw in names if (clean := plain(raw, limits.AUTHOR_NAME))), "unknown")
    shown = Author(name=name)
    is_theirs = build.author_login and build.author_login == build.sender
    avatar = picture(build.author_avatar)
    if is_theirs and build.trigger == "@hook" and avatar:
        shown["icon_url"] = avatar
    return shown


def _actor(build: Build) -> str:
    """Return the login of who started the build, "" for the author, a hook or the clock."""
    is_other = not build.trigger.startswith("@") and build.trigger != build.author_login
    return build.trigger if is_other else ""


def _commit(build: Build, pages: Pages) -> str:
    """Link the commit; name its author where the card names somebody else."""
    shown = link(build.after[:7].lower(), _commit_page(build, pages))
    by = one_line(build.author_name) or one_line(build.author_login)
    return f"{shown} by {strong(by, NAME, 'unknown')}" if _actor(build) and by else shown


def _commit_page(build: Build, pages: Pages) -> str:
    """Address the commit; of a tag the tag, as some SCMs give an annotated one for its commit."""
    return short(
        pages.ref(build.ref, build.after) if of_tag(build) else pages.commit(build.after, build.ref)
    )


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


def _event(state: BuildState, pages: Pages) -> list[str]:
    build = state.build
    place = _place(state, pages)
    known = place or "an unknown branch"
    match build.event:
        case "push":
            return [f"Push to {known}"]
        case "promote" | "rollback":
            return [_deploy(state, pages), *([place] if place else [])]
        case "cron":
            return [f"Cron {strong(build.cron, NAME, 'unnamed')} on {known}"]
        case "custom":
            return [f"Custom build of {known}"]
        case "pull_request" | "tag":
            return [known[:1].upper() + known[1:]]
        case _:
            return [f"Build of {known}"]


def _deploy(state: BuildState, pages: Pages) -> str:
    build = state.build
    where = strong(build.deploy_to, NAME, "unknown")
    what = f" {_parent(build, pages)}" if build.parent > 0 and not restarts_parent(state) else ""
    if build.event == "rollback":
        return f"Rollback{what and f' to{what}'} on {where}"
    return f"Promotion{what and f' of{what}'} to {where}"


def _parent(build: Build, pages: Pages) -> str:
    return link(f"#{build.parent}", short(pages.build(build.parent)))


def _place(state: BuildState, pages: Pages) -> str:
    build = state.build
    if of_pull_request(build):
        return _pull_request(state, pages)
    name = place_name(build)
    if of_tag(build) or build.event == "tag":
        return f"tag {strong(name, NAME, 'unknown')}"
    return name and strong(name, NAME, "unknown")


def _pull_request(state: BuildState, pages: Pages) -> str:
    """Name a pull request and its branches, that of a fork with the fork."""
    build = state.build
    found = _NUMBER.search(build.ref)
    page = short(pages.ref(build.ref, build.after))
    number = f" {link(f'#{found[0]}', page)}" if found else ""
    fork = one_line(build.source_repo)
    of = f"{fork}:" if fork and fork.casefold() != state.repo.slug.casefold() else ""
    names = (of + (one_line(_short(build.source)) or "unknown"), _short(build.target))
    head, base = (strong(name, NAME, "unknown") for name in names)
    return f"pull request{number}: {head} → {base}"


def _short(ref: str) -> str:
    return _PREFIX.sub("", ref)
