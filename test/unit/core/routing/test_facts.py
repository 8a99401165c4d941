"""What routing knows of a build, read from what Drone said."""

import pytest
from drone_shapes import build, stage, step

from server.core.model.build import BuildState
from server.core.model.status import Status
from server.core.routing.facts import BuildFacts, branch_key, facts_of

FAILED = stage(1, "default", "failure", step(1, "unit", "failure"), step(2, "lint", "failure"))
OTHER = stage(2, "deploy", "error")

PULL_REQUEST = {
    "event": "pull_request",
    "ref": "refs/pull/7/head",
    "source": "patch",
    "title": "Greet",
    "message": "A longer story",
}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(
            build(FAILED, OTHER, status="failure"),
            BuildFacts(
                repo="octocat/hello-world",
                branch="main",
                event="push",
                author="octocat",
                message="Greet the world\n\nIt has been waiting.",
                number=42,
                status=Status.FAILURE,
                failed_steps=frozenset({"unit", "lint", "deploy"}),
                finished=1700000082,
                seconds=72,
            ),
            id="a push that failed",
        ),
        pytest.param(
            build(
                stage(1, "web", "running", step(1, "unit", "failure"), step(2, "lint", "running")),
                status="running",
                author_login="",
                sender="hubot",
                target="refs/heads/dev",
                **PULL_REQUEST,
            ),
            BuildFacts(
                repo="octocat/hello-world",
                branch="dev",
                event="pull_request",
                author="hubot",
                message="Greet\nA longer story",
                number=42,
                status=Status.RUNNING,
                failed_steps=frozenset({"web/unit"}),
                pull_request="7",
            ),
            id="a pull request that runs, by somebody unknown to the forge",
        ),
        pytest.param(
            build(
                stage(1, "default", "killed", started=1700000010, stopped=1700003610),
                status="killed",
                event="tag",
                ref="refs/tags/v1.2",
                target="",
                message="",
                started=0,
            ),
            BuildFacts(
                repo="octocat/hello-world",
                branch="v1.2",
                event="tag",
                author="octocat",
                number=42,
                status=Status.KILLED,
                failed_steps=frozenset({"default"}),
                is_timed_out=True,
                finished=1700000082,
            ),
            id="a tag that ran out of time",
        ),
        pytest.param(
            build(event="rollback", deploy_to="production", ref="refs/pull/7/head"),
            BuildFacts(
                repo="octocat/hello-world",
                branch="main",
                event="rollback",
                author="octocat",
                message="Greet the world\n\nIt has been waiting.",
                number=42,
                status=Status.SUCCESS,
                finished=1700000082,
                seconds=72,
                environment="production",
            ),
            id="a rollback",
        ),
    ],
)
def test_facts_are_read_from_a_state(state: BuildState, expected: BuildFacts) -> None:
    assert facts_of(state) == expected


@pytest.mark.parametrize(
    ("state", "branch", "kind"),
    [
        (build(), "main", "push"),
        (build(event="cron"), "main", "cron"),
        (build(**PULL_REQUEST), "refs/pull/7/head", "pull_request"),
        (build(event="tag", ref="refs/tags/v1"), "", "tag"),
        (build(event="promote", deploy_to="production"), "production", "deployment"),
        (build(event="rollback", deploy_to="production"), "production", "deployment"),
    ],
)
def test_builds_that_are_compared_share_a_key(state: BuildState, branch: str, kind: str) -> None:
    assert branch_key(state) == ("drone.example.com", 1, branch, kind)
