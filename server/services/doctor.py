"""Is everything set up so that builds will appear? One finding a check, each with what to do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from server.core.answer import Answer, error_code
from server.core.permission import VIEW_AND_SEND, channel_permissions, names_of
from server.errors import StoreUnavailable

Get = Callable[[str], Answer]

# Text, announcement, and the three kinds of thread: what a bot can simply write into.
# https://docs.discord.com/developers/resources/channel#channel-object-channel-types
WRITABLE_TYPES = frozenset({0, 5, 10, 11, 12})


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; *advice* says how to mend what is not well."""

    name: str
    is_well: bool
    detail: str
    advice: str = ""

    def __str__(self) -> str:
        line = f"{'ok     ' if self.is_well else 'PROBLEM'}  {self.name}: {self.detail}"
        return f"{line} {self.advice}" if self.advice else line


def tell_origins(defaults: Mapping[str, str | None], origins: Mapping[str, str]) -> Iterator[str]:
    """Say in one line for each source which settings come from it; never a value."""
    known = {name: origins[name] for name in defaults if name in origins}
    known |= {name: "default" for name in defaults.keys() - known if defaults[name] is not None}
    for origin in sorted(set(known.values()), key=lambda one: (one == "default", one)):
        names = ", ".join(name for name in defaults if known.get(name) == origin)
        yield f"from     {origin}: {names}"


def check_store(read: Callable[[], object], place: str) -> Finding:
    """Reach MongoDB by *read*, which raises StoreUnavailable if it cannot."""
    try:
        read()
    except StoreUnavailable as error:
        return Finding(
            "MongoDB", False, f"{place} cannot be used ({error}).", "Check MONGO_URI or MONGO_HOST."
        )
    return Finding("MongoDB", True, f"{place} answers.")


def check_drone(answer: Answer) -> Finding:
    """Judge what Drone says about our token."""
    if answer.status == 200:
        login = answer.body.get("login", "?")
        if answer.body.get("admin") is True:
            return Finding("Drone", True, f"the token belongs to {login}, an administrator.")
        return Finding(
            "Drone",
            True,
            f"the token belongs to {login}, who is no administrator of Drone.",
            "Of private repositories it sees that account's own alone.",
        )
    if answer.status == 403:
        return Finding("Drone", False, "the token's account is switched off.", "Activate it.")
    if answer.status == 401:
        return Finding("Drone", False, "the token is refused.", "Copy it from <drone>/account.")
    said = answer.error or f"HTTP {answer.status}"
    return Finding("Drone", False, f"no proper answer ({said}).", "Check DRONE_SERVER.")


def check_discord(get: Get, channel_id: str) -> Iterator[Finding]:
    """Ask Discord who the bot is, and whether it can see the channel and write to it."""
    me = get("/users/@me")
    if me.status != 200:
        yield _no_answer(me)
        return
    yield Finding("Discord", True, f"the bot is {me.body.get('username', '?')}.")
    yield _check_channel(get, str(me.body.get("id", "")), channel_id)


def check_interactions(get: Get, application_id: str, public_key: str) -> Finding:
    """Ask Discord whether application, key and endpoint belong together."""
    name = "Interactions"
    found = get("/applications/@me")
    body = found.body
    if found.status != 200:
        said = found.error or f"HTTP {found.status}"
        return Finding(name, False, f"the application cannot be read ({said}).", "Try again later.")
    if body.get("id") != application_id:
        detail = "DISCORD_APPLICATION_ID is not the application of DISCORD_TOKEN."
        return Finding(name, False, detail, f"Put {body.get('id')} there.")
    if str(body.get("verify_key")).lower() != public_key.lower():
        detail = "DISCORD_PUBLIC_KEY is not the application's."
        return Finding(name, False, detail, f"Put {body.get('verify_key')} there.")
    url = body.get("interactions_endpoint_url")
    if not url:
        detail = "the application has no Interactions Endpoint URL."
        advice = "Put https://<this server>/interactions on its page General Information."
        return Finding(name, False, detail, advice)
    return Finding(name, True, f"the key fits, and Discord sends them to {url}.")


def _no_answer(answer: Answer) -> Finding:
    if answer.status == 401:
        return Finding(
            "Discord",
            False,
            "the token is refused.",
            "Reset it on your application's page Bot at discord.com/developers, then put the new "
            "one into DISCORD_TOKEN.",
        )
    said = answer.error or f"HTTP {answer.status}"
    return Finding(
        "Discord",
        False,
        f"no proper answer ({said}).",
        "Check the network and DISCORD_API_BASE_URL.",
    )


def _check_channel(get: Get, bot_id: str, channel_id: str) -> Finding:
    channel = get(f"/channels/{channel_id}")
    if channel.status != 200:
        hints = {
            403: "Invite the bot to the server and let it view the channel.",
            404: "Check DISCORD_CHANNEL_ID; is the bot in that server?",
        }
        said = channel.error or f"HTTP {channel.status}, code {error_code(channel)}"
        advice = hints.get(channel.status, "Try again in a minute.")
        return Finding("Channel", False, f"{channel_id} cannot be read ({said}).", advice)
    name = f"#{channel.body.get('name', '?')}"
    if channel.body.get("type") not in WRITABLE_TYPES:
        return Finding("Channel", False, f"{name} is no text channel.", "Choose another.")
    missing = _missing_permissions(get, bot_id, channel.body)
    if missing is None:
        return Finding("Channel", True, f"{name} is seen; its permissions could not be read.")
    if missing:
        return Finding(
            "Channel",
            False,
            f"in {name} the bot lacks {', '.join(missing)}.",
            "Grant it in Discord.",
        )
    return Finding("Channel", True, f"the bot can see {name} and write to it.")


def _missing_permissions(get: Get, bot_id: str, channel: Any) -> list[str] | None:
    guild_id = channel.get("guild_id")
    guild = get(f"/guilds/{guild_id}")
    member = get(f"/guilds/{guild_id}/members/{bot_id}")
    if guild.status != 200 or member.status != 200:
        return None
    granted = channel_permissions(bot_id, guild.body, member.body, channel)
    return names_of(VIEW_AND_SEND & ~granted)
