"""Decide who may call what (handler/api/acl); too little permission is 404, never 403."""

from __future__ import annotations

from enum import Enum, unique

from playground.drone.rest.accounts import Account, Permission
from playground.drone.rest.refusal import forbidden, not_found, unauthorized
from playground.drone.rows import Repo


@unique
class Need(Enum):
    """What a call needs."""

    NOTHING = 0
    ACCOUNT = 1
    SYSTEM_ADMIN = 2
    READ = 3
    WRITE = 4
    ADMIN = 5


_LEVELS = {
    Need.READ: Permission.READ,
    Need.WRITE: Permission.WRITE,
    Need.ADMIN: Permission.ADMIN,
}


def is_of_repository(need: Need) -> bool:
    """Tell whether the call is about one repository."""
    return need in _LEVELS


def check_account(need: Need, account: Account | None) -> None:
    """Let *account* through to a call that is about no repository, or raise Refused."""
    if need is Need.NOTHING:
        return
    if account is None:
        raise unauthorized()
    if not account.user.active:
        raise forbidden()
    if need is Need.SYSTEM_ADMIN and not account.user.admin:
        raise forbidden()


def check_repo(need: Need, account: Account | None, repo: Repo | None) -> None:
    """Let *account* through to a call about *repo*, or raise Refused."""
    if repo is None:
        raise unauthorized() if account is None else not_found()
    if account is not None and not account.user.active:
        raise forbidden()
    if not _is_allowed(_LEVELS[need], account, repo):
        raise unauthorized() if account is None else not_found()


def _is_allowed(level: Permission, account: Account | None, repo: Repo) -> bool:
    if level is Permission.READ and repo.visibility == "public":
        return True
    if account is None:
        return False
    if account.user.admin:
        return True
    if level is Permission.READ and repo.visibility == "internal":
        return True
    return (account.permission(repo.slug) or Permission.NONE) >= level
