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

    @property
    def identity(self) -> str:
        """Return the name of the event, the same in every report of it.

        A repository can be enabled more than once, each time with a higher version.
        """
        kind = self.event.replace(":", "-")
        return f"{kind}/{self.system.host}/{self.subject_id}/{self.version}"

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing comes after this event."""
        return True

    @property
    def status_word(self) -> str:
        """Return the event, which is all the status there is."""
        return self.event
