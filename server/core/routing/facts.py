"""What routing needs to know of a build, read from its state."""

import re
from dataclasses import dataclass

from server.core.model.build import Build, BuildState, effective_status
from server.core.model.failure import broken_parts
from server.core.model.status import BROKEN, Status, is_final
from server.core.model.timeout import any_timed_out

# Of these endings nobody can say whether the branch is well.
NO_VERDICT = frozenset({Status.KILLED, Status.SKIPPED, Status.DECLINED, Status.UNKNOWN})
DEPLOYMENTS = frozenset({"promote", "rollback"})
EVENTS = ("push", "pull_request", "tag", "cron", "custom", *sorted(DEPLOYMENTS))

_PREFIX = re.compile(r"^refs/(?:heads|tags)/")
# harness/drone store/build/build.go:29: the first digits in the ref of a pull request.
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """One build as rules see it; what is unknown is empty or 0."""

    repo: str = ""  # slug
    branch: str = ""  # of a pull request the one that it is for, of a tag the tag
    event: str = ""
    author: str = ""  # login at the forge
    message: str = ""  # with the title, if that differs
    number: int = 0
    status: Status = Status.RUNNING
    failed_steps: frozenset[str] = frozenset()
    is_timed_out: bool = False  # Drone calls that killed
    finished: int = 0  # Unix time
    seconds: int = 0  # from start to end
    pull_request: str = ""  # its number
    environment: str = ""  # of a promotion or rollback

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing comes after its status."""
        return is_final(self.status)

    @property
    def is_bad(self) -> bool:
        """Tell whether something of it has failed, even if the rest still runs or was killed."""
        if self.status is Status.SUCCESS:
            return False
        return self.status in BROKEN or self.is_timed_out or bool(self.failed_steps)

    @property
    def has_verdict(self) -> bool:
        """Tell whether it ended in a way that says whether the branch is well."""
        return self.is_ended and (self.status not in NO_VERDICT or self.is_timed_out)


def facts_of(state: BuildState) -> BuildFacts:
    """Read what rules need from *state*."""
    build = state.build
    status = effective_status(state)
    took = build.finished - build.started if build.started > 0 else 0
    return BuildFacts(
        repo=state.repo.slug,
        branch=_branch(build),
        event=build.event,
        author=build.author_login or build.sender,
        message="\n".join(dict.fromkeys(text for text in (build.title, build.message) if text)),
        number=build.number,
        status=status,
        failed_steps=frozenset(_step(stage.name, part.name) for stage, part in broken_parts(state)),
        is_timed_out=status is Status.KILLED and any_timed_out(state),
        finished=max(build.finished, 0) if is_final(status) else 0,
        seconds=max(took, 0) if is_final(status) else 0,
        pull_request=_pull_request(build),
        environment=build.deploy_to if build.event in DEPLOYMENTS else "",
    )


def event_class(event: str) -> str:
    """Name the events whose builds are compared with each other."""
    return "deployment" if event in DEPLOYMENTS else event


def branch_key(state: BuildState) -> tuple[str, int, str, str]:
    """Return what a branch's memory is kept under: server, repository, branch and event class.

    A pull request is a branch of its own; a deployment is compared with those to the same
    environment; tags follow each other.
    """
    build = state.build
    kind = event_class(build.event)
    branch = {"pull_request": build.ref, "tag": "", "deployment": build.deploy_to}.get(
        kind, _branch(build)
    )
    return (state.system.host, state.repo.id, branch, kind)


def _branch(build: Build) -> str:
    """Name the branch as Drone's `when:` knows it; a tag's target is often empty."""
    name = build.ref if build.event == "tag" else build.target
    return _PREFIX.sub("", name)


def _pull_request(build: Build) -> str:
    found = _NUMBER.search(build.ref) if build.event == "pull_request" else None
    return found[0] if found else ""


def _step(stage: str, step: str) -> str:
    return step if stage in ("", "default", step) else f"{stage}/{step}"
