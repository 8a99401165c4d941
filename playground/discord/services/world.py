"""Hold the whole state of the stand-in, and put it back to its start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from playground.discord.core.fault import Faults
from playground.discord.core.guild import Channel, Guild, default_guild
from playground.discord.core.journal import Journal
from playground.discord.core.limit import OLD_AFTER_SECONDS, Limits
from playground.discord.core.message import Message, to_json
from playground.discord.core.nonce import Nonces
from playground.discord.core.session import Sessions
from playground.discord.core.snowflake import Mint
from playground.discord.core.store import Store
from playground.discord.options import Options
from playground.discord.services.ask import Upload

MAX_FILE_BYTES_KEPT = 64 * 1024 * 1024


@dataclass(slots=True)
class Interaction:
    """Hold one interaction and what became of it."""

    id: str
    token: str
    type: int
    channel_id: str
    created_at: float
    message_id: str | None = None  # the message a component sits on
    acknowledged: int | None = None  # the callback's type
    original_id: str | None = None  # the message `@original` names
    answer: object = None  # the callback's data


@dataclass(slots=True)
class GatewayState:
    """Hold the gateway's sessions and how it behaves."""

    sessions: Sessions
    heartbeat_interval_seconds: float
    accepts: bool = True  # whether it can be connected to at all
    acks_heartbeats: bool = True
    identify_close: int = 0  # the code every Identify is answered with; 0 lets them in


@dataclass(slots=True)
class World:
    """Hold everything that can change, so that a reset is one assignment each."""

    options: Options
    guild: Guild = field(init=False)
    store: Store = field(init=False)
    nonces: Nonces = field(init=False)
    limits: Limits = field(init=False)
    faults: Faults = field(init=False)
    journal: Journal = field(init=False)
    commands: dict[str, dict[str, dict[str, object]]] = field(init=False)  # scope, then id
    interactions: dict[str, Interaction] = field(init=False)  # by token
    gateway: GatewayState = field(init=False)
    files: dict[str, Upload] = field(init=False)  # by attachment id
    interactions_url: str | None = field(init=False)
    is_token_revoked: bool = field(init=False)
    old_after_seconds: float = field(init=False)
    tally: Counter[str] = field(init=False)  # messages created, edited, repeated
    mint: Mint = field(default_factory=Mint)
    base_url: str = ""
    # Whoever shows the world listens here: told the kind of news, and what it is about.
    listeners: list[Callable[[str, object], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start from the beginning."""
        self.reset()

    def reset(self) -> None:
        """Put everything back to the start, except ids, which are never made twice."""
        options = self.options
        self.guild = default_guild(options.guild_id, options.application_id, options.channels)
        self.store = Store(options.keep_messages, options.keep_messages)
        self.nonces = Nonces(options.nonce_window_seconds)
        self.limits = Limits(dict(options.rates))
        self.faults = Faults()
        self.journal = Journal(options.keep_requests)
        self.commands, self.interactions, self.files = {}, {}, {}
        self.gateway = GatewayState(
            Sessions(options.presence_linger_seconds), options.heartbeat_interval_seconds
        )
        self.interactions_url = None
        self.is_token_revoked = False
        self.old_after_seconds = float(OLD_AFTER_SECONDS)
        self.tally = Counter(created=0, edited=0, repeated=0)
        self.tell("reset", None)

    def tell(self, kind: str, about: object) -> None:
        """Tell everybody who listens what has changed."""
        for listener in self.listeners:
            listener(kind, about)

    def channel(self, channel_id: str) -> Channel | None:
        """Return a channel that exists."""
        return self.guild.channels.get(channel_id)

    def message_json(self, message: Message) -> dict[str, object]:
        """Build a message's object with the message it answers, but without its nonce."""
        body = to_json(message, self.guild.users)
        if message.reply_to is not None:
            body["message_reference"] = {
                "type": 0,
                "channel_id": message.channel_id,
                "message_id": message.reply_to,
                "guild_id": self.guild.id,
            }
            target = self.store.find(message.channel_id, message.reply_to)
            body["referenced_message"] = to_json(target, self.guild.users) if target else None
        return body

    def keep_file(self, attachment_id: str, upload: Upload) -> None:
        """Keep a file; the oldest are forgotten when all together are too large."""
        self.files[attachment_id] = upload
        while sum(len(one.data) for one in self.files.values()) > MAX_FILE_BYTES_KEPT:
            del self.files[next(iter(self.files))]
