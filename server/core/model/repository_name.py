"""The repository of a name: a name changes with a rename, and may be given to another."""

from collections.abc import Iterable

from server.core.model.build import BuildState
from server.core.model.repository import KnownRepo, repo_id

# A Drone server by its host, and the id of a repository in it.
Identity = tuple[str, int]


def current_slug(known: Iterable[KnownRepo], state: BuildState) -> str:
    """Return the newest known name of a build's repository, or the one it had."""
    wanted = repo_id(state.system, state.repo)
    return next((one.repo.slug for one in known if one.id == wanted), state.repo.slug)


def identities(known: Iterable[KnownRepo], slug: str) -> list[Identity]:
    """Find the repositories called *slug* now; in *known* the one that reported last comes first.

    A server has one at most: one that was made anew takes the name of the one before it.
    """
    found: dict[str, Identity] = {}
    for one in known:
        if one.repo.slug == slug:
            found.setdefault(one.system.host, (one.system.host, one.repo.id))
    return list(found.values())
