"""Declare the rows Drone keeps and sends, fields in the order of its JSON; they decide nothing.

Order and omissions follow harness/drone 2.25, core/{user,repo,build,stage,step,system}.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playground.drone.wire import omitempty


@dataclass(slots=True)
class System:
    """Describe the Drone server itself, as every payload does."""

    proto: str = omitempty("https")
    host: str = omitempty("drone.example.com")
    link: str = omitempty("https://drone.example.com")
    version: str = omitempty("2.25.0")


@dataclass(slots=True)
class User:
    """Hold an account of the Drone server."""

    id: int
    login: str
    email: str = ""
    machine: bool = False
    admin: bool = False
    active: bool = True
    avatar: str = ""
    syncing: bool = False
    synced: int = 0
    created: int = 0
    updated: int = 0
    last_login: int = 0


@dataclass(slots=True)
class Step:
    """Hold one step of a stage."""

    id: int
    step_id: int  # Really the id of the stage: a typo that Drone keeps.
    number: int
    name: str
    status: str = "pending"
    error: str = omitempty("")
    errignore: bool = omitempty(False)
    exit_code: int = 0
    started: int = omitempty(0)
    stopped: int = omitempty(0)
    version: int = 1
    depends_on: Sequence[str] = omitempty(())
    image: str = omitempty("")
    detached: bool = omitempty(False)
    schema: str = omitempty("")


@dataclass(slots=True)
class Line:
    """Hold one line of a step's log."""

    pos: int
    out: str
    time: int  # Seconds since the step began.


@dataclass(slots=True)
class Stage:
    """Hold one stage (pipeline) of a build."""

    id: int
    repo_id: int
    build_id: int
    number: int
    name: str
    kind: str = omitempty("pipeline")
    type: str = omitempty("docker")
    status: str = "waiting_on_dependencies"
    error: str = omitempty("")
    errignore: bool = False
    exit_code: int = 0
    machine: str = omitempty("")
    os: str = "linux"
    arch: str = "amd64"
    variant: str = omitempty("")
    kernel: str = omitempty("")
    limit: int = omitempty(0)
    throttle: int = omitempty(0)
    started: int = 0
    stopped: int = 0
    created: int = 0
    updated: int = 0
    version: int = 1
    on_success: bool = True
    on_failure: bool = False
    depends_on: Sequence[str] = omitempty(())
    labels: Mapping[str, str] | None = omitempty(None)
    steps: Sequence[Step] = omitempty(())


@dataclass(slots=True)
class Build:
    """Hold one build; without ids and times it is what a hook of the SCM asks for."""

    id: int = 0
    repo_id: int = 0
    trigger: str = "@hook"
    number: int = 0
    parent: int = omitempty(0)
    status: str = "pending"
    error: str = omitempty("")
    event: str = "push"
    action: str = ""
    link: str = ""
    timestamp: int = 0
    title: str = omitempty("")
    message: str = ""
    before: str = ""
    after: str = ""
    ref: str = ""
    source_repo: str = ""
    source: str = ""
    target: str = ""
    author_login: str = ""
    author_name: str = ""
    author_email: str = ""
    author_avatar: str = ""
    sender: str = ""
    params: Mapping[str, str] | None = omitempty(None)
    cron: str = omitempty("")
    deploy_to: str = omitempty("")
    deploy_id: int = omitempty(0)
    debug: bool = omitempty(False)
    started: int = 0
    finished: int = 0
    created: int = 0
    updated: int = 0
    version: int = 1
    stages: Sequence[Stage] = omitempty(())


@dataclass(slots=True)
class Repo:
    """Hold one repository that Drone knows."""

    id: int
    uid: str
    user_id: int
    namespace: str
    name: str
    slug: str
    scm: str = ""
    git_http_url: str = ""
    git_ssh_url: str = ""
    link: str = ""
    default_branch: str = "main"
    private: bool = False
    visibility: str = "public"
    active: bool = True
    config_path: str = ".drone.yml"
    trusted: bool = False
    protected: bool = False
    ignore_forks: bool = False
    ignore_pull_requests: bool = False
    auto_cancel_pull_requests: bool = False
    auto_cancel_pushes: bool = False
    auto_cancel_running: bool = False
    timeout: int = 60  # Minutes.
    throttle: int = omitempty(0)
    counter: int = 0
    synced: int = 0
    created: int = 0
    updated: int = 0
    version: int = 1
    build: Build | None = omitempty(None)  # noqa: RUF009 - declares a field, shares nothing
    archived: bool = False
