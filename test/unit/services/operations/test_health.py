"""Is the bridge well? Each check and its words, and the worst of them."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes import START, MemorySpool, MemoryStore, delivery, payload, seconds

from server.core.drone.webhook_counts import WebhookCount, WebhookCounts, WebhookOutcome
from server.core.lease import Lease
from server.services.operations.health import check
from server.services.worker.leadership import NAME

NOW = START + seconds(1000)
WELL = {"status": "ok"}
QUIET: dict[str, Any] = {"waiting": 0, "running": 0, "stopped": "", "failing_seconds": 0}


@dataclass
class Bridge:
    """A bridge in which all is well until the test changes something."""

    report: dict[str, Any] = field(default_factory=dict)
    renewed: float | None = 1  # seconds ago; None: no worker ever started
    holder: str = "one"
    waited: float | None = None  # seconds that a delivery waits in the inbox
    spooled: int = 0
    spool_is_broken: bool = False
    store_is_away: bool = False
    drain_problem: str = ""
    heard: WebhookCounts = field(default_factory=dict)  # known to all processes
    fresh: WebhookCounts = field(default_factory=dict)  # known to this process

    def check(self) -> dict[str, Any]:
        """Return what health says of it."""
        store, spool = MemoryStore(), MemorySpool()
        store.now = NOW
        store.webhooks.add(self.heard)
        if self.renewed is not None:
            lease = Lease(self.holder, 1, NOW - seconds(self.renewed))
            store.leases.write(NAME, lease, QUIET | self.report, over=None)
        if self.waited is not None:
            store.inbox.add(delivery("a", payload(), NOW - seconds(self.waited)))
        for number in range(self.spooled):
            spool.add(delivery(str(number), b""))
        spool.is_broken = self.spool_is_broken
        store.faults.is_away = self.store_is_away
        return check(store, spool, NOW, drain_problem=self.drain_problem, fresh=self.fresh)


def test_all_is_well() -> None:
    told = {"waiting": 3, "running": 2, "failed": 4, "dropped": 5}

    assert Bridge(report=told).check() == {
        "status": "ok",
        "checks": {
            "spool": WELL,
            "mongo": WELL,
            "worker": WELL,
            "discord": WELL,
            "backlog": WELL,
            "webhooks": WELL,
        },
        "counts": {
            "spooled": 0,
            "running": 2,
            "waiting": 3,
            "failed": 4,
            "dropped": 5,
            "refused": 0,
            "unsigned": 0,
        },
    }


def test_a_worker_of_an_older_version_counts_less() -> None:
    found = Bridge(report={"waiting": 3}).check()

    assert found["counts"] == {
        "spooled": 0,
        "running": 0,
        "waiting": 3,
        "failed": 0,
        "dropped": 0,
        "refused": 0,
        "unsigned": 0,
    }


def test_looking_writes_nothing() -> None:
    store = MemoryStore()

    check(store, MemorySpool(), NOW)

    assert store.faults.calls == [
        "leases.read",
        "inbox.oldest_pending_at",
        "clock",
        "webhooks.read",
    ]


def degraded(reason: str, detail: str) -> dict[str, str]:
    return {"status": "degraded", "reason": reason, "detail": detail}


def failing(reason: str, detail: str) -> dict[str, str]:
    return {"status": "failing", "reason": reason, "detail": detail}


NEVER = "No worker has started yet: run python -m server.worker."
SILENT = "No worker for 21 s; builds are kept and shown later."
TOKEN = "Discord refuses the bot's token: put a valid DISCORD_TOKEN."
STOPPED = "Discord stopped us for a while (cloudflare)."
SLOW = "Discord has not answered for 40 s."
CLOSED = "2 channel(s) cannot be written to: run the doctor to see why."
NO_DRONE = "Drone has not answered for 40 s; what webhooks miss is read later."
DRONE_TOKEN = "Drone refuses the token: put a valid DRONE_TOKEN."
OLD = "The oldest delivery has waited for 31 s."
SPOOLED = "2 deliveries wait for MongoDB."
FULL = "The spool cannot be emptied: look at the disk of SPOOL_PATH; is it full?"
ONE = "1 delivery waits for MongoDB."
NO_SPOOL = "The spool cannot be read: look at SPOOL_PATH and its disk."

CHECKS: dict[str, tuple[Bridge, str, str, dict[str, str]]] = {
    "no worker yet": (Bridge(renewed=None), "degraded", "worker", degraded("never_started", NEVER)),
    "a worker of this moment": (Bridge(renewed=0), "ok", "worker", WELL),
    "a worker whose clock is ahead": (Bridge(renewed=-60), "ok", "worker", WELL),
    "a worker of 20 seconds ago": (Bridge(renewed=20), "ok", "worker", WELL),
    "a worker of 21 seconds ago": (
        Bridge(renewed=21),
        "degraded",
        "worker",
        degraded("silent", SILENT),
    ),
    "a worker that has just stopped": (Bridge(renewed=5, holder=""), "ok", "worker", WELL),
    "a token that is refused": (
        Bridge(report={"stopped": "token_refused"}),
        "failing",
        "discord",
        failing("token_refused", TOKEN),
    ),
    "a stop": (
        Bridge(report={"stopped": "cloudflare", "failing_seconds": 40}),
        "degraded",
        "discord",
        degraded("stopped", STOPPED),
    ),
    "a Discord that fails": (
        Bridge(report={"failing_seconds": 40, "paused_channels": 2}),
        "degraded",
        "discord",
        degraded("no_answer", SLOW),
    ),
    "channels that are closed": (
        Bridge(report={"paused_channels": 2}),
        "degraded",
        "discord",
        degraded("channel_closed", CLOSED),
    ),
    "a report of an older worker": (Bridge(report={}), "ok", "discord", WELL),
    "a spool that cannot be emptied": (
        Bridge(spooled=2, drain_problem="the disk is full"),
        "degraded",
        "spool",
        degraded("full", FULL),
    ),
    "a Drone that is well": (Bridge(report={"drone": "ok"}), "ok", "drone", WELL),
    "a Drone that is away": (
        Bridge(report={"drone": "no_answer", "drone_seconds": 40}),
        "degraded",
        "drone",
        degraded("no_answer", NO_DRONE),
    ),
    "a token that Drone refuses": (
        Bridge(report={"drone": "token_refused", "drone_seconds": 40}),
        "degraded",
        "drone",
        degraded("token_refused", DRONE_TOKEN),
    ),
    "a delivery of 30 seconds ago": (Bridge(waited=30), "ok", "backlog", WELL),
    "a delivery of 31 seconds ago": (
        Bridge(waited=31),
        "degraded",
        "backlog",
        degraded("late", OLD),
    ),
    "a delivery in the spool": (Bridge(spooled=1), "degraded", "spool", degraded("waiting", ONE)),
    "deliveries in the spool": (
        Bridge(spooled=2),
        "degraded",
        "spool",
        degraded("waiting", SPOOLED),
    ),
    "a broken spool": (
        Bridge(spool_is_broken=True),
        "degraded",
        "spool",
        failing("unreadable", NO_SPOOL),
    ),
}


@pytest.mark.parametrize(("bridge", "status", "name", "said"), CHECKS.values(), ids=CHECKS)
def test_health_says_of(bridge: Bridge, status: str, name: str, said: dict[str, str]) -> None:
    found = bridge.check()

    others = {key: value for key, value in found["checks"].items() if key != name}
    assert (found["status"], found["checks"][name]) == (status, said)
    assert others == {key: WELL for key in others}


KEPT = "MongoDB does not answer; webhooks are kept in the spool."
LOST = "MongoDB does not answer; nothing can be kept."

AWAY: dict[str, tuple[Bridge, dict[str, Any]]] = {
    "and the spool takes over": (
        Bridge(store_is_away=True),
        {
            "status": "degraded",
            "checks": {
                "spool": WELL,
                "mongo": degraded("no_answer", KEPT),
                "webhooks": WELL,
            },
            "counts": {"spooled": 0},
        },
    ),
    "and the spool fills": (
        Bridge(store_is_away=True, spooled=2),
        {
            "status": "degraded",
            "checks": {
                "spool": degraded("waiting", SPOOLED),
                "mongo": degraded("no_answer", KEPT),
                "webhooks": WELL,
            },
            "counts": {"spooled": 2},
        },
    ),
    "and the spool is broken too": (
        Bridge(store_is_away=True, spool_is_broken=True),
        {
            "status": "failing",
            "checks": {
                "spool": failing("unreadable", NO_SPOOL),
                "mongo": failing("no_answer", LOST),
                "webhooks": WELL,
            },
            "counts": {},
        },
    ),
}


@pytest.mark.parametrize(("bridge", "said"), AWAY.values(), ids=AWAY)
def test_mongodb_is_away(bridge: Bridge, said: dict[str, Any]) -> None:
    assert bridge.check() == said


def test_the_worst_check_is_the_status_of_all() -> None:
    bridge = Bridge(report={"stopped": "token_refused"}, waited=60, spooled=1)

    found = bridge.check()

    statuses = {name: said["status"] for name, said in found["checks"].items()}
    assert found["status"] == "failing"
    assert statuses == {
        "spool": "degraded",
        "mongo": "ok",
        "worker": "ok",
        "discord": "failing",
        "backlog": "degraded",
        "webhooks": "ok",
    }


def test_a_host_that_works_once_a_minute_may_be_silent_for_longer() -> None:
    store = MemoryStore()
    store.now = NOW
    store.leases.write(NAME, Lease("", 1, NOW - seconds(90)), QUIET, over=None)

    patient = check(store, MemorySpool(), NOW, silence=seconds(150))
    others = check(store, MemorySpool(), NOW)

    assert patient["checks"]["worker"] == WELL
    assert others["checks"]["worker"]["status"] == "degraded"


# -- Webhooks ---------------------------------------------------------------------------------


def ago(count: float, *refusal: Any) -> WebhookCount:
    return WebhookCount(NOW - seconds(count), 1, *refusal)


ACCEPTED = {"accepted_at": "2026-02-03T04:21:36Z"}  # ten seconds ago
REFUSED_AT = "2026-02-03T04:21:41Z"  # five seconds ago
SINCE = "No webhook was accepted since 2026-02-03T04:21:36Z, and the last was refused"
SECRETS_DIFFER = (
    f"{SINCE} (bad_signature): their signature fits no secret: make DRONE_WEBHOOK_SECRET the same "
    "on both sides."
)
CLOCKS_DIFFER = (
    "No webhook was accepted so far, and the last was refused (too_old): the clocks of Drone and "
    "of this server differ by 3600 s (Drone's is behind): let NTP set both, or raise "
    "DRONE_WEBHOOK_MAX_AGE."
)

WEBHOOKS: dict[str, tuple[Bridge, dict[str, str]]] = {
    "that are accepted": (Bridge(heard={WebhookOutcome.ACCEPTED: ago(10)}), {**WELL, **ACCEPTED}),
    "that are refused since the last accepted one": (
        Bridge(
            heard={
                WebhookOutcome.ACCEPTED: ago(10),
                WebhookOutcome.REFUSED: ago(5, "bad_signature"),
            }
        ),
        {
            **degraded("bad_signature", SECRETS_DIFFER),
            **ACCEPTED,
            "refused_at": REFUSED_AT,
            "refused_for": "bad_signature",
        },
    ),
    "that are refused since ever": (
        Bridge(heard={WebhookOutcome.REFUSED: ago(5, "too_old", 3600)}),
        {
            **degraded("too_old", CLOCKS_DIFFER),
            "refused_at": REFUSED_AT,
            "refused_for": "too_old",
        },
    ),
    "that were refused before the last accepted one": (
        Bridge(
            heard={
                WebhookOutcome.ACCEPTED: ago(5),
                WebhookOutcome.REFUSED: ago(10, "bad_signature"),
            }
        ),
        {
            **WELL,
            "accepted_at": REFUSED_AT,
            "refused_at": ACCEPTED["accepted_at"],
            "refused_for": "bad_signature",
        },
    ),
    "that were refused long ago": (
        Bridge(heard={WebhookOutcome.REFUSED: ago(90_000, "bad_signature")}),
        {**WELL, "refused_at": "2026-02-02T03:21:46Z", "refused_for": "bad_signature"},
    ),
    "that are authentic and cannot be read": (
        Bridge(heard={WebhookOutcome.ACCEPTED: ago(10), WebhookOutcome.REFUSED: ago(5, "no_id")}),
        {
            **degraded(
                "no_id",
                f"{SINCE} (no_id): it is authentic and cannot be read; is Drone newer?",
            ),
            **ACCEPTED,
            "refused_at": REFUSED_AT,
            "refused_for": "no_id",
        },
    ),
    "that anybody can send": (
        Bridge(
            heard={WebhookOutcome.ACCEPTED: ago(10), WebhookOutcome.UNSIGNED: ago(5, "unsigned")}
        ),
        {**WELL, **ACCEPTED, "refused_at": REFUSED_AT, "refused_for": "unsigned"},
    ),
    "that only this process has seen": (
        Bridge(
            heard={WebhookOutcome.ACCEPTED: ago(10)},
            fresh={WebhookOutcome.REFUSED: ago(5, "bad_signature")},
        ),
        {
            **degraded("bad_signature", SECRETS_DIFFER),
            **ACCEPTED,
            "refused_at": REFUSED_AT,
            "refused_for": "bad_signature",
        },
    ),
    "that are refused while MongoDB is away": (
        Bridge(fresh={WebhookOutcome.REFUSED: ago(5, "too_old", 3600)}, store_is_away=True),
        {
            **degraded("too_old", CLOCKS_DIFFER),
            "refused_at": REFUSED_AT,
            "refused_for": "too_old",
        },
    ),
}


@pytest.mark.parametrize(("bridge", "said"), WEBHOOKS.values(), ids=WEBHOOKS)
def test_health_says_of_webhooks(bridge: Bridge, said: dict[str, str]) -> None:
    found = bridge.check()

    assert found["checks"]["webhooks"] == said
    assert found["status"] == ("ok" if said["status"] == "ok" else "degraded")


def test_refusals_of_all_processes_are_counted() -> None:
    bridge = Bridge(
        heard={
            WebhookOutcome.REFUSED: ago(9, "too_old"),
            WebhookOutcome.UNSIGNED: ago(8, "unsigned"),
        },
        fresh={WebhookOutcome.REFUSED: ago(5, "too_old")},
    )

    counts = bridge.check()["counts"]

    assert (counts["refused"], counts["unsigned"]) == (2, 1)


def test_a_server_whose_clock_is_wrong_judges_the_worker_by_the_stores() -> None:
    store = MemoryStore()
    store.now = NOW
    store.leases.write(NAME, Lease("one", 1, NOW - seconds(1)), QUIET, over=None)

    ahead = check(store, MemorySpool(), NOW + seconds(3600))
    behind = check(store, MemorySpool(), NOW - seconds(3600))

    assert (ahead["checks"]["worker"], behind["checks"]["worker"]) == (WELL, WELL)
