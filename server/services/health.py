"""Is the bridge well? Reads, never writes, and never takes long."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from server.errors import StoreUnavailable
from server.services.lead import NAME
from server.services.ports import Store

# Renewals come every few seconds; this much silence means that nobody works.
WORKER_SILENCE = timedelta(seconds=20)
BACKLOG_AGE = timedelta(seconds=30)

# What the worker counts on the side.
COUNTS = ("running", "waiting", "failed", "dropped")

OK, DEGRADED, FAILING = "ok", "degraded", "failing"


class Waiting(Protocol):
    """The spool, as far as health needs it."""

    def count(self) -> int:
        """Return how many deliveries wait here."""


Check = dict[str, str]


def check(
    store: Store,
    spool: Waiting,
    now: datetime,
    silence: timedelta = WORKER_SILENCE,
    drain_problem: str = "",
) -> dict[str, Any]:
    """Return the status, the named checks with a detail each, and the counts.

    A worker that was not heard of for *silence* counts as gone. With a *drain_problem* nothing can
    be removed from the spool.
    """
    checks: dict[str, Check] = {}
    counts: dict[str, int] = {}
    checks["spool"] = _check_spool(spool, counts, drain_problem)
    try:
        found = store.leases.read(NAME)
        oldest = store.inbox.oldest_pending_at()
    except StoreUnavailable:
        spool_works = checks["spool"]["status"] != FAILING
        detail = "MongoDB does not answer; " + (
            "webhooks are kept in the spool." if spool_works else "nothing can be kept."
        )
        checks["mongo"] = _said(DEGRADED if spool_works else FAILING, detail)
    else:
        checks["mongo"] = _said(OK)
        checks["worker"] = _check_worker(found[0].renewed_at if found else None, now, silence)
        checks["discord"] = _check_discord(found[1] if found else {})
        checks["backlog"] = _check_backlog(oldest, now)
        if found and "drone" in found[1]:
            checks["drone"] = _check_drone(found[1])
        if found:
            counts |= {name: int(found[1].get(name, 0)) for name in COUNTS}
    return {"status": _worst(checks), "checks": checks, "counts": counts}


def _check_spool(spool: Waiting, counts: dict[str, int], drain_problem: str) -> Check:
    try:
        counts["spooled"] = spool.count()
    except StoreUnavailable:
        # Alone it is no failure: the spool is only needed while MongoDB is away.
        return _said(FAILING, "The spool cannot be read: look at SPOOL_PATH and its disk.")
    if counts["spooled"] and drain_problem:
        return _said(
            DEGRADED, "The spool cannot be emptied: look at the disk of SPOOL_PATH; is it full?"
        )
    if counts["spooled"]:
        return _said(DEGRADED, f"{counts['spooled']} deliveries wait for MongoDB.")
    return _said(OK)


def _check_worker(renewed_at: datetime | None, now: datetime, silence: timedelta) -> Check:
    if renewed_at is None:
        return _said(DEGRADED, "No worker has started yet: run python -m server.worker.")
    if now - renewed_at > silence:
        seconds = int((now - renewed_at).total_seconds())
        return _said(DEGRADED, f"No worker for {seconds} s; builds are kept and shown later.")
    return _said(OK)


def _check_discord(report: Mapping[str, Any]) -> Check:
    stopped = report.get("stopped", "")
    if stopped == "token_refused":
        return _said(FAILING, "Discord refuses the bot's token: put a valid DISCORD_TOKEN.")
    if stopped:
        return _said(DEGRADED, f"Discord stopped us for a while ({stopped}).")
    if seconds := report.get("failing_seconds", 0):
        return _said(DEGRADED, f"Discord has not answered for {seconds} s.")
    if channels := report.get("paused_channels", 0):
        return _said(
            DEGRADED, f"{channels} channel(s) cannot be written to: run the doctor to see why."
        )
    return _said(OK)


def _check_drone(report: Mapping[str, Any]) -> Check:
    if report["drone"] == "token_refused":
        return _said(DEGRADED, "Drone refuses the token: put a valid DRONE_TOKEN.")
    if report["drone"] != "ok":
        seconds = report.get("drone_seconds", 0)
        return _said(
            DEGRADED, f"Drone has not answered for {seconds} s; what webhooks miss is read later."
        )
    return _said(OK)


def _check_backlog(oldest: datetime | None, now: datetime) -> Check:
    if oldest is not None and now - oldest > BACKLOG_AGE:
        seconds = int((now - oldest).total_seconds())
        return _said(DEGRADED, f"The oldest delivery has waited for {seconds} s.")
    return _said(OK)


def _said(status: str, detail: str = "") -> Check:
    return {"status": status, "detail": detail} if detail else {"status": status}


def _worst(checks: Mapping[str, Check]) -> str:
    """Return the worst status; an unreadable spool fails the bridge only if MongoDB is away too."""
    found = {check["status"] for name, check in checks.items() if name != "spool"}
    if FAILING in found:
        return FAILING
    return DEGRADED if DEGRADED in found or checks["spool"]["status"] != OK else OK
