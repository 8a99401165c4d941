"""Say what the SCM or a person asks for: the eight kinds of build, with invented content."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from playground.drone.rows import Build, Repo

NO_COMMIT = "0" * 40
AUTHORS = {
    "octocat": "Mona Lisa",
    "hubot": "Hubot Example",
    "ada": "Ada Example",
    "grace": "Grace Example",
    "linus-example": "Linus Example",
}
MESSAGES = (
    "Answer the health check before the cache is warm\n\nIt took 40 s after a restart.",
    "Fix the rounding of VAT in credit notes",
    "Say hello in Esperanto\n\nSigned-off-by: Mona Lisa <octocat@example.com>",
    "Retry uploads only when the server asked for it",
    "Update dependencies",
    "Remove the old importer",
)


def commit_sha(random: Random) -> str:
    """Invent a commit."""
    return f"{random.getrandbits(160):040x}"


def _commit(repo: Repo, random: Random, message: str, author: str) -> Build:
    author = author or random.choice(tuple(AUTHORS))
    return Build(
        message=message or random.choice(MESSAGES),
        after=commit_sha(random),
        author_login=author,
        author_name=AUTHORS.get(author, author),
        author_email=f"{author}@example.com",
        author_avatar=f"https://avatars.example.com/{author}.png",
        sender=author,
    )


def push(
    repo: Repo, random: Random, *, branch: str = "", message: str = "", author: str = ""
) -> Build:
    """Push a commit to a branch; the link compares, as GitHub's and Gitea's do."""
    branch = branch or repo.default_branch
    before = commit_sha(random)
    build = _commit(repo, random, message, author)
    return replace(
        build,
        event="push",
        link=f"{repo.link}/compare/{before[:12]}...{build.after[:12]}",
        before=before,
        ref=f"refs/heads/{branch}",
        source=branch,
        target=branch,
    )


def pull_request(
    repo: Repo,
    random: Random,
    *,
    number: int = 12,
    title: str = "Teach the parser about dates",
    message: str = "## Why\n\nDates were text.\n\n<!-- remove this line -->\nCloses #11",
    action: str = "opened",
    author: str = "",
) -> Build:
    """Open or update a pull request; the message is its body."""
    return replace(
        _commit(repo, random, message or title, author),
        event="pull_request",
        action=action,
        link=f"{repo.link}/pull/{number}",
        title=title,
        before=commit_sha(random),
        ref=f"refs/pull/{number}/head",
        source_repo=repo.slug,
        source="parse-dates",
        target=repo.default_branch,
    )


def tag(repo: Repo, random: Random, *, name: str = "v1.4.0") -> Build:
    """Push a tag; GitHub often tells no branch, so target and source are empty."""
    return replace(
        _commit(repo, random, f"Release {name}", "octocat"),
        event="tag",
        action="create",
        link=f"{repo.link}/compare/{name}",
        before=NO_COMMIT,
        ref=f"refs/tags/{name}",
    )


def cron(repo: Repo, random: Random, *, name: str = "nightly") -> Build:
    """Let a cron job of Drone build the newest commit of the default branch."""
    build = _commit(repo, random, "", "")
    return replace(
        build,
        trigger="@cron",
        event="cron",
        link=f"{repo.link}/commit/{build.after}",
        ref=f"refs/heads/{repo.default_branch}",
        target=repo.default_branch,
        cron=name,
    )


def custom(repo: Repo, random: Random, *, person: str = "ada") -> Build:
    """Let a person build a branch by hand, with parameters."""
    build = _commit(repo, random, "", "")
    return replace(
        build,
        trigger=person,
        event="custom",
        link=f"{repo.link}/commit/{build.after}",
        before=build.after,
        ref=f"refs/heads/{repo.default_branch}",
        source=repo.default_branch,
        target=repo.default_branch,
        params={"LOAD_TEST": "yes", "USERS": "200"},
    )


def promote(parent: Build, *, to: str = "production", person: str = "grace") -> Build:
    """Let a person promote a build; all but the event, the target and the person is copied."""
    return _again(parent, "promote", person, to, {"REASON": "release & announce"})


def rollback(parent: Build, *, to: str = "production", person: str = "grace") -> Build:
    """Let a person roll back to a build."""
    return _again(parent, "rollback", person, to, None)


def restart(parent: Build, *, person: str = "hubot") -> Build:
    """Let a person restart a build: everything is copied, and who it was is in `trigger`."""
    return _again(parent, parent.event, person, parent.deploy_to, parent.params)


def _again(
    parent: Build, event: str, person: str, to: str, params: Mapping[str, str] | None
) -> Build:
    return replace(
        parent,
        parent=parent.number,
        trigger=person,
        event=event,
        deploy_to=to,
        params=params,
        status="pending",
        error="",
        started=0,
        finished=0,
        stages=(),
    )
