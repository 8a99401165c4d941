"""Suggestions while a command is typed, from the database: Discord waits for 3 seconds."""

from server.core.interactions.authorization import may_read_private
from server.core.interactions.autocomplete import suggest
from server.core.interactions.commands import NUMBER, REPO, STAGE, STEP, TARGET
from server.core.interactions.request import AutocompleteRequest
from server.core.interactions.response import Choice
from server.services.interactions.services import InteractionServices

# The newest builds that suggestions are made of.
NEWEST = 50


def suggest_for(request: AutocompleteRequest, services: InteractionServices) -> list[Choice]:
    """Suggest values of the option that is being typed; may raise StoreUnavailable."""
    options, focused = request.options, request.focused
    slug = "" if focused == REPO else str(options.get(REPO, ""))
    number = options.get(NUMBER)
    if focused in (STAGE, STEP):
        found = services.builds.find(slug, number) if isinstance(number, int) else None
        states = [found] if found is not None else []
    else:
        states = services.builds.newest(slug, NEWEST)
    repos = services.repos.list() if focused in (REPO, TARGET) else ()
    if not may_read_private(request.origin, services.rights):
        # What the database knows of it may be old, so Drone says which are public.
        is_public = services.directory.is_public
        repos = [known for known in repos if is_public(known.repo)]
        states = [state for state in states if is_public(state.repo)]
    return suggest(
        focused,
        request.typed,
        options,
        states,
        slugs=[known.repo.slug for known in repos],
        targets=[target for known in repos if known.repo.slug == slug for target in known.targets],
    )
