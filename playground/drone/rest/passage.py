"""Take a request to the API through faults, access and the call, and log what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from playground.drone.rest import access, fault, respond
from playground.drone.rest.accounts import Account, account_of, token_of
from playground.drone.rest.call import Answer, Call
from playground.drone.rest.fault import Fault
from playground.drone.rest.find import repo_named
from playground.drone.rest.journal import Entry
from playground.drone.rest.refusal import Refused
from playground.drone.rest.routes import Route
from playground.drone.rest.world import World

UNKNOWN = "(unknown)"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Passage:
    """Answer the API's requests for one world; without a *route* nothing is there."""

    world: World
    route: Route | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Let a request through."""
        world, started_at = self.world, time.time()
        world.pass_by()
        journal, number = world.journal, world.journal.next_number()
        hit = world.faults.claim(request.method, self._name, request.rel_url.raw_path, started_at)
        account = _account(world, request)
        answer: Answer | None = None
        if hit is None or hit.when == "after" or hit.do not in fault.INSTEAD:
            answer = self._carry_out(request, account)
            world.pass_by()
        if hit is not None and hit.do in (fault.ANSWER, fault.PAGE):
            answer = Answer(hit.status, hit.body)
        journal.add(self._entry(request, account, number, started_at, answer, hit))
        if hit is not None and hit.do != fault.DRIP:
            await _pause(hit)
        return await respond.respond(request, answer, hit)

    @property
    def _name(self) -> str:
        return self.route.template if self.route else UNKNOWN

    def _carry_out(self, request: web.Request, account: Account | None) -> Answer:
        try:
            return self._called(request, account)
        except Refused as refused:
            return Answer(refused.status, {"message": refused.message})

    def _called(self, request: web.Request, account: Account | None) -> Answer:
        route, params = self.route, request.match_info
        if route is None:
            return Answer(404, respond.NO_PAGE)
        repo = None
        if access.is_of_repository(route.need):
            slug = f"{params['namespace']}/{params['name']}"
            repo = repo_named(self.world.server, slug)
            access.check_repo(access.Need.READ, account, repo)
            access.check_repo(route.need, account, repo)
        else:
            access.check_account(route.need, account)
        return route.answer(Call(self.world, account, repo, params, request.query))

    def _entry(
        self,
        request: web.Request,
        account: Account | None,
        number: int,
        started_at: float,
        answer: Answer | None,
        hit: Fault | None,
    ) -> Entry:
        is_silent = answer is None or (hit is not None and hit.do in fault.SILENT)
        body = answer.body if answer is not None else None
        message = body.get("message", "") if isinstance(body, dict) else ""
        status = 0 if is_silent or answer is None else answer.status
        query = [(name, value) for name, value in request.query.items() if name != "access_token"]
        return Entry(
            number=number,
            at=started_at,
            method=request.method,
            route=self._name,
            path=request.rel_url.raw_path,
            query=urlencode(query),
            account=account.user.login if account else "",
            is_authorized=status not in (401, 403),
            status=status,
            message=str(message) if status >= 400 else "",
            fault=f"{hit.do} {hit.when}" if hit else "",
            agent=request.headers.get("User-Agent", ""),
        )


def _account(world: World, request: web.Request) -> Account | None:
    authorization = request.headers.get("Authorization", "")
    token = token_of(authorization, request.query.get("access_token", ""))
    return account_of(world.accounts, token)


async def _pause(hit: Fault) -> None:
    seconds = hit.seconds
    if hit.do == fault.HANG and not seconds:
        seconds = fault.HANG_SECONDS
    await asyncio.sleep(seconds)
