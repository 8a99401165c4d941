"""A bridge's server with everything switched on, for the tests of how HTTP comes in."""

from discord_signing import APPLICATION, GUILD, PUBLIC_KEY
from stack import Bridge

TOKEN = "token-of-the-backups"
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
SETTINGS = {
    "MESSAGES_TOKENS": f"ops:{TOKEN}",
    "MESSAGES_PER_MINUTE": "10000",
    "DISCORD_PUBLIC_KEY": PUBLIC_KEY,
    "DISCORD_APPLICATION_ID": APPLICATION,
    "DISCORD_GUILD_ID": GUILD,
}


def port_of(bridge: Bridge) -> int:
    return int(bridge.environ["PORT"])


def output_of(bridge: Bridge) -> str:
    return bridge.processes[0].output()
