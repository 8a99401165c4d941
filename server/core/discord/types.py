"""The JSON of a Discord message, as far as this bridge sends it."""

from typing import Literal, NotRequired, TypedDict

from server.core.discord.limits import ROW_BUTTONS


class Picture(TypedDict):
    """An image by its address."""

    url: str


class Author(TypedDict):
    """The line above the title: a person."""

    name: str
    url: NotRequired[str]
    icon_url: NotRequired[str]


class Footer(TypedDict):
    """The line below everything, next to the time."""

    text: str
    icon_url: NotRequired[str]


class Field(TypedDict):
    """A name and a value; neither may be blank."""

    name: str
    value: str
    inline: NotRequired[bool]


class Embed(TypedDict):
    """The rich block of a message; *timestamp* is ISO 8601 and shown in the reader's zone."""

    title: str
    description: str
    color: int
    url: NotRequired[str]
    author: NotRequired[Author]
    fields: NotRequired[list[Field]]
    footer: NotRequired[Footer]
    thumbnail: NotRequired[Picture]
    image: NotRequired[Picture]
    timestamp: NotRequired[str]


class Button(TypedDict):
    """A button: one with a *url* is a link, one with a *custom_id* reports back."""

    type: Literal[2]
    style: int
    label: str
    url: NotRequired[str]
    custom_id: NotRequired[str]


class ActionRow(TypedDict):
    """Up to five buttons next to each other."""

    type: Literal[1]
    components: list[Button]


class AllowedMentions(TypedDict):
    """Who may be pinged; with an empty *parse* no one."""

    parse: list[str]


class Attachment(TypedDict):
    """A file that goes along; *id* is its number in the request."""

    id: int
    filename: str
    description: str


class Message(TypedDict):
    """The body of a POST or PATCH; it pings no one, whatever the text in it."""

    content: NotRequired[str]
    embeds: list[Embed]
    components: list[ActionRow]
    allowed_mentions: AllowedMentions
    attachments: NotRequired[list[Attachment]]  # those that a message has; others are removed


def link_buttons(*links: tuple[str, str]) -> list[Button]:
    """Make link buttons of labels and addresses, leaving out those without an address."""
    return [Button(type=2, style=5, label=label, url=url) for label, url in links if url]


def in_rows(*groups: list[Button]) -> list[ActionRow]:
    """Put groups of buttons into one row if they fit, otherwise into one row each."""
    together = [button for group in groups for button in group]
    if len(together) <= ROW_BUTTONS:
        groups = (together,)
    return [ActionRow(type=1, components=group) for group in groups if group]


def link_rows(*links: tuple[str, str]) -> list[ActionRow]:
    """Put labels and addresses into a row of link buttons, leaving out those without an address."""
    return in_rows(link_buttons(*links))
