"""Every slash command, as the data that Discord is given: one tree, `/drone …`.

https://docs.discord.com/developers/interactions/application-commands
"""

from typing import Literal, NotRequired, TypedDict

from server.core.model.user_action import ActionKind

SUB_COMMAND, STRING, INTEGER = 1, 3, 4
CHAT_INPUT: Literal[1] = 1
IN_A_SERVER = 0
# Far more builds than any repository has; Discord's own limit is 2^53.
MAX_NUMBER = 2_000_000_000

BUILDS, BUILD, LOG = "builds", "build", "log"
REPO, NUMBER, BRANCH, STAGE, STEP = "repo", "number", "branch", "stage", "step"
TARGET, PARAMS = "target", "params"


class Option(TypedDict):
    """An argument of a command, or a command within a command."""

    type: int
    name: str
    description: str
    required: NotRequired[bool]
    autocomplete: NotRequired[bool]
    min_value: NotRequired[int]
    max_value: NotRequired[int]
    max_length: NotRequired[int]
    options: NotRequired[list["Option"]]


class CommandData(TypedDict):
    """A command of an application; who may run it is decided by us, so Discord shows it to all."""

    type: Literal[1]
    name: str
    description: str
    options: list[Option]
    default_member_permissions: None
    contexts: NotRequired[list[int]]


def _text(name: str, description: str, required: bool, suggests: bool, most: int) -> Option:
    return Option(
        type=STRING,
        name=name,
        description=description,
        required=required,
        autocomplete=suggests,
        max_length=most,
    )


def _repo(required: bool = True) -> Option:
    return _text(REPO, "Repository, as owner/name", required, suggests=True, most=500)


def _number() -> Option:
    return Option(
        type=INTEGER,
        name=NUMBER,
        description="Number of the build",
        required=True,
        autocomplete=True,
        min_value=1,
        max_value=MAX_NUMBER,
    )


def _target() -> Option:
    return _text(TARGET, "Environment, as production", required=True, suggests=True, most=200)


def _params() -> Option:
    return _text(PARAMS, "As KEY=value OTHER='two words'", False, suggests=False, most=2000)


def _sub(name: str, description: str, *options: Option) -> Option:
    return Option(type=SUB_COMMAND, name=name, description=description, options=list(options))


DRONE = CommandData(
    type=CHAT_INPUT,
    name="drone",
    description="Look at builds and act on them",
    default_member_permissions=None,
    contexts=[IN_A_SERVER],
    options=[
        _sub(
            BUILDS,
            "List the latest builds",
            _repo(required=False),
            _text(BRANCH, "Branch or tag", required=False, suggests=True, most=500),
        ),
        _sub(BUILD, "Show one build", _repo(), _number()),
        _sub(
            LOG,
            "Show the end of a step's log; without a step, of the one that failed",
            _repo(),
            _number(),
            _text(STAGE, "Name or number of the pipeline", False, suggests=True, most=250),
            _text(STEP, "Name or number of the step", False, suggests=True, most=250),
        ),
        _sub(ActionKind.RESTART, "Run a build once more", _repo(), _number(), _params()),
        _sub(ActionKind.CANCEL, "Stop a build", _repo(), _number()),
        _sub(
            ActionKind.PROMOTE,
            "Promote a build to an environment",
            *(_repo(), _number(), _target(), _params()),
        ),
        _sub(
            ActionKind.ROLLBACK,
            "Roll an environment back to a build",
            *(_repo(), _number(), _target(), _params()),
        ),
        _sub(ActionKind.APPROVE, "Let a blocked build run", _repo(), _number()),
        _sub(ActionKind.DECLINE, "End a blocked build", _repo(), _number()),
    ],
)

TREE = (DRONE,)
