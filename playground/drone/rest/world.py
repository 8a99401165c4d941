"""Hold everything the stand-in knows, so that a reset is one assignment."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from playground.drone.rest.accounts import Account, first_accounts
from playground.drone.rest.fault import Faults
from playground.drone.rest.flow import Flow
from playground.drone.rest.journal import Journal
from playground.drone.rest.mailbox import Mailbox
from playground.drone.rest.options import Options
from playground.drone.scenarios import SCENARIOS
from playground.drone.server import Server
from playground.drone.world import new_server


@dataclass(slots=True)
class World:
    """Hold a Drone server, its accounts, and what tests ordered."""

    options: Options
    server: Server = field(init=False)
    accounts: dict[str, Account] = field(init=False)
    flow: Flow = field(init=False)
    mailbox: Mailbox = field(init=False)
    faults: Faults = field(init=False)
    journal: Journal = field(init=False)
    stories: Sequence[str] = field(init=False)  # told again whenever nothing happens any more

    def __post_init__(self) -> None:
        """Start."""
        self.begin()

    def begin(self) -> None:
        """Put everything to the start, where there are repositories and no builds."""
        options = self.options
        self.server = new_server(
            options.seed, int(time.time()), first_id=options.first_id, link=options.link
        )
        self.accounts = first_accounts(self.server.owner, self.server.repos)
        self.flow = Flow(self.server, options.speed)
        self.mailbox = Mailbox(options.webhook_endpoint, options.webhook_secret)
        self.faults = Faults()
        self.journal = Journal()
        self.stories = ()

    def reset(self) -> None:
        """Begin anew; webhooks that wait are given up."""
        self.mailbox.close()
        self.begin()

    def pass_by(self) -> None:
        """Let happen what is due by now."""
        if self.stories and self.server.loop.due_at() == inf:
            self.tell(self.stories)
        self.mailbox.send(self.flow.pass_by())

    def tell(self, stories: Iterable[str]) -> None:
        """Begin *stories* side by side."""
        for name in stories:
            process = SCENARIOS[name](self.server)
            if process is not None:
                self.server.loop.start(process)

    def leap(self, seconds: float, *, is_lost: bool) -> None:
        """Let *seconds* pass at once; *is_lost* loses the webhooks of what happens."""
        self.mailbox.send(self.flow.leap(seconds), is_lost=is_lost)
