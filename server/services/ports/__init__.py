"""The ports: what the services need of the world, as the edges provide it."""

from server.services.ports.clients import Discord, Drone, Responder
from server.services.ports.database import (
    AuditLog,
    Builds,
    Cards,
    Claims,
    Heartbeat,
    Inbox,
    Leases,
    MessageDeliveries,
    MessageTexts,
    Quarantine,
    Repos,
    Store,
    Webhooks,
)
from server.services.ports.runtime import Clock, Later
from server.services.ports.spool import (
    DrainTarget,
    FallbackInbox,
    Spool,
    SpooledMessages,
    SpoolSize,
)

__all__ = [
    "AuditLog",
    "Builds",
    "Cards",
    "Claims",
    "Clock",
    "Discord",
    "DrainTarget",
    "Drone",
    "FallbackInbox",
    "Heartbeat",
    "Inbox",
    "Later",
    "Leases",
    "MessageDeliveries",
    "MessageTexts",
    "Quarantine",
    "Repos",
    "Responder",
    "Spool",
    "SpoolSize",
    "SpooledMessages",
    "Store",
    "Webhooks",
]
