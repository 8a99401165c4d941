"""The health check: it reads, never writes, and never takes long."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.core.drone.webhook_counts import (
    WebhookCounts,
    WebhookOutcome,
    clock,
    joined,
    moved,
    trouble,
)
from server.errors import StoreUnavailable
from server.services.ports import SpoolSize, Store
from server.services.worker.leadership import NAME
from server.services.worker.report import WorkerReport, read_report

# Renewals come every few seconds; this much silence means that no worker is there.
WORKER_SILENCE = timedelta(seconds=20)
BACKLOG_AGE = timedelta(seconds=30)

# What the worker counts on the side.
COUNTS = ("running", "waiting", "failed", "dropped")

REFUSALS = (WebhookOutcome.REFUSED, WebhookOutcome.UNSIGNED)
NOTHING: WebhookCounts = {}

OK, DEGRADED, FAILING = "ok", "degraded", "failing"


Check = dict[str, str]


def check(
    store: Store,
    spool: SpoolSize,
    now: datetime,
    silence: timedelta = WORKER_SILENCE,
    drain_problem: str = "",
    fresh: WebhookCounts = NOTHING,
) -> dict[str, Any]:
    """Return the status, the named checks with reason and detail, and the counts.

    A worker that was not heard of for *silence* counts as gone. With a *drain_problem* nothing can
    be removed from the spool. *fresh* is what this process has counted of webhooks and not yet
    saved.
    """
    checks: dict[str, Check] = {}
    counts: dict[str, int] = {}
    checks["spool"] = _check_spool(spool, counts, drain_problem)
    try:
        found = store.leases.read(NAME)
        oldest = store.inbox.oldest_pending_at()
        store_now = store.clock()
        heard = joined(store.webhooks.read(), moved(fresh, store_now - now))
    except StoreUnavailable:
        spool_works = checks["spool"]["status"] != FAILING
        detail = "MongoDB does not answer; " + (
            "webhooks are kept in the spool." if spool_works else "nothing can be kept."
        )
        checks["mongo"] = _said(DEGRADED if spool_works else FAILING, "no_answer", detail)
        checks["webhooks"] = _check_webhooks(fresh, now)
    else:
        checks["mongo"] = _said(OK)
        checks["worker"] = _check_worker(found[0].renewed_at if found else None, store_now, silence)
        report = read_report(found[1] if found else {})
        checks["discord"] = _check_discord(report)
        checks["backlog"] = _check_backlog(oldest, now)
        checks["webhooks"] = _check_webhooks(heard, store_now)
        if report.drone:
            checks["drone"] = _check_drone(report)
        if found:
            counts |= {name: int(getattr(report, name)) for name in COUNTS}
        counts |= {kind.value: heard[kind].count if kind in heard else 0 for kind in REFUSALS}
    return {"status": _worst(checks), "checks": checks, "counts": counts}


def _check_spool(spool: SpoolSize, counts: dict[str, int], drain_problem: str) -> Check:
    try:
        waiting = counts["spooled"] = spool.count()
    except StoreUnavailable:
        # Alone it is no failure: the spool is only needed while MongoDB is away.
        detail = "The spool cannot be read: look at SPOOL_PATH and its disk."
        return _said(FAILING, "unreadable", detail)
    if waiting and drain_problem:
        detail = "The spool cannot be emptied: look at the disk of SPOOL_PATH; is it full?"
        return _said(DEGRADED, "full", detail)
    if waiting:
        detail = "1 delivery waits" if waiting == 1 else f"{waiting} deliveries wait"
        return _said(DEGRADED, "waiting", f"{detail} for MongoDB.")
    return _said(OK)


def _check_worker(renewed_at: datetime | None, store_now: datetime, silence: timedelta) -> Check:
    """Both instants are of the store's clock: this server's need not agree with the worker's."""
    if renewed_at is None:
        detail = "No worker has started yet: run python -m server.worker."
        return _said(DEGRADED, "never_started", detail)
    if store_now - renewed_at > silence:
        seconds = int((store_now - renewed_at).total_seconds())
        detail = f"No worker for {seconds} s; builds are kept and shown later."
        return _said(DEGRADED, "silent", detail)
    return _said(OK)


def _check_discord(report: WorkerReport) -> Check:
    stopped = report.stopped
    if stopped == "token_refused":
        detail = "Discord refuses the bot's token: put a valid DISCORD_TOKEN."
        return _said(FAILING, stopped, detail)
    if stopped:
        return _said(DEGRADED, "stopped", f"Discord stopped us for a while ({stopped}).")
    if seconds := report.failing_seconds:
        return _said(DEGRADED, "no_answer", f"Discord has not answered for {seconds} s.")
    if channels := report.paused_channels:
        detail = f"{channels} channel(s) cannot be written to: run the doctor to see why."
        return _said(DEGRADED, "channel_closed", detail)
    return _said(OK)


def _check_drone(report: WorkerReport) -> Check:
    if report.drone == "token_refused":
        detail = "Drone refuses the token: put a valid DRONE_TOKEN."
        return _said(DEGRADED, "token_refused", detail)
    if report.drone != "ok":
        seconds = report.drone_seconds
        detail = f"Drone has not answered for {seconds} s; what webhooks miss is read later."
        return _said(DEGRADED, "no_answer", detail)
    return _said(OK)


def _check_backlog(oldest: datetime | None, now: datetime) -> Check:
    if oldest is not None and now - oldest > BACKLOG_AGE:
        seconds = int((now - oldest).total_seconds())
        return _said(DEGRADED, "late", f"The oldest delivery has waited for {seconds} s.")
    return _said(OK)


def _check_webhooks(heard: WebhookCounts, now: datetime) -> Check:
    """Judge the webhooks; say when the last came and the last refusal, also when all is well."""
    reason, detail = trouble(heard, now)
    said = _said(DEGRADED, reason, detail) if reason else _said(OK)
    if accepted := heard.get(WebhookOutcome.ACCEPTED):
        said["accepted_at"] = clock(accepted.at)
    if refusals := [heard[kind] for kind in REFUSALS if kind in heard]:
        last = max(refusals, key=lambda one: one.at)
        said |= {"refused_at": clock(last.at), "refused_for": last.reason}
    return said


def _said(status: str, reason: str = "", detail: str = "") -> Check:
    """Return a check; *reason* is a constant for programs, *detail* a sentence for people."""
    return {"status": status, "reason": reason, "detail": detail} if reason else {"status": status}


def _worst(checks: Mapping[str, Check]) -> str:
    """Return the worst status; an unreadable spool fails the bridge only if MongoDB is away too."""
    found = {check["status"] for name, check in checks.items() if name != "spool"}
    if FAILING in found:
        return FAILING
    return DEGRADED if DEGRADED in found or checks["spool"]["status"] != OK else OK
