"""What the page makes of a text in each part of a message, as Discord's app does it.

Content and descriptions read everything, field values all but headings, titles and names of fields
inline marks only, authors and footers nothing.
https://guide.pycord.dev/getting-started/more-features#markdown-in-embeds
https://github.com/discord/discord-api-docs/issues/7167
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from browser import Visit, browsing
from playwright.sync_api import Page, expect

from playground.discord.options import APPLICATION_ID, CHANNEL_ID, GUILD_ID, TOKEN
from playground.discord.process import StandIn

pytestmark = pytest.mark.xdist_group("page markdown")

HEADERS = {
    "Authorization": f"Bot {TOKEN}",
    "User-Agent": "DiscordBot (https://example.org/drone-discord, 0.1)",
}
FULL = (".content", ".embed-description")
FIELD = (".embed-field-value",)
TITLE = (".embed-title", ".embed-field-name")
PLAIN = (".embed-author-name", ".embed-footer-text")

# Writes elements as <tag> or <tag.class>, links with where they lead, and text as it is.
WRITE = """
(element) => {
  const write = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    const name = [node.localName, ...node.classList].join(".");
    const to = node.localName === "a" ? ` ${node.getAttribute("href")}` : "";
    return `<${name}${to}>${[...node.childNodes].map(write).join("")}</${node.localName}>`;
  };
  return [...element.childNodes].map(write).join("");
}
"""


@dataclass(frozen=True)
class Sample:
    """A text, and what becomes of it where it is read; None: it stays as it is."""

    name: str
    text: str
    full: str | None = None
    field: str | None = None
    title: str | None = None


def everywhere(name: str, text: str, shown: str) -> Sample:
    """Make a sample of an inline mark."""
    return Sample(name, text, shown, shown, shown)


def not_in_titles(name: str, text: str, shown: str) -> Sample:
    """Make a sample of what is read in descriptions and values."""
    return Sample(name, text, shown, shown, None)


def link(url: str, label: str) -> str:
    return f"<a {url}>{label}</a>"


def mention(text: str) -> str:
    return f"<span.mention>{text}</span>"


FENCE = "<pre.fence><code>x = 1</code></pre>"
SITE = "https://example.com/a"
SAMPLES = (
    everywhere("bold", "**b**", "<strong>b</strong>"),
    everywhere("italic by stars", "*i*", "<em>i</em>"),
    everywhere("italic by lines", "_i_", "<em>i</em>"),
    everywhere("underlined", "__u__", "<u>u</u>"),
    everywhere("struck out", "~~s~~", "<s>s</s>"),
    everywhere("spoiler", "||s||", "<span.spoiler>s</span>"),
    everywhere("code", "`a * b * c`", "<code.inline>a * b * c</code>"),
    everywhere("nested", "***bi*** x", "<strong><em>bi</em></strong> x"),
    everywhere("escaped", r"\*no\* \_no\_ \`no\`", "*no* _no_ `no`"),
    everywhere("a backslash in code", r"`\*`", r"<code.inline>\*</code>"),
    everywhere("lines inside words", "snake_case_name", "snake_case_name"),
    Sample("fence", "```x = 1```", FENCE, FENCE, "<code.inline>x = 1</code>"),
    Sample(
        "fence with a language",
        "```py\nx = 1\n```",
        FENCE,
        FENCE,
        "<code.inline>py\nx = 1\n</code>",
    ),
    not_in_titles("quote", "> q\nx", "<blockquote>q</blockquote>x"),
    not_in_titles("a quote of the rest", ">>> q\nx", "<blockquote>q\nx</blockquote>"),
    not_in_titles("list", "- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
    not_in_titles("numbered list", "1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
    not_in_titles("masked link", f"[a]({SITE})", link(SITE, "a")),
    not_in_titles("address", f"see {SITE}.", f"see {link(SITE, SITE)}."),
    not_in_titles("hidden address", f"<{SITE}>", link(SITE, SITE)),
    not_in_titles("user", f"<@{APPLICATION_ID}>", mention("@Drone")),
    not_in_titles("unknown user", "<@1>", mention("@unknown-user")),
    not_in_titles("role", f"<@&{GUILD_ID}>", mention("@everyone")),
    not_in_titles("channel", f"<#{CHANNEL_ID}>", mention("#builds")),
    not_in_titles("everyone", "@everyone", mention("@everyone")),
    not_in_titles("emoji", "<:drone:1>", "<span.emoji>:drone:</span>"),
    not_in_titles("time", "<t:0:D>", "<time.timestamp>January 1, 1970</time>"),
    Sample("heading", "# h", "<h1.heading>h</h1>"),
    Sample("small text", "-# s", "<small.subtext>s</small>"),
    Sample("a hash inside a line", "x # h"),
    Sample("a hash without a space", "#12"),
    Sample("a script's address", "[a](javascript:alert(1))"),
    Sample("HTML", "<b>b</b><img src=x onerror=alert(1)>&lt;"),
)


@pytest.fixture(scope="module")
def visit() -> Iterator[Visit]:
    """Give a browser."""
    with browsing() as visit:
        yield visit


@pytest.fixture(scope="module")
def page(visit: Visit, stand_in: StandIn) -> Iterator[Page]:
    """Give the channel's page, and fail the module if it complains or asks elsewhere."""
    stand_in.reset()
    stand_in.set_limits(messages="off")
    page = visit.open(stand_in.address)
    yield page
    assert visit.complaints == []
    assert visit.asked_elsewhere(stand_in.address) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_text_is_read_where_discord_reads_it(
    page: Page, stand_in: StandIn, sample: Sample
) -> None:
    message = page.locator(f"#message-{post(stand_in, sample.text)}")
    expect(message).to_be_visible()

    shown = {
        part: message.locator(part).evaluate(WRITE) for part in (*FULL, *FIELD, *TITLE, *PLAIN)
    }

    raw = sample.text
    assert shown == {
        **dict.fromkeys(FULL, raw if sample.full is None else sample.full),
        **dict.fromkeys(FIELD, raw if sample.field is None else sample.field),
        **dict.fromkeys(TITLE, raw if sample.title is None else sample.title),
        **dict.fromkeys(PLAIN, raw),
    }


def post(stand_in: StandIn, text: str) -> str:
    """Post a message with *text* in every part of it; return its id."""
    embed = {
        "author": {"name": text},
        "title": text,
        "description": text,
        "fields": [{"name": text, "value": text}],
        "footer": {"text": text},
    }
    response = requests.post(
        f"{stand_in.api}/channels/{CHANNEL_ID}/messages",
        json={"content": text, "embeds": [embed], "allowed_mentions": {"parse": []}},
        headers=HEADERS,
        timeout=60,
    )
    assert response.status_code == 200, response.text
    return str(response.json()["id"])
