"""Put together what answers interactions, for every host that the server may run on."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from server.core.operator import Home
from server.edges.mongo import MongoStore
from server.services.act import Workshop
from server.services.errand import Office
from server.services.interact import Reception
from server.services.look import Library
from server.services.receive import Keeper
from server.services.suggest import Places
from server.settings import ServerSettings
from server.web.interactions import Door, Work


def open_door(
    settings: ServerSettings,
    store: MongoStore,
    keeper: Keeper,
    submit: Callable[[Work], None],
    inline: bool = False,
) -> Door | None:
    """Return whose interactions come in and who answers them; None if they are not configured.

    *submit* has work done after its request. With *inline* it is done before the request ends, for
    hosts that stand still afterwards.
    """
    chosen = settings.interactions
    if not chosen.public_key:
        return None

    @cache
    def reception() -> Reception:
        # A PING needs none of it, and is all that Discord asks of a process that has just started.
        from server.edges.discord_interaction import InteractionRest

        office = Office(
            home=Home(chosen.guild_id, chosen.channel_id),
            role_ids=chosen.operator_role_ids,
            cards=store.cards,
            ledger=store.actions,
            library=Library(store.builds, settings.drone_public_url, settings.log_tail_private),
            workshop=_workshop(settings, store, keeper),
        )
        return Reception(
            office=office,
            places=Places(store.builds, store.repos.list),
            responder=InteractionRest(settings.discord_api_base_url),
            pause=time.sleep,
            clock=_now,
        )

    return Door(bytes.fromhex(chosen.public_key), _now, reception, submit, inline)


def _workshop(settings: ServerSettings, store: MongoStore, keeper: Keeper) -> Workshop | None:
    if settings.drone is None:
        return None
    from server.edges.drone_rest import DroneRest  # as above

    return Workshop(
        drone=DroneRest(settings.drone.server, settings.drone.token),
        server=settings.drone.server,
        builds=store.builds,
        keep=keeper.keep,
        public_url=settings.drone_public_url,
        clock=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
