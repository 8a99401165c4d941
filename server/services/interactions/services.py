"""The services that the handlers of interactions use."""

from collections.abc import Callable
from dataclasses import dataclass

from server.core.delivery import Delivery
from server.core.interactions.authorization import Rights
from server.services.interactions.directory import RepoDirectory
from server.services.interactions.query_limit import QueryLimit
from server.services.ports import AuditLog, Builds, Cards, Clock, Drone, Repos, Responder


@dataclass(frozen=True, slots=True)
class InteractionServices:
    """Rights, database, Discord and Drone, put together once for all interactions."""

    rights: Rights
    cards: Cards
    builds: Builds
    repos: Repos
    audit: AuditLog
    responder: Responder
    keep: Callable[[Delivery], None]  # into the inbox; may raise StoreUnavailable
    pause: Callable[[float], None]  # wait so many seconds
    clock: Clock
    drone: Drone | None  # None: its API is not configured
    drone_server: str  # its address; the host stands for its name while no webhook has named it
    directory: RepoDirectory
    query_limit: QueryLimit
    public_url: str  # of Drone's pages, "" for the one that Drone names itself
    shows_private_logs: bool = False
