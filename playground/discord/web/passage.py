"""Hold what is found out about one request on its way, and turn it into a line of the log."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from playground.discord.core.fault import Fault
from playground.discord.core.journal import Entry
from playground.discord.core.limit import Verdict
from playground.discord.services.ask import Answer
from playground.discord.services.gate import Page
from playground.discord.web.reading import MAX_TEXT_KEPT, Body
from playground.discord.web.routes import Route


@dataclass(slots=True)
class Passage:
    """Hold what is found out about one request on its way through."""

    request: web.Request
    route: Route
    started_at: float
    body: Body = field(default_factory=Body)
    fault: Fault | None = None
    verdict: Verdict = field(default_factory=Verdict)
    answer: Answer | Page | None = None  # None when the connection was reset
    message_id: str = ""  # what was created or changed, even if the answer hides it

    @property
    def channel_id(self) -> str | None:
        """Return the channel the request is about, if its route names one."""
        return self.request.match_info.get("channel_id")


def entry_of(passage: Passage, number: int, now: float) -> Entry:
    """Write the log's entry for a request that was answered, or reset."""
    answer, verdict, fault = passage.answer, passage.verdict, passage.fault
    status = answer.status if answer is not None else 0
    error = answer if isinstance(answer, Answer) and status >= 400 else Answer(status)
    refusal = error.body if isinstance(error.body, dict) else {}
    too_many, standing = verdict.too_many, verdict.standing
    return Entry(
        number=number,
        at=passage.started_at,
        method=passage.request.method,
        route=passage.route.template,
        path=passage.request.path_qs,
        status=status,
        milliseconds=round((now - passage.started_at) * 1000, 3),
        body=passage.body.text[:MAX_TEXT_KEPT],
        answer=error.encoded().decode(),
        bucket=verdict.bucket,
        limit=verdict.rate.limit if verdict.rate else None,
        remaining=standing.remaining if standing else None,
        reset_after=round(standing.reset_after, 3) if standing else None,
        retry_after=round(too_many.retry_after, 3) if too_many else None,
        scope=too_many.scope if too_many else "",
        fault=f"{fault.do} {fault.when}" if fault else "",
        refused=f"{refusal.get('code', status)} {refusal.get('message', '')}" if refusal else "",
        message_id=passage.message_id,
    )
