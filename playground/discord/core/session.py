"""Keep gateway sessions: who is connected, who may resume, and which presence is seen."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from playground.discord.core.bucket import Level
from playground.discord.core.presence import OFFLINE, Presence, visible

# A client that closes with one of these ends its session; any other leaves it for a while.
CLEAN_CLOSES = (1000, 1001)
# After these the server takes no resume.
FINAL_CLOSES = (4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014)


@dataclass(slots=True)
class Session:
    """Hold one session."""

    id: str
    intents: int
    presence: Presence
    sequence: int = 0
    updated_at: float = 0.0
    connection: int | None = None  # the number of the connection that carries it
    ends_at: float | None = None  # when it is over unless it is resumed
    presence_level: Level = field(default_factory=Level)

    def is_over(self, now: float) -> bool:
        """Tell whether nobody resumed it in time."""
        return self.connection is None and self.ends_at is not None and now >= self.ends_at


@dataclass(slots=True)
class Sessions:
    """Keep all sessions, and count what clients did."""

    linger_seconds: float
    known: dict[str, Session] = field(default_factory=dict)
    tally: Counter[str] = field(
        default_factory=lambda: Counter(
            connections=0, identifies=0, resumes=0, presence_updates=0, presence_dropped=0
        )
    )
    # The codes by which clients closed, newest last; 1006 for a connection that just broke.
    closes: deque[int] = field(default_factory=lambda: deque(maxlen=100))
    identified_at: deque[float] = field(default_factory=lambda: deque(maxlen=1000))

    def start(self, session: Session, now: float) -> None:
        """Begin a session after an Identify."""
        self.forget_ended(now)
        self.tally["identifies"] += 1
        self.identified_at.append(now)
        self.known[session.id] = session

    def resume(self, session_id: str, connection: int, now: float) -> Session | None:
        """Continue a session; None if it is over."""
        self.forget_ended(now)
        session = self.known.get(session_id)
        if session is not None:
            self.tally["resumes"] += 1
            session.connection, session.ends_at = connection, None
        return session

    def leave(self, session: Session, connection: int, *, is_final: bool, now: float) -> None:
        """Note that a connection ended, unless another one has resumed the session already."""
        if session.connection != connection:
            return
        session.connection = None
        if is_final:
            self.known.pop(session.id, None)
        else:
            session.ends_at = now + self.linger_seconds

    def end(self, session: Session) -> None:
        """Make a session invalid."""
        self.known.pop(session.id, None)

    def presence(self, now: float) -> Presence:
        """Return what others see: the newest presence of a session that is not over."""
        seen = [
            (session.updated_at, visible(session.presence))
            for session in self.known.values()
            if not session.is_over(now)
        ]
        shown = [one for one in seen if one[1] != OFFLINE]
        return max(shown, key=lambda one: one[0])[1] if shown else OFFLINE

    def forget_ended(self, now: float) -> None:
        """Forget sessions that nobody resumed in time."""
        self.known = {one.id: one for one in self.known.values() if not one.is_over(now)}
