"""Outage: nine faulty answers in a row, while forty builds come and go."""

from bench.rig import Rig, lead, rig, say
from bench.row import Row
from bench.storm import measure
from bench.storm_plan import Storm

DELAY_SECONDS = 10.0
# Three of each, one after the other.
FAULTS: tuple[dict[str, object], ...] = (
    {"do": "answer", "status": 503},
    {"do": "reset"},
    {"do": "page", "status": 502},
)


def run(is_quick: bool) -> list[Row]:
    """Let the same builds pass without faults and with them."""
    storm = Storm(40, 10 if is_quick else 30, window=1.0)
    with rig(*storm.limits) as ground:
        calm, broken = (_until_shown(ground, storm, faulty) for faulty in (False, True))
    return [
        Row(
            f"{storm.builds} builds with nine faulty answers: how much later all are shown",
            f"{broken - calm:.1f} s",
            f"≤ {DELAY_SECONDS:g} s",
            broken - calm <= DELAY_SECONDS,
            f"{calm:.1f} s without. {storm.scale}",
        )
    ]


def _until_shown(ground: Rig, storm: Storm, is_faulty: bool) -> float:
    """Return the seconds from the first webhook to the last ending in Discord."""
    ground.discord.reset()
    ground.discord.set_limits(messages=storm.limits[1])
    say("with nine faults" if is_faulty else "without faults")
    with ground.bridge(f"bench-{'faulty' if is_faulty else 'calm'}") as bridge:
        bridge.start_server()
        lead(bridge)
        for fault in FAULTS if is_faulty else ():
            ground.discord.order("POST", "faults", {**fault, "times": 3, "when": "before"})
        return measure(bridge, storm).last_final
