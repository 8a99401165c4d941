"""Suggest while somebody types, from the database: Discord waits for 3 seconds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from server.core.interactions.autocomplete import suggest
from server.core.interactions.commands import NUMBER, REPO, STAGE, STEP, TARGET
from server.core.interactions.request import AutocompleteRequest
from server.core.interactions.response import Choice
from server.core.model.build import Repo
from server.core.model.repository import KnownRepo
from server.services.ports import Builds

# Of so many of the newest builds.
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Places:
    """What the database knows; *repos* lists repositories besides those of the newest builds.

    Whether everybody may see one is for Drone to say: what we know of it may be old.
    """

    builds: Builds
    repos: Callable[[], Iterable[KnownRepo]] = tuple
    is_public: Callable[[Repo], bool] = lambda repo: False


def suggest_for(typing: AutocompleteRequest, places: Places, sees_private: bool) -> list[Choice]:
    """Suggest values of what is being typed; may raise StoreUnavailable."""
    options, focused = typing.options, typing.focused
    slug = "" if focused == REPO else str(options.get(REPO, ""))
    number = options.get(NUMBER)
    if focused in (STAGE, STEP):
        found = places.builds.find(slug, number) if isinstance(number, int) else None
        states = [found] if found is not None else []
    else:
        states = places.builds.newest(slug, LOOKED_AT)
    known = list(places.repos()) if focused in (REPO, TARGET) else []
    known = [one for one in known if sees_private or places.is_public(one.repo)]
    return suggest(
        focused,
        typing.typed,
        options,
        [state for state in states if sees_private or places.is_public(state.repo)],
        slugs=[one.repo.slug for one in known],
        targets=[name for one in known if one.repo.slug == slug for name in one.targets],
    )
