"""List the API's routes: who answers, which bucket counts, whether the bot's token is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playground.discord.core.limit import DELETES, MESSAGES, WEBHOOKS
from playground.discord.core.refusal import NOT_FOUND, Refused
from playground.discord.services import application, commands, interactions, messages
from playground.discord.services.ask import Answer, Ask
from playground.discord.services.world import World


@dataclass(frozen=True, slots=True)
class Route:
    """Hold one method and path template, and how it is treated."""

    method: str
    template: str
    answer: Callable[[World, Ask], Answer]
    bucket: str = ""  # the name of its rate; empty where Discord reports none
    # Interaction endpoints carry a token in the path and are outside the global limit.
    is_bot: bool = True


def _nothing(world: World, ask: Ask) -> Answer:
    raise Refused(NOT_FOUND)


UNKNOWN = Route("*", "(unknown)", _nothing)

_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
_WEBHOOK = "/webhooks/{application_id}/{interaction_token}"
_FOLLOW_UP = f"{_WEBHOOK}/messages/{{message_id}}"
_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"


def _command_routes(template: str) -> list[Route]:
    one = f"{template}/{{command_id}}"
    return [
        Route("GET", template, commands.list_commands),
        Route("PUT", template, commands.overwrite_commands),
        Route("POST", template, commands.create_command),
        Route("GET", one, commands.get_command),
        Route("PATCH", one, commands.edit_command),
        Route("DELETE", one, commands.delete_command),
    ]


ROUTES: tuple[Route, ...] = (
    Route("POST", _MESSAGES, messages.create_message, MESSAGES),
    Route("GET", _MESSAGES, messages.list_messages),
    Route("PATCH", _MESSAGE, messages.edit_message, MESSAGES),
    Route("GET", _MESSAGE, messages.get_message),
    Route("DELETE", _MESSAGE, messages.delete_message, DELETES),
    Route("GET", "/users/@me", application.get_me),
    Route("GET", "/users/@me/guilds", application.list_guilds),
    Route("GET", "/users/{user_id}", application.get_user),
    Route("GET", "/applications/@me", application.get_application),
    Route("PATCH", "/applications/@me", application.edit_application),
    Route("GET", "/oauth2/applications/@me", application.get_application),
    Route("GET", "/gateway", application.get_gateway),
    Route("GET", "/gateway/bot", application.get_gateway_bot),
    Route("GET", "/channels/{channel_id}", application.get_channel),
    Route("PATCH", "/channels/{channel_id}", application.edit_channel),
    Route("GET", "/guilds/{guild_id}", application.get_guild),
    Route("GET", "/guilds/{guild_id}/roles", application.list_roles),
    Route("GET", "/guilds/{guild_id}/channels", application.list_channels),
    Route("GET", "/guilds/{guild_id}/members/{user_id}", application.get_member),
    *_command_routes(_GLOBAL),
    *_command_routes(_GUILD),
    Route("POST", _CALLBACK, interactions.callback, is_bot=False),
    Route("POST", _WEBHOOK, interactions.follow_up, WEBHOOKS, is_bot=False),
    Route("GET", _FOLLOW_UP, interactions.get_original, WEBHOOKS, is_bot=False),
    Route("PATCH", _FOLLOW_UP, interactions.edit_original, WEBHOOKS, is_bot=False),
    Route("DELETE", _FOLLOW_UP, interactions.delete_original, WEBHOOKS, is_bot=False),
)
