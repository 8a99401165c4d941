"""Play to a real bridge: here, and in `post`, the clock, the environment and the network begin."""

import argparse
import os
import sys
import time
from collections.abc import Iterator

from playground.drone import arguments, mischief
from playground.drone.builds import stream
from playground.drone.delivery import Delivery
from playground.drone.post import Answer, Postbox
from playground.drone.server import Server
from playground.drone.world import new_server

ORDINARY_STEP_SECONDS = 10.0
EPOCH = 1_767_225_600  # 2026: ids from the clock begin here, so that they are short.
INTERRUPTED = 130

UNREACHABLE = """\
Cannot reach the bridge at {url}.
Is it running? `make demo` starts one with everything it needs, `make run` the real one.
If it is elsewhere, say so: --url http://HOST:PORT
"""
REFUSED = """\
{count} of the deliveries were not accepted. On 401, give the bridge's secret: set
DRONE_WEBHOOK_SECRET to the same value for both, or use --secret.
"""


def main(command_line: list[str] | None = None) -> int:
    """Play what the command line asks for; give the status to exit with."""
    options = arguments.read(sys.argv[1:] if command_line is None else command_line, os.environ)
    postbox = Postbox(options.url, options.secret, options.parallel, tell)
    try:
        _play(options, postbox)
        postbox.close()
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped.\n")
        postbox.close(at_once=True)
        return INTERRUPTED
    if postbox.closed.is_set():
        sys.stderr.write(UNREACHABLE.format(url=options.url))
        return 1
    if postbox.refused:
        sys.stderr.write(REFUSED.format(count=len(postbox.refused)))
        return 1
    return 0


def tell(answer: Answer) -> None:
    """Print one line on a delivery."""
    sent = answer.delivery
    said = str(answer.status or "lost")
    if not answer.is_accepted:
        said += " " + " ".join(answer.detail.split())[:200]
    what = f"{sent.event}:{sent.action}"
    sys.stdout.write(
        f"{time.strftime('%H:%M:%S')}  {sent.subject:<28} {what:<14} {sent.status:<8}"
        f" -> {said} ({answer.milliseconds} ms)\n"
    )
    sys.stdout.flush()


def _play(options: argparse.Namespace, postbox: Postbox) -> None:
    server = _server(options)
    rounds = options.repeat
    while (rounds or options.loop) and not postbox.closed.is_set():
        rounds -= 1
        for delivery, pause_until in _paced(options, server):
            if postbox.closed.wait(max(0.0, pause_until - time.monotonic())):
                return
            postbox.send(delivery)


def _server(options: argparse.Namespace) -> Server:
    seconds = int(time.time()) - EPOCH
    return new_server(
        options.seed,
        scale=options.pace / ORDINARY_STEP_SECONDS,
        first_id=options.first_id or seconds,
        first_number=options.first_number or options.first_id or seconds // 60,
        link=options.drone_url,
    )


def _paced(options: argparse.Namespace, server: Server) -> Iterator[tuple[Delivery, float]]:
    """Give one round of deliveries, each with the moment when it is due."""
    plays = [options.scenario] if options.parallel > 1 else [[name] for name in options.scenario]
    for names in plays:
        begun = time.monotonic()
        elapsed = server.loop.elapsed * server.scale
        server.start = int(time.time() - elapsed)
        for delivery in _disturbed(options, server, stream(server, *names)):
            due = begun if options.shuffle else begun + delivery.at - elapsed
            yield delivery, due


def _disturbed(
    options: argparse.Namespace, server: Server, deliveries: Iterator[Delivery]
) -> Iterator[Delivery]:
    if options.shuffle:
        deliveries = iter(mischief.shuffle(deliveries, server.random))
    for delivery in deliveries:
        kept = mischief.drop([delivery], options.drop, server.random)
        yield from mischief.duplicate(kept, options.duplicate, server.random)
