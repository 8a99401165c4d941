"""Wait until every service of a stack runs as told: `await_rollout.py STACK SINCE SECONDS`.

Exits with 1 and a sentence if a service went back to its old version after SINCE (Unix time), or is
not there in time. Docker's own commands end with 0 in that case too. Must run on a manager; needs
Python and Docker's client alone.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime

EVERY_SECONDS = 1.0
# What of a container has to be as its service says; the rest differs by defaults filled in.
PARTS = ("Image", "Command", "Args", "Env", "Mounts", "Secrets", "Configs", "Healthcheck")


def main(stack, since, seconds):
    """Wait for *stack*; return the exit status."""
    deadline = time.monotonic() + seconds
    told = {}
    while True:
        services = services_of(stack)
        states = {service["Spec"]["Name"]: state_of(service, since) for service in services}
        for name, state in states.items():
            if told.get(name) != state:
                print(f"{name}: {state}", flush=True)
        told = states
        if any(state.startswith("went back") for state in states.values()):
            return 1
        if states and all(state.startswith("runs") for state in states.values()):
            return 0
        if time.monotonic() > deadline:
            print(f"Not all of {stack} runs after {seconds:.0f} s.", flush=True)
            return 1
        time.sleep(EVERY_SECONDS)


def services_of(stack):
    """Return what the swarm knows of the services of *stack*."""
    label = f"label=com.docker.stack.namespace={stack}"
    ids = docker("service", "ls", "--quiet", "--filter", label).split()
    return json.loads(docker("service", "inspect", *ids)) if ids else []


def tasks_of(service):
    """Return the tasks of *service* that the swarm wants to run."""
    options = ("--quiet", "--no-trunc", "--filter", "desired-state=running")
    ids = docker("service", "ps", *options, service["ID"]).split()
    return json.loads(docker("inspect", "--type", "task", *ids)) if ids else []


def state_of(service, since):
    """Say how far *service* is; updates that began before *since* are history."""
    update = service.get("UpdateStatus", {})
    state = update.get("State", "")
    if began(update) >= since:
        if state in ("rollback_completed", "paused", "rollback_paused"):
            message = update.get("Message", "")
            return f"went back to the old version: {message} {why(service)}".rstrip()
        if state in ("updating", "rollback_started"):
            return state.replace("_", " ")
    wanted = service["Spec"]["Mode"].get("Replicated", {}).get("Replicas", 1)
    tasks = tasks_of(service)
    good = [task for task in tasks if runs_as_told(task, service)]
    if len(good) == len(tasks) == wanted:
        return f"runs {len(good)} of {wanted}"
    return f"waits for {len(good)} of {wanted}. {why(service)}".rstrip()


def runs_as_told(task, service):
    """Tell whether *task* runs, and as *service* is described now."""
    template = service["Spec"]["TaskTemplate"]
    is_like, told = task["Spec"]["ContainerSpec"], template["ContainerSpec"]
    same = all(is_like.get(part) == told.get(part) for part in PARTS)
    same = same and task["Spec"].get("ForceUpdate") == template.get("ForceUpdate")
    return same and task["Status"]["State"] == "running"


def why(service):
    """Return the last error of a task of *service*, or nothing."""
    options = ("--no-trunc", "--format", "{{.Error}}")
    errors = docker("service", "ps", *options, service["ID"]).splitlines()
    return next((error.strip('"') for error in errors if error), "")


def began(update):
    """Return when an update began, in Unix time; 0 if there was none."""
    text = update.get("StartedAt", "")
    if not text:
        return 0.0
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()


def docker(*words):
    """Return what a command of Docker's client prints; one that failed prints nothing."""
    command = ["docker", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=60, text=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))
