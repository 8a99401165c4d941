"""Put together what answers interactions, for every host that the server may run on."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from server.config.settings import ServerSettings
from server.core.interactions.authorization import Home
from server.edges.mongo.store import MongoStore
from server.services.intake.receive import DurableInbox
from server.services.interactions.actions import Workshop
from server.services.interactions.autocomplete import Places
from server.services.interactions.directory import Directory
from server.services.interactions.dispatch import Office
from server.services.interactions.handle import Reception
from server.services.interactions.in_flight import InFlight
from server.services.interactions.locate import DroneAccess
from server.services.interactions.queries import Library
from server.web.interactions import Door, Work


def open_door(
    settings: ServerSettings,
    store: MongoStore,
    keeper: DurableInbox,
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
        from server.edges.discord_interactions import InteractionRest

        workshop = _workshop(settings, store, keeper)
        office = Office(
            home=Home(chosen.guild_id, chosen.channel_id),
            role_ids=chosen.operator_role_ids,
            cards=store.cards,
            ledger=store.actions,
            library=Library(store.builds, settings.drone_public_url, settings.log_tail_private),
            workshop=workshop,
            in_flight=InFlight(store.actions, _now),
        )
        places = Places(store.builds, store.repos.list)
        if workshop is not None:
            places = replace(places, is_public=workshop.access.directory.is_public)
        return Reception(
            office=office,
            places=places,
            responder=InteractionRest(settings.discord_api_base_url),
            pause=time.sleep,
            clock=_now,
        )

    def interrupt() -> None:
        if drone := reception().office.workshop:
            drone.access.drone.interrupt()

    return Door(bytes.fromhex(chosen.public_key), _now, reception, submit, inline, interrupt)


def _workshop(settings: ServerSettings, store: MongoStore, keeper: DurableInbox) -> Workshop | None:
    if settings.drone is None:
        return None
    from server.edges.drone import HASTE, DroneRest  # as above

    server, token = settings.drone.server, settings.drone.token
    return Workshop(
        access=DroneAccess(
            drone=DroneRest(server, token),
            server=server,
            builds=store.builds,
            repos=store.repos.list,
            directory=Directory(DroneRest(server, token, HASTE), _now),
        ),
        keep=keeper.keep,
        public_url=settings.drone_public_url,
        clock=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
