"""Hold who may call: accounts, their tokens and what each may do in which repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, unique

from playground.drone.rows import Repo, User
from playground.drone.world import HELLO, SHOP

ADMIN_TOKEN = "playground-drone-admin"  # everybody may know them
USER_TOKEN = "playground-drone-user"
MACHINE_TOKEN = "playground-drone-machine"


@unique
class Permission(IntEnum):
    """What an account may do in a repository; each includes the ones before it."""

    NONE = 0
    READ = 1
    WRITE = 2
    ADMIN = 3


@dataclass(slots=True)
class Account:
    """Hold an account; the SCM told its *permissions*, which a machine has none of."""

    user: User
    token: str = field(repr=False)
    permissions: dict[str, Permission] = field(default_factory=dict)  # by slug
    is_revoked: bool = False

    def permission(self, slug: str) -> Permission | None:
        """Return what the SCM told; None if it told nothing."""
        return self.permissions.get(slug)


def first_accounts(owner: User, repos: Mapping[str, Repo]) -> dict[str, Account]:
    """Make the three accounts that there are at the start, by login."""
    every = dict.fromkeys(repos, Permission.ADMIN)
    person = User(2, "ada", "ada@example.com", created=owner.created)
    machine = User(3, "bridge", machine=True, admin=True, created=owner.created)
    some = {HELLO: Permission.WRITE, SHOP: Permission.READ}
    return {
        owner.login: Account(owner, ADMIN_TOKEN, every),
        person.login: Account(person, USER_TOKEN, some),
        machine.login: Account(machine, MACHINE_TOKEN),
    }


def account_of(accounts: Mapping[str, Account], token: str) -> Account | None:
    """Find whose *token* it is; without one, or with a wrong one, a caller is a guest."""
    found = (one for one in accounts.values() if one.token == token and not one.is_revoked)
    return next(found, None) if token else None


def token_of(authorization: str, access_token: str) -> str:
    """Read a token from the header, with or without `Bearer`, or else from the query."""
    return authorization.removeprefix("Bearer ").strip() or access_token
