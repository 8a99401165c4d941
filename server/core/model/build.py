"""All we know of one build, and the merge of two such states.

A state is a join of what reports said: for every entity, by id, the one that precedes none of the
others is kept. `merge` is therefore commutative, associative and idempotent, and the order,
repetition or partial loss of webhooks cannot matter.

An ending outranks a version (docs/adr/0005): Drone sometimes sends an ending with the version of
an older row (harness/drone service/canceler/canceler.go:200-227), and nothing in it ever reopens.
That a build became unknown outranks every version too, and yields to an ending (docs/adr/0009).
"""

from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TypeVar

from server.core.model.log_tail import LogTail, join_tails
from server.core.model.status import Status, finality, is_final, progress
from server.core.model.user_action import UserAction, join_actions

LATEST_SECOND = 253_402_300_799  # 9999-12-31, the last instant that a datetime can hold


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a stage, as Drone last reported it; times are Unix seconds, 0 is unknown."""

    id: int
    version: int
    number: int  # from 1, within its stage
    name: str
    status: Status
    error: str
    errignore: bool  # it may fail without failing the stage
    exit_code: int
    started: int
    stopped: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One pipeline of a build; *steps* are in the order of their ids."""

    id: int
    version: int
    number: int  # from 1, among the pipelines that matched
    name: str
    status: Status
    error: str
    errignore: bool
    exit_code: int
    started: int
    stopped: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """The build itself, without its stages; the field names are Drone's."""

    id: int
    version: int
    number: int  # counts within the repository
    status: Status
    error: str  # of a configuration that could not be read
    event: str  # push, pull_request, tag, promote, rollback, cron, custom
    parent: int  # the number of the build that this one restarts, promotes or rolls back to
    trigger: str  # @hook, @cron or the login of who started it
    link: str  # at the SCM; foreign, may be anything
    title: str
    message: str
    after: str  # the commit; with Gogs "" for a pull request, and the tag itself if it is annotated
    ref: str
    source_repo: str  # where the head of a pull request is; not every SCM says
    source: str
    target: str
    author_login: str
    author_name: str
    author_avatar: str
    sender: str  # stays the original one when a build is restarted
    params: tuple[tuple[str, str], ...]  # in the order of their names
    cron: str
    deploy_to: str
    debug: bool
    started: int
    finished: int
    created: int


@dataclass(frozen=True, slots=True)
class Repo:
    """The repository; only *id* is for keeping, the slug changes with a rename."""

    id: int
    version: int
    slug: str
    link: str
    default_branch: str
    timeout: int  # minutes
    private: bool
    visibility: str
    protected: bool


def is_public(repo: Repo) -> bool:
    """Tell whether everybody may see a repository; one that is unknown, or a new word, is not."""
    return repo.id > 0 and not repo.private and repo.visibility in ("public", "")


@dataclass(frozen=True, slots=True)
class System:
    """The Drone server that reported; *host* tells servers apart, *link* is its address."""

    host: str
    link: str
    version: str


@dataclass(frozen=True, slots=True)
class BuildState:
    """The merge of all reports of one build; *stages* are in the order of their ids."""

    system: System
    repo: Repo
    build: Build
    stages: tuple[Stage, ...] = ()
    acts: tuple[UserAction, ...] = ()  # what people did to it from Discord, oldest first
    log: LogTail | None = None  # of a step that failed; Drone's API alone has it
    parent_event: str = ""  # of the build that is the parent, where that is known

    @property
    def identity(self) -> str:
        """Return the name of the build, the same in every report of it."""
        return build_identity(self.system.host, self.build.id)

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing comes after this state."""
        return is_final(self.build.status)

    @property
    def status_word(self) -> str:
        """Return the word of the status that people see."""
        return effective_status(self).value


Entity = TypeVar("Entity", Build, Stage, Step)


def build_identity(host: str, build_id: int) -> str:
    """Name a build by Drone's id, which a rename does not change; two servers may use the same."""
    return f"build/{host}/{build_id}"


def merge(left: BuildState, right: BuildState) -> BuildState:
    """Join two states of the same build."""
    return BuildState(
        system=max(left.system, right.system, key=_values),
        repo=max(left.repo, right.repo, key=_repo_precedence),
        build=newest(left.build, right.build),
        stages=join_stages(left.stages + right.stages),
        acts=join_actions(left.acts + right.acts),
        log=join_tails(left.log, right.log),
        parent_event=max(left.parent_event, right.parent_event),
    )


def newest(left: Entity, right: Entity) -> Entity:
    """Keep the report that is further on; the same one whichever way round they are given.

    Endings precede, then versions, then progress, then any fixed order: that last part only makes
    the order total, so that two different reports never tie.
    """
    if left == right:
        return left
    ours, theirs = _rank(left), _rank(right)
    if ours == theirs:
        return max(left, right, key=_values)
    return left if ours > theirs else right


def join_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Keep the newest report of each step, in the order of their ids."""
    kept: dict[int, Step] = {}
    for step in steps:
        kept[step.id] = newest(kept[step.id], step) if step.id in kept else step
    return tuple(kept[key] for key in sorted(kept))


def join_stages(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Keep the newest report of each stage, with the newest of all its steps."""
    kept: dict[int, Stage] = {}
    steps: dict[int, tuple[Step, ...]] = {}
    for stage in stages:
        bare = replace(stage, steps=())
        kept[stage.id] = newest(kept[stage.id], bare) if stage.id in kept else bare
        steps[stage.id] = steps.get(stage.id, ()) + stage.steps
    return tuple(replace(kept[key], steps=join_steps(steps[key])) for key in sorted(kept))


def _rank(entity: Build | Stage | Step) -> tuple[int, int, int]:
    return (finality(entity.status), entity.version, progress(entity.status))


def _repo_precedence(repo: Repo) -> tuple[object, ...]:
    return (repo.version, _values(repo))


def _values(record: Build | Stage | Step | Repo | System) -> tuple[object, ...]:
    return _FIELDS[type(record)](record)


_FIELDS = {
    kind: attrgetter(*(field.name for field in fields(kind) if field.name != "steps"))
    for kind in (Build, Stage, Step, Repo, System)
}


def effective_status(state: BuildState) -> Status:
    """Tell what people should see: a build in which all waits for approval is blocked.

    Drone never calls a build blocked itself: it says `pending`, and `running` once a stage began
    (drone-ui src/pages/build/build.jsx:103).
    """
    status = state.build.status
    if status not in (Status.PENDING, Status.RUNNING) or not stages_to_approve(state):
        return status
    goes_on = any(stage.status in (Status.PENDING, Status.RUNNING) for stage in state.stages)
    return status if status is Status.RUNNING and goes_on else Status.BLOCKED


def stages_to_approve(state: BuildState) -> tuple[Stage, ...]:
    """Return the stages of an unfinished build that wait for approval."""
    if is_final(state.build.status):
        return ()
    return tuple(stage for stage in state.stages if stage.status is Status.BLOCKED)
