"""History: what is done must not make slower what comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bench import idle, storm
from bench.backlog import documents
from bench.explain import Plan, explain_all
from bench.load import as_fast_as_taken
from bench.rig import Rig, lead, rig, say
from bench.row import Row, median
from bench.storm_plan import Storm
from bench.webhooks import by_build, many_requests, play_builds
from playground.discord.options import CHANNEL_ID
from playground.drone.delivery import Delivery
from server.core.cards.card import Card
from server.core.cards.content import card_id
from server.core.documents import card_document
from server.core.drone.payload import decode, read

FACTOR = 1.2
AT_ONCE = 1000
WEBHOOKS = 12
KINDS = 100  # different finished builds that the history repeats
LITTLE = 20  # of every kind that the loops look for while their queries are explained


@dataclass(slots=True)
class Figures:
    """What was measured of one of the two databases, in turns."""

    name: str
    receive: list[float] = field(default_factory=list)  # seconds a webhook
    idle: list[float] = field(default_factory=list)  # medians in seconds
    storm: list[float] = field(default_factory=list)  # seconds until the last card is final


def run(is_quick: bool) -> list[Row]:
    """Measure an empty database and a full one in turns, then explain the queries on the full."""
    count, turns = (5_000, 1) if is_quick else (30_000, 2)
    short = Storm(builds=10 if is_quick else 30, webhooks=WEBHOOKS, window=1.0)
    with rig("--no-limits") as ground:
        sides = [Figures("empty"), Figures("full")]
        for side in sides:
            with ground.bridge(side.name) as bridge:
                bridge.command("init-db")
        _fill(ground, "full", count)
        say(f"{count} finished cards and as many merged deliveries are there")
        for turn in range(2 * turns):
            side = sides[(turn + turn // 2) % 2]
            _measure(ground, side, short, first=1 + 1000 * turn)
            say(
                f"{side.name}: {side.receive[-1] * 1000:.2f} ms a webhook, "
                f"idle {side.idle[-1] * 1000:.0f} ms, storm {side.storm[-1]:.1f} s"
            )
        plans = _explain(ground)
    return [*_rows(sides[0], sides[1], count), _plan_row(plans)]


def _measure(ground: Rig, side: Figures, short: Storm, first: int) -> None:
    ground.discord.reset()
    with ground.bridge(side.name) as bridge:
        bridge.start_server()
        side.receive.append(_receive(ground, side.name, int(bridge.environ["PORT"]), first))
        lead(bridge)
        idle.measure(bridge, 5, first=first)
        side.idle.append(median(idle.measure(bridge, 40, first=first + 100).until_shown))
        ground.discord.reset()
        ground.discord.set_limits(messages=short.limits[1])
        side.storm.append(storm.measure(bridge, short, first=first + 200).last_final)


def _receive(ground: Rig, name: str, port: int, first: int) -> float:
    """Return the seconds that a webhook takes; without a worker, so they are thrown away."""
    requests = many_requests(play_builds(40, WEBHOOKS, first=first), 800, datetime.now(UTC))
    as_fast_as_taken(port, requests[:200], 20.0)
    load = as_fast_as_taken(port, requests[200:], 20.0)
    with ground.database(name) as database:
        database.deliveries.delete_many({"pending": True})
    return 1 / load.per_second


def _fill(ground: Rig, name: str, count: int) -> None:
    """Put finished cards and merged deliveries into a database."""
    endings = _endings()
    now = datetime.now(UTC)
    with ground.database(name) as database:
        for start in range(0, count, AT_ONCE):
            numbers = range(start, start + AT_ONCE)
            database.cards.insert_many([card_document(_card(endings, n, now)) for n in numbers])
            some = [endings[number % KINDS] for number in numbers]
            merged = documents(some, now - timedelta(days=1, seconds=start))
            for document in merged:
                del document["pending"]
                document["merged_at"] = now
            database.deliveries.insert_many(merged)


def _endings() -> list[Delivery]:
    return [build[-1] for build in by_build(play_builds(KINDS, WEBHOOKS, first=900_001))]


def _card(endings: Sequence[Delivery], number: int, now: datetime) -> Card:
    """Make a card at rest, unlike any other."""
    content = read(decode(endings[number % KINDS].body))
    return Card(
        f"{card_id(content, CHANNEL_ID)}/{number}",
        CHANNEL_ID,
        content,
        now,
        revision=9,
        message_id=str(1_300_000_000_000_000_000 + number),
        message_at=now,
        shown="as it is",
        shown_status="success",
        shown_at=now,
    )


def _explain(ground: Rig) -> list[Plan]:
    """Explain the queries of the loops while a little waits and a little has failed."""
    endings, now = _endings(), datetime.now(UTC)
    with ground.database("full") as database:
        waiting = documents(endings[:LITTLE], now)
        failed = documents(endings[:LITTLE], now + timedelta(hours=1))
        for document in failed:
            del document["pending"]
            document["failed_at"] = now
        database.deliveries.insert_many(waiting + failed)
        cards = [_card(endings, 10**6 + number, now) for number in range(3 * LITTLE)]
        due = [replace(card, due_at=now) for card in cards[:LITTLE]]
        dropped = [replace(card, dropped="for the bench") for card in cards[LITTLE : 2 * LITTLE]]
        database.cards.insert_many([card_document(card) for card in due + dropped])
        running = [card_document(card) | {"is_open": True} for card in cards[2 * LITTLE :]]
        database.cards.insert_many(running)
    return explain_all(ground.mongo_uri, "full")


def _rows(empty: Figures, full: Figures, count: int) -> list[Row]:
    return [
        _row("receive, a webhook", empty.receive, full.receive, count),
        _row("idle, p50", empty.idle, full.idle, count),
        _row("short storm, last card final", empty.storm, full.storm, count),
    ]


def _row(name: str, empty: Sequence[float], full: Sequence[float], count: int) -> Row:
    factor = median(full) / median(empty)
    return Row(
        f"history: {name}, against an empty database",
        f"{factor:.2f} ×",
        f"≤ {FACTOR} ×",
        factor <= FACTOR,
        f"{median(full) * 1000:.1f} against {median(empty) * 1000:.1f} ms; {count} finished cards, "
        f"{count} merged deliveries; in turns, {len(full)} each.",
    )


def _plan_row(plans: Sequence[Plan]) -> Row:
    """Sum up the plans; those that are not good are named."""
    bad = [plan for plan in plans if not plan.is_good]
    said = "; ".join(
        f"{plan.query}: {plan.stages[-1]}, {plan.examined} examined, {plan.returned} returned"
        for plan in bad
    )
    most = max(plan.waste for plan in plans)
    return Row(
        "history: queries of the loops that use an index and examine what they return",
        f"{len(plans) - len(bad)} of {len(plans)}",
        "all",
        not bad,
        said or f"at most {most} documents examined in vain.",
        said,
    )
