"""Write an answer as Go does, or break it off as a fault orders."""

from __future__ import annotations

import asyncio

from aiohttp import web

from playground.discord.web.reset import reset_connection
from playground.drone import wire
from playground.drone.rest import fault
from playground.drone.rest.call import NOTHING, Answer
from playground.drone.rest.fault import Fault

NO_PAGE = object()
"""The body of an answer where the API has no route."""

_HTML = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>\n"
_DRIP_BYTES = 1


async def respond(
    request: web.Request, answer: Answer | None, hit: Fault | None
) -> web.StreamResponse:
    """Answer a request; None, and some faults, mean that it gets no proper answer."""
    do = hit.do if hit else ""
    if answer is None or do in fault.SILENT:
        reset_connection(request)
        return web.Response(status=500)
    whole = _response(answer, hit)
    if hit is not None and do in (fault.CUT, fault.DRIP):
        return await _in_pieces(request, whole, hit)
    return whole


def _response(answer: Answer, hit: Fault | None) -> web.Response:
    headers = dict(hit.headers) if hit else {}
    if hit is not None and hit.do == fault.PAGE:
        body = _HTML.format(f"{answer.status} {hit.message}").encode()
        return web.Response(
            status=answer.status, body=body, headers={"Content-Type": "text/html", **headers}
        )
    if answer.body is NOTHING:
        return web.Response(status=answer.status, headers=headers)
    if answer.body is NO_PAGE:
        return web.Response(status=answer.status, text="404 page not found\n", headers=headers)
    headers = {"Content-Type": "application/json", **headers}
    body = wire.encode(answer.body) + b"\n"
    return web.Response(status=answer.status, body=body, headers=headers)


async def _in_pieces(request: web.Request, whole: web.Response, hit: Fault) -> web.StreamResponse:
    """Send the first half of an answer and break off, or all of it byte by byte."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    stream = web.StreamResponse(status=whole.status, headers=whole.headers)
    stream.content_length = len(body)
    await stream.prepare(request)
    if hit.do == fault.CUT:
        await stream.write(body[: len(body) // 2])
        reset_connection(request)
        return stream
    for place in range(0, len(body), _DRIP_BYTES):
        await stream.write(body[place : place + _DRIP_BYTES])
        await asyncio.sleep(hit.seconds)
    return stream
