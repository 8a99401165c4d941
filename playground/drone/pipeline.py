"""Describe pipelines as a `.drone.yml` would: what runs, how long and how it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from playground.drone import logs


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Plan one step; how it will end is part of the plan."""

    name: str
    seconds: float = 10.0
    exit_code: int = 0
    error: str = ""  # A fault of the runner, such as an image that cannot be pulled.
    is_ignored: bool = False  # `failure: ignore`.
    when: str = "success"  # `success`, `failure` or `always`, of the steps before it.
    image: str = "python:3.12-slim"
    is_detached: bool = False  # Services and `detach: true`: only their start is reported.
    after: Sequence[str] | None = None  # None: after the step before it, one at a time.
    log: str = ""  # What it prints.


@dataclass(frozen=True, slots=True)
class StagePlan:
    """Plan one pipeline of the file; Drone calls it a stage."""

    name: str
    steps: Sequence[StepPlan] = ()
    depends_on: Sequence[str] = ()
    on_success: bool = True
    on_failure: bool = False
    arch: str = "amd64"
    type: str = "docker"
    labels: Mapping[str, str] | None = None
    limit: int = 0
    refusal: str = ""  # Why the runner refuses the stage before any step exists.
    queue_seconds: float = 2.0


CLONE = StepPlan("clone", seconds=4.0, image="drone/git:latest")


def stage(name: str, *steps: StepPlan, depends_on: Sequence[str] = ()) -> StagePlan:
    """Plan a stage that clones first, as Drone's stages do."""
    return StagePlan(name, (CLONE, *steps), depends_on)


def after_failure(plan: StagePlan) -> StagePlan:
    """Let *plan* run when what it depends on failed, and only then."""
    return replace(plan, on_success=False, on_failure=True)


def usual_pipeline() -> Sequence[StagePlan]:
    """Plan the one stage that most repositories have."""
    lint = StepPlan("lint", seconds=6.0)
    test = StepPlan("test", seconds=25.0)
    return [stage("default", lint, test, StepPlan("build image", 15.0, image="plugins/docker"))]


def three_stages(test_exit_code: int = 0) -> Sequence[StagePlan]:
    """Plan tests on two architectures and a deployment that waits for both."""
    lint = StepPlan("lint", seconds=6.0)
    log = logs.FAILED_TESTS if test_exit_code else logs.PASSED_TESTS
    unit = StepPlan("unit tests", seconds=14.0, exit_code=test_exit_code, log=log)
    slow = StepPlan("unit tests", seconds=22.0)
    coverage = StepPlan("coverage", seconds=5.0)
    arm = replace(stage("test arm64", slow), arch="arm64", queue_seconds=3.5)
    deploy = stage("deploy", StepPlan("deploy", 12.0), depends_on=("test amd64", "test arm64"))
    return [stage("test amd64", lint, unit, coverage), arm, deploy]


def deployment() -> Sequence[StagePlan]:
    """Plan what a promotion or a rollback runs."""
    return [stage("deploy", StepPlan("migrate", 8.0), StepPlan("roll out", 20.0))]


def monorepo(stages: int, steps: int) -> Sequence[StagePlan]:
    """Plan *stages* packages of *steps* steps each; all wait for the first, which prepares."""
    work = [StepPlan(f"task {number}", seconds=3.0 + number % 7) for number in range(1, steps)]
    packages = [
        replace(
            stage(f"package-{number}", *work, depends_on=("prepare",)),
            queue_seconds=1.0 + number % 5,
        )
        for number in range(1, stages)
    ]
    return [stage("prepare", StepPlan("install", 9.0)), *packages]
