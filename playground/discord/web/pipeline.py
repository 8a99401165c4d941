"""Take a request to the API through faults, gate, limits and use case, and log what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from playground.discord.clock import Clock
from playground.discord.core import fault as faults
from playground.discord.core import header
from playground.discord.core.fault import Fault
from playground.discord.core.refusal import THREAD_ARCHIVED, Refusal, Refused
from playground.discord.services import gate
from playground.discord.services.ask import Answer, Ask, refused
from playground.discord.services.faults import revert
from playground.discord.services.world import World
from playground.discord.web.passage import Passage, entry_of
from playground.discord.web.reading import read_body
from playground.discord.web.reset import reset_connection
from playground.discord.web.routes import Route


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Answer the API's requests for one world."""

    world: World
    clock: Clock

    def endpoint(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Make the aiohttp handler of one route."""

        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._pass(Passage(request, route, self.clock.now()))

        return answer

    async def _pass(self, passage: Passage) -> web.StreamResponse:
        world, request = self.world, passage.request
        number = world.journal.next_number()
        passage.body = await read_body(request)
        fault = world.faults.claim(
            request.method, passage.route.template, passage.channel_id, self.clock.now()
        )
        passage.fault = fault
        if fault is not None and fault.when == "before" and fault.do != faults.REVERT:
            await asyncio.sleep(fault.seconds)
            self._go_wrong(passage, fault)
        if passage.answer is None and not (fault and _resets(fault, "before")):
            passage.answer = answer = self._carry_out(passage)
            passage.message_id = answer.message_id
            if fault is not None and fault.do == faults.REVERT:
                self._revert_later(passage, fault)
            elif fault is not None and fault.when == "after":
                await asyncio.sleep(fault.seconds)
                self._go_wrong(passage, fault)
        self._log(passage, number)
        return self._respond(passage)

    def _carry_out(self, passage: Passage) -> Answer:
        request, route, now = passage.request, passage.route, self.clock.now()
        refusal = gate.refuse_caller(
            self.world,
            agent=request.headers.get("User-Agent", ""),
            authorization=request.headers.get("Authorization"),
            is_bot_route=route.is_bot,
        )
        if refusal is not None:
            return refused(refusal)
        passage.verdict = verdict = gate.judge(
            self.world,
            method=route.method,
            bucket=route.bucket,
            params=request.match_info,
            is_bot=route.is_bot,
            now=now,
        )
        if verdict.too_many is not None:
            return Answer(429, header.too_many_body(verdict.too_many))
        if passage.body.refusal is not None:
            return refused(passage.body.refusal)
        body = passage.body
        ask = Ask(request.match_info, request.query, body.decoded, body.files, now)
        try:
            return route.answer(self.world, ask)
        except Refused as error:
            return refused(error.refusal)

    def _go_wrong(self, passage: Passage, fault: Fault) -> None:
        now = self.clock.now()
        if fault.do == faults.ANSWER:
            refusal = Refusal(fault.status, fault.code, fault.sentence(), dict(fault.errors))
            passage.answer = Answer(fault.status, refusal.body(), fault.headers)
        elif fault.do == faults.PAGE:
            passage.answer = gate.fault_page(fault, None)
        elif fault.do == faults.RESET:
            passage.answer = None
        elif fault.do == faults.LIMIT:
            verdict = gate.fault_verdict(self.world, fault, passage.route.bucket, now)
            passage.verdict = verdict
            if verdict.too_many is not None and fault.scope == "cloudflare":
                passage.answer = gate.fault_page(fault, verdict.too_many)
            elif verdict.too_many is not None:
                passage.answer = Answer(429, header.too_many_body(verdict.too_many))

    def _revert_later(self, passage: Passage, fault: Fault) -> None:
        message_id = passage.message_id
        message = self.world.store.messages.get(message_id)
        if message is None:
            return
        undone = message.shown

        def undo() -> None:
            revert(self.world, message_id, undone, self.clock.now())

        asyncio.get_running_loop().call_later(fault.seconds, undo)

    def _log(self, passage: Passage, number: int) -> None:
        entry = entry_of(passage, number, self.clock.now())
        genuine = passage.fault is None or passage.fault.do in (faults.SLOW, faults.REVERT)
        is_refused = genuine and (entry.status in (400, 413, 500) or "40333" in entry.refused)
        # What a thread refuses that is archived says nothing of the payload.
        is_refused = is_refused and str(THREAD_ARCHIVED.code) not in entry.refused
        self.world.journal.add(entry, is_payload_refused=is_refused)
        self.world.tell("request", entry)

    def _respond(self, passage: Passage) -> web.StreamResponse:
        answer = passage.answer
        if answer is None:
            reset_connection(passage.request)
            return web.Response(status=500)
        if isinstance(answer, gate.Page):
            # Cloudflare's pages do not come through Google: that is how they are told apart.
            headers = {"Content-Type": gate.HTML, "Server": "cloudflare", **answer.headers}
            return web.Response(status=answer.status, headers=headers, body=answer.html.encode())
        headers = header.limit_headers(passage.verdict, self.clock.now())
        headers |= {"Via": header.VIA, "Server": "cloudflare", **answer.headers}
        if answer.body is None:
            return web.Response(status=answer.status, headers=headers)
        # Exactly this: discord.py takes anything longer for text.
        headers["Content-Type"] = "application/json"
        return web.Response(status=answer.status, headers=headers, body=answer.encoded())


def _resets(fault: Fault, when: str) -> bool:
    return fault.do == faults.RESET and fault.when == when
