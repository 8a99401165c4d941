"""Put together the services that answer interactions."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from server.config.settings import ServerSettings
from server.core.delivery import Delivery
from server.core.interactions.authorization import Rights
from server.edges.mongo.store import MongoStore
from server.services.interactions.directory import RepoDirectory
from server.services.interactions.query_limit import QueryLimit
from server.services.interactions.services import InteractionServices
from server.services.ports import Drone


def interaction_services(
    settings: ServerSettings, store: MongoStore, keep: Callable[[Delivery], None]
) -> InteractionServices:
    """Put the services together; a PING needs none of them, so this waits for the first other one.

    *keep* writes a delivery of our own; it may raise StoreUnavailable.
    """
    # Imported here, for the cold start: Discord asks a process that has just started by a PING.
    from server.edges.discord_interactions import InteractionRest
    from server.edges.drone import HASTE, DroneRest

    def clock() -> datetime:
        return datetime.now(UTC)

    drone: Drone | None = None
    hasty: Drone | None = None
    server = ""
    if settings.drone is not None:
        server = settings.drone.server
        drone = DroneRest(server, settings.drone.token)
        hasty = DroneRest(server, settings.drone.token, HASTE)  # for those who type
    chosen = settings.interactions
    return InteractionServices(
        rights=Rights(chosen.guild_id, chosen.channel_id, chosen.operator_role_ids),
        cards=store.cards,
        builds=store.builds,
        repos=store.repos,
        audit=store.actions,
        responder=InteractionRest(settings.discord_api_base_url),
        keep=keep,
        pause=time.sleep,
        clock=clock,
        drone=drone,
        drone_server=server,
        directory=RepoDirectory(hasty, clock),
        query_limit=QueryLimit(store.actions, clock),
        public_url=settings.drone_public_url,
        shows_private_logs=settings.log_tail_private,
    )
