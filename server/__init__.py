"""The bridge from Drone CI to Discord: the webhook server and the worker."""

__version__ = "0.2.0"

PROJECT_URL = "https://github.com/drone-discord/drone-discord"
