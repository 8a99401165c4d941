"""Accounts and repositories that came to Drone or left it."""

from dataclasses import dataclass

from server.core.model.build import System


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """A person or a repository that came or went; *event* is Drone's pair, `user:created`."""

    event: str
    system: System
    subject_id: int
    version: int  # of the repository; 0 for a user
    name: str  # the login or the slug
    actor: str  # who enabled a repository; "" if Drone does not say
    link: str
    avatar: str
    is_admin: bool
    is_machine: bool
