"""Declare what the player hands on: one HTTP request of Drone, not yet signed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hold one request: its event for the header, its body, and when Drone sent it."""

    event: str  # For the header X-Drone-Event.
    action: str
    body: bytes
    at: float  # Seconds since the start of the play.
    sent_at: int  # Unix seconds on Drone's clock, for the header Date.
    build_id: int = 0  # 0 for events that are not about a build.
    status: str = ""  # The build's status as this delivery tells it, to be shown to people.
    subject: str = ""  # Such as `octocat/hello-world #7`, to be shown to people.
