"""Run stages as a Drone runner does (runner-go), in simulated time.

A step's start and end are each reported and answered before the runner goes on.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from playground.drone import progress
from playground.drone import runner_state as state
from playground.drone.loop import Process
from playground.drone.pipeline import StagePlan, StepPlan
from playground.drone.rows import Line, Stage, Step
from playground.drone.server import Server
from playground.drone.table import LostLock

MACHINE = "runner-1"


def schedule(server: Server, stage: Stage) -> None:
    """Let a runner take a queued stage as soon as one is free."""
    plan = server.plans[stage.id]
    task = server.loop.start(_run(server, stage.id, plan), after=plan.queue_seconds)
    server.runners[stage.id] = task


def _run(server: Server, stage_id: int, plan: StagePlan) -> Process:
    stage = progress.accept(server, stage_id, MACHINE)
    if stage is None:
        return
    # Whoever loses the lock (the build was cancelled) sends nothing more.
    with suppress(LostLock):
        if plan.refusal:
            state.refuse(stage, plan.refusal, server.now())
        else:
            stage.status = "running"
            stage.started = server.now()
            stage.steps = _new_steps(server, stage, plan.steps)
            progress.setup(server, stage)
            yield from _Execution(server, stage, plan.steps).run()
            state.finish_all(stage, server.now())
        progress.teardown(server, stage, schedule)


def _new_steps(server: Server, stage: Stage, plans: Sequence[StepPlan]) -> list[Step]:
    return [
        Step(
            id=server.next_id("step"),
            step_id=stage.id,
            number=number,
            name=plan.name,
            errignore=plan.is_ignored,
            depends_on=_dependencies(plans, number - 1),
            image=plan.image,
            detached=plan.is_detached,
        )
        for number, plan in enumerate(plans, 1)
    ]


def _dependencies(plans: Sequence[StepPlan], index: int) -> Sequence[str]:
    after = plans[index].after
    if after is not None:
        return after
    return (plans[index - 1].name,) if index else ()


def upload(server: Server, step: Step, plan: StepPlan) -> None:
    """Hand in the log of a step, before its end is reported; without output it is null."""
    server.logs[step.id] = lines_of(plan.log, plan.seconds) or None


def lines_of(text: str, seconds: float = 0.0) -> list[Line]:
    """Split what a step printed within *seconds* into lines, as its log has them."""
    printed = text.removesuffix("\n").split("\n") if text else []
    pace = seconds / max(1, len(printed))
    return [Line(pos, f"{out}\n", int(pos * pace)) for pos, out in enumerate(printed)]


@dataclass(slots=True)
class _Execution:
    """Hold what one runner knows while it works through a stage."""

    server: Server
    stage: Stage
    plans: Sequence[StepPlan]
    over: set[str] = field(default_factory=set)  # Names of steps that hold nothing up any more.
    ends: list[tuple[float, Step, StepPlan]] = field(default_factory=list)

    def run(self) -> Process:
        """Work until every step is over, the time is up, or the build was cancelled."""
        minutes = self.server.repo_of(self.server.builds.find(self.stage.build_id)).timeout
        deadline = self.server.loop.elapsed + minutes * 60
        while not self._is_cancelled():
            self._start_ready()
            if not self.ends:
                return
            self.ends.sort(key=lambda end: end[0])
            ends_at, step, plan = self.ends[0]
            yield max(0.0, min(ends_at, deadline) - self.server.loop.elapsed)
            if ends_at > deadline:
                break
            if not self._is_cancelled():
                del self.ends[0]
                self._end(step, plan)
        for _, step, plan in self.ends:
            upload(self.server, step, plan)
        state.kill_all(self.stage, self.server.now())

    def _is_cancelled(self) -> bool:
        return self.stage.build_id in self.server.signalled

    def _start_ready(self) -> None:
        # Starting or skipping one step can make another ready, so look until nothing moves.
        while ready := [pair for pair in self._pending() if self._is_ready(pair[0])]:
            for step, plan in ready:
                self._start(step, plan)

    def _pending(self) -> list[tuple[Step, StepPlan]]:
        pairs = zip(self.stage.steps, self.plans, strict=True)
        return [(step, plan) for step, plan in pairs if step.status == "pending"]

    def _is_ready(self, step: Step) -> bool:
        return self.over.issuperset(step.depends_on)

    def _start(self, step: Step, plan: StepPlan) -> None:
        now = self.server.now()
        if plan.when == ("success" if state.has_failed(self.stage) else "failure"):
            state.skip(step, now)
            self.over.add(step.name)
        else:
            state.start(step, now)
            if plan.is_detached:
                self.over.add(step.name)
            else:
                self.ends.append((self.server.loop.elapsed + plan.seconds, step, plan))
        progress.report_step(self.server, step)

    def _end(self, step: Step, plan: StepPlan) -> None:
        now = self.server.now()
        upload(self.server, step, plan)
        if plan.error:
            state.fail(self.stage, step, plan.error, now)
        else:
            state.finish(self.stage, step, plan.exit_code, now)
        self.over.add(step.name)
        progress.report_step(self.server, step)
        if plan.exit_code == state.EARLY_EXIT_CODE:
            for waiting in self.stage.steps:
                state.skip(waiting, now)
