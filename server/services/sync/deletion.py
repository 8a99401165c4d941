"""Close what will never end: the builds of a repository that was deleted."""

from collections.abc import Iterable
from datetime import datetime

from server.core.cards.card import Card
from server.core.drone.synthetic import synthesize_unknown
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState
from server.services.ports import Store

# harness/drone handler/api/repos/disable.go:62-64
REPO_DELETED = "repo:deleted"


def close_deleted(merged: Iterable[Card], store: Store, now: datetime) -> None:
    """Close the open builds of every repository whose deletion was *merged*.

    Drone deletes them with it and reports nothing more. Raise StoreUnavailable.
    """
    gone = {
        (card.content.system.host, card.content.subject_id)
        for card in merged
        if isinstance(card.content, AccountEvent) and card.content.event == REPO_DELETED
    }
    if not gone:
        return
    for card in store.cards.open():
        state = card.content
        if isinstance(state, BuildState) and (state.system.host, state.repo.id) in gone:
            store.inbox.add(synthesize_unknown(state, now))
