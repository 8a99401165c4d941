"""Write the valid samples of test/samples/drone: `python -m playground.drone.samples DIR`.

A sample is one delivery: body.json holds the bytes of its body, headers.json the headers that do
not depend on a secret.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from playground.drone.builds import Scenario, play
from playground.drone.delivery import Delivery
from playground.drone.scenarios.hostile import TEXTS, hostile_build

CHOSEN: Mapping[str, tuple[str, int]] = {
    # Name of the sample: scenario, number of the delivery in it.
    "build__created__push": ("push", 0),
    "build__created__pull_request": ("pull_request", 0),
    "build__created__tag": ("tag", 0),
    "build__created__promote": ("promotion", 0),
    "build__created__rollback": ("rollback", 0),
    "build__created__cron": ("cron", 0),
    "build__created__custom": ("custom", 0),
    "build__created__restart": ("restart", 6),
    "build__created__protected": ("half_declined", 0),
    "build__created__config_error": ("config_error", 0),
    "build__created__hostile_config_error": ("hostile_config_error", 0),
    "build__created__hostile_pull_request": ("hostile_pull_request", 0),
    "build__updated__running": ("push", 3),
    "build__updated__success": ("push", -1),
    "build__updated__cron_success": ("cron", -1),
    "build__updated__pull_request_failure": ("pull_request", -1),
    "build__updated__waiting": ("pull_request", 1),
    "build__updated__skipped_step": ("pull_request", 10),
    "build__updated__promote_success": ("promotion", -1),
    "build__updated__rollback_running": ("rollback", 4),
    "build__updated__tag_success": ("tag", -1),
    "build__updated__custom_success": ("custom", -1),
    "build__updated__restart_success": ("restart", -1),
    "build__updated__failed_step": ("failing_push", 4),
    "build__updated__failure": ("failing_push", -1),
    "build__updated__ignored_failure": ("ignored_failure", -1),
    "build__updated__notified_failure": ("notified_failure", -1),
    "build__updated__early_exit": ("early_exit", -1),
    "build__updated__step_error": ("step_error", -1),
    "build__updated__stage_error": ("stage_error", -1),
    "build__updated__out_of_memory": ("out_of_memory", -1),
    "build__updated__timeout": ("timeout", -1),
    "build__updated__services": ("services", 5),
    "build__updated__killed": ("cancel_by_person", -1),
    "build__updated__killed_before_start": ("cancel_queued", -1),
    "build__updated__killed_newer": ("cancel_race", -2),
    "build__updated__killed_older": ("cancel_race", -1),
    "build__updated__killed_stale": ("cancel_race_stale", -1),
    "build__updated__skipped": ("auto_cancel", 2),
    "build__updated__skipped_running": ("auto_cancel_running", 7),
    "build__updated__blocked_stage": ("half_declined", 1),
    "build__updated__declined": ("half_declined", -1),
    "build__updated__monorepo": ("monorepo", 80),
    "user__created": ("user_created", 0),
    "user__created__first_login": ("user_first_login", 0),
    "user__deleted": ("user_deleted", 0),
    "repo__enabled": ("repo_enabled", 0),
    "repo__disabled": ("repo_disabled", 0),
    "repo__deleted": ("repo_deleted", 0),
}


def samples() -> Iterator[tuple[str, Delivery]]:
    """Give every sample with its name; always the same."""
    for name, (scenario, number) in CHOSEN.items():
        yield name, play(scenario)[number]
    for kind, text in TEXTS.items():
        story: Scenario = partial(hostile_build, text=text)
        yield f"build__updated__hostile_{kind.replace(' ', '_')}", play(story)[-1]


def headers(delivery: Delivery) -> bytes:
    """Give the content of headers.json."""
    unsigned = {"X-Drone-Event": delivery.event, "Content-Type": "application/json"}
    return (json.dumps(unsigned, indent=2) + "\n").encode()


def write(folder: Path) -> None:
    """Write every sample below *folder*."""
    for name, delivery in samples():
        sample = folder / name
        sample.mkdir(parents=True, exist_ok=True)
        (sample / "body.json").write_bytes(delivery.body)
        (sample / "headers.json").write_bytes(headers(delivery))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m playground.drone.samples test/samples/drone/valid")
    write(Path(sys.argv[1]))
