"""The table of settings: every name that a program reads, and what is known of it.

The readers take defaults and checks from here. Tests compare the table with the README, with
`.env.example` and with `docker-stack.yml`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from runtime.kinds import Choice, Kind, Number, Seconds, Text, Token, Url

# The programs.
SERVER, WORKER, PRESENCE = "server", "worker", "presence"
BRIDGE = (SERVER, WORKER)
ALL = (*BRIDGE, PRESENCE)

_TEXT = Text()


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    name: str
    users: tuple[str, ...]  # the programs that read it
    meaning: str
    default: str | None = None  # None: it is required, or stands for a feature that is off
    kind: Kind = _TEXT
    is_required: bool = False  # by one of its users at least
    is_secret: bool = False  # it may come from a file of its own, named by NAME_FILE
    hint: str = ""  # where people get it, if a program cannot do without


_ROWS = (
    Setting(
        "DRONE_WEBHOOK_SECRET",
        (SERVER,),
        "the same as on the Drone server; several, separated by commas, while it is "
        r"being replaced; a comma that belongs to a secret is written `\,`",
        is_required=True,
        is_secret=True,
        hint="make one with `openssl rand -hex 32` and give Drone the same.",
    ),
    Setting(
        "DRONE_WEBHOOK_MAX_AGE",
        (SERVER,),
        "seconds by which a webhook's `Date` may differ from our clock; 0 switches the check off",
        default="300",
        kind=Number(0, 86_400),
    ),
    Setting(
        "DISCORD_TOKEN",
        (WORKER, PRESENCE),
        "the bot's token",
        kind=Token(),
        is_required=True,
        is_secret=True,
        hint="copy it from your application's page Bot at discord.com/developers.",
    ),
    Setting(
        "DISCORD_CHANNEL_ID",
        BRIDGE,
        "where cards go; the server can do without, but for interactions",
        is_required=True,
        hint="in Discord, switch on Developer Mode, then right-click the channel and copy its id.",
    ),
    Setting(
        "DISCORD_API_BASE_URL",
        ALL,
        "for tests and proxies",
        default="https://discord.com/api/v10",
        kind=Url(),
    ),
    Setting(
        "MONGO_URI",
        BRIDGE,
        "everything in one address, the database too; wins over the four below",
        is_secret=True,
    ),
    Setting(
        "MONGO_HOST",
        BRIDGE,
        "a name or an address alone; IPv6 with or without brackets",
        default="localhost",
    ),
    Setting(
        "MONGO_PORT", BRIDGE, "the port of `MONGO_HOST`", default="27017", kind=Number(1, 65_535)
    ),
    Setting(
        "MONGO_INITDB_ROOT_USERNAME",
        BRIDGE,
        "as MongoDB's image names it; goes together with the password",
        is_secret=True,
    ),
    Setting("MONGO_INITDB_ROOT_PASSWORD", BRIDGE, "of the user above", is_secret=True),
    Setting(
        "MONGO_DATABASE",
        BRIDGE,
        "if `MONGO_URI` names one (`mongodb://host/bridge`), that one, and another one "
        "here is an error; `/admin` there only says where the user is kept",
        default="drone-discord",
    ),
    Setting(
        "DELIVERY_TTL_DAYS",
        BRIDGE,
        "how long a webhook is kept after it was dealt with; 0 for ever",
        default="14",
        kind=Number(0, 3_650),
    ),
    Setting(
        "CARD_TTL_DAYS",
        BRIDGE,
        "how long a card is kept after its last change; 0 for ever",
        default="90",
        kind=Number(0, 3_650),
    ),
    Setting(
        "SPOOL_PATH",
        (SERVER,),
        "where webhooks wait while MongoDB is away",
        default="data/spool.sqlite3",
    ),
    Setting(
        "DRONE_SERVER",
        BRIDGE,
        "Drone's address; goes together with the token; needed to read what webhooks "
        "miss and to act on builds",
        kind=Url(),
    ),
    Setting(
        "DRONE_TOKEN",
        BRIDGE,
        "from Drone's page User settings; what people do from Discord is done with this account",
        kind=Token(),
        is_secret=True,
    ),
    Setting(
        "DRONE_PUBLIC_URL",
        BRIDGE,
        "what links in cards point at; without it, what Drone calls itself",
        kind=Url(),
    ),
    Setting("DISCORD_PUBLIC_KEY", BRIDGE, "switches on `/interactions`, and the buttons on cards"),
    Setting(
        "DISCORD_APPLICATION_ID",
        (SERVER,),
        "needed with the public key, and to register the commands",
        hint="copy it from your application's page General Information.",
    ),
    Setting(
        "DISCORD_GUILD_ID",
        (SERVER,),
        "the id of your Discord server: interactions of others are refused; also for "
        "the links that `GET /messages/<id>` gives",
    ),
    Setting(
        "DISCORD_OPERATOR_ROLE_IDS",
        (SERVER,),
        "roles that may act on builds besides Manage Server, separated by commas",
    ),
    Setting(
        "MESSAGES_TOKENS",
        (SERVER,),
        "`name:token[:channel|channel…][!mentions],…`; switches on `/messages`",
        is_secret=True,
    ),
    Setting("MESSAGES_CHANNELS", (SERVER,), "`name:id,…`, where messages may go besides `default`"),
    Setting(
        "MESSAGES_PER_MINUTE",
        (SERVER,),
        "how many requests each token may send in any minute",
        default="60",
        kind=Number(1, 10_000),
    ),
    Setting(
        "EDIT_INTERVAL",
        (WORKER,),
        "seconds between two edits of one card that show progress",
        default="2",
        kind=Number(0, 60),
    ),
    Setting(
        "LEASE_SECONDS",
        (WORKER,),
        "silence of the active worker after which the standby takes over",
        default="6",
        kind=Number(1, 60),
    ),
    Setting(
        "LOG_TAIL_LINES",
        (WORKER,),
        "how many lines of the log of a step that failed or timed out its card shows, "
        "up to 40; 0 shows none",
        default="10",
        kind=Number(0, 40),
    ),
    Setting(
        "LOG_TAIL_PRIVATE",
        BRIDGE,
        "`yes` shows logs of private and internal repositories too",
        default="no",
        kind=Choice(("no", "yes")),
    ),
    Setting(
        "DISCORD_GATEWAY_URL",
        (PRESENCE,),
        "for tests; without it the one that discord.py knows",
        kind=Url(("ws", "wss")),
    ),
    Setting(
        "HEALTHCHECK_URL",
        (PRESENCE,),
        "what the presence client asks",
        default="http://localhost:5000/health",
        kind=Url(),
    ),
    Setting(
        "HEALTHCHECK_INTERVAL",
        (PRESENCE,),
        "seconds between two questions, decimals allowed; half of it is the timeout",
        default="10",
        kind=Seconds(0.1, 3_600),
    ),
    Setting(
        "HEARTBEAT_PATH",
        (WORKER, PRESENCE),
        "a file touched while the worker goes its rounds, or the gateway is alive "
        "(without it, in the temporary folder)",
        hint="name a file that the worker touches.",
    ),
    Setting("PORT", (SERVER,), "where the server listens", default="5000", kind=Number(1, 65_535)),
    Setting(
        "STOP_DELAY",
        (SERVER,),
        "seconds between SIGTERM and closing the port, for a balancer in front that has to notice",
        default="0",
        kind=Number(0, 60),
    ),
    Setting("HTTP_PROXY", ALL, "the proxy for addresses of http, on the way to Discord and Drone"),
    Setting("HTTPS_PROXY", ALL, "the proxy for addresses of https"),
    Setting("ALL_PROXY", ALL, "for either, where its own is not set"),
    Setting(
        "NO_PROXY",
        ALL,
        "hosts, domains and networks that are reached directly, separated by commas",
    ),
    Setting("AWS_SECRET_ID", ALL, "a secret in AWS Secrets Manager that holds settings"),
    Setting(
        "LOG_LEVEL",
        ALL,
        "`debug`, `info`, `warning`, `error` or `critical`",
        default="info",
        kind=Choice(("info", "debug", "warning", "error", "critical")),
    ),
    Setting(
        "LOG_FORMAT",
        ALL,
        "`text` or `json`, one object a line",
        default="text",
        kind=Choice(("text", "json")),
    ),
)
SETTINGS: Mapping[str, Setting] = {row.name: row for row in _ROWS}


def settings_of(programs: Collection[str]) -> dict[str, Setting]:
    """Return the settings that *programs* read, by name."""
    return {name: one for name, one in SETTINGS.items() if {*one.users} & {*programs}}
