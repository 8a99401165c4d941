"""Play builds that end in every other way that a runner or a configuration can end them."""

from dataclasses import replace

from playground.drone import hooks
from playground.drone.logs import FAILED_TESTS
from playground.drone.pipeline import CLONE, StagePlan, StepPlan, after_failure, stage
from playground.drone.rows import Build
from playground.drone.server import Server
from playground.drone.trigger import create_build, create_build_error
from playground.drone.world import HELLO, IMPATIENT, SHOP


def _push(server: Server, *plans: StagePlan) -> Build:
    return create_build(server, HELLO, hooks.push(server.repos[HELLO], server.random), plans)


def failing_push(server: Server) -> None:
    """Push a commit whose test fails: the shortest story with a bad end."""
    _push(server, stage("default", StepPlan("test", seconds=12.0, exit_code=1, log=FAILED_TESTS)))


def notified_failure(server: Server) -> None:
    """Fail a stage; a step and a stage that wait for failures then run."""
    alarm = StepPlan("tell the team", seconds=2.0, when="failure")
    test = stage("test", StepPlan("test", exit_code=2), StepPlan("build"), alarm)
    clean = after_failure(stage("clean up", StepPlan("remove"), depends_on=("test",)))
    deploy = stage("deploy", StepPlan("roll out"), depends_on=("test",))
    _push(server, test, clean, deploy)


def ignored_failure(server: Server) -> None:
    """Fail a step with `failure: ignore`; the build passes all the same."""
    audit = StepPlan("audit", exit_code=1, is_ignored=True)
    _push(server, stage("default", audit, StepPlan("test")))


def early_exit(server: Server) -> None:
    """Leave a stage with exit code 78: the rest is skipped, the build passes."""
    check = StepPlan("anything to do?", seconds=3.0, exit_code=78)
    _push(server, stage("default", check, StepPlan("test"), StepPlan("build")))


def step_error(server: Server) -> None:
    """Fail to pull the image of a step: an error, not a failure."""
    error = (
        "Error response from daemon: pull access denied for example/privat, repository does not"
        " exist or may require 'docker login': denied: requested access is denied"
    )
    test = StepPlan("test", seconds=2.0, error=error, image="example/privat:latest")
    _push(server, stage("default", test, StepPlan("build")))


def stage_error(server: Server) -> None:
    """Refuse a stage before it begins, so that it has no steps."""
    reason = "linter: untrusted repositories cannot mount host volumes"
    _push(server, StagePlan("default", refusal=reason))


def timeout(server: Server) -> None:
    """Kill a build that took longer than its repository allows."""
    hook = hooks.push(server.repos[IMPATIENT], server.random)
    endless = StepPlan("wait for godot", seconds=9_999.0)
    create_build(server, IMPATIENT, hook, [stage("default", endless, StepPlan("build"))])


def out_of_memory(server: Server) -> None:
    """Run a step out of memory: exit code 137, yet a failure."""
    _push(server, stage("default", StepPlan("compile", seconds=20.0, exit_code=137)))


def services(server: Server) -> None:
    """Run a database beside tests that run in parallel; its end is told only with the build's."""
    database = StepPlan("database", image="mongo:7", is_detached=True, after=())
    clone = replace(CLONE, after=())
    unit = StepPlan("unit tests", seconds=9.0, after=("clone",))
    slow = StepPlan("end to end tests", seconds=15.0, after=("clone",))
    report = StepPlan("report", seconds=2.0, after=("unit tests", "end to end tests"))
    _push(server, StagePlan("default", (database, clone, unit, slow, report)))


def config_error(server: Server) -> None:
    """Push a `.drone.yml` that cannot be read: `created` is all that is ever sent."""
    hook = hooks.push(server.repos[SHOP], server.random, message="Tidy up .drone.yml")
    error = "yaml: line 7: did not find expected key\nin pipeline <default> & its steps"
    create_build_error(server, SHOP, hook, error)


STORIES = (
    failing_push,
    notified_failure,
    ignored_failure,
    early_exit,
    step_error,
    stage_error,
    timeout,
    out_of_memory,
    services,
    config_error,
)
