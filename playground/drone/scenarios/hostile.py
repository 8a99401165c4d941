"""Play builds whose texts were written by strangers who mean no good."""

from dataclasses import replace

from playground.drone import hooks
from playground.drone.loop import Process
from playground.drone.pipeline import StagePlan, StepPlan, stage
from playground.drone.server import Server
from playground.drone.trigger import create_build, create_build_error
from playground.drone.world import HELLO

MENTIONS = "@everyone @here <@1> <@!1> <@&1> <#1> </kick:1> <:smile:1> <t:0:R> <id:home>"
MARKDOWN = (
    "**bold** __under__ ~~gone~~ ||spoiler|| `code` ```block``` # head\n> quote\n- list\n-# small"
)
LINKS = "[free nitro](https://evil.example.com) <https://evil.example.com> evil.example.com"
HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;\u2028\u2029"
DIRECTION = "\u202eelif.exe\u202c שלום العربية"
INVISIBLE = "zero\u200bwidth\u200djoined\ufeffbom\u2060word\u3164filler\u00ad"
EMOJI = "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u0301 " + "Z\u0351\u036b\u0343\u036a" * 20
CONTROL = "nul \x00 bell \x07 escape \x1b[31m backspace \x08 form feed \x0c delete \x7f"
ESCAPES = r"\u0000 \\ \" \*not\* %s {0} $(id) `id` ${HOME} ../../etc/passwd"
TEXTS = {
    "mentions": MENTIONS,
    "markdown": MARKDOWN,
    "masked links": LINKS,
    "html": HTML,
    "direction": DIRECTION,
    "invisible": INVISIBLE,
    "emoji": EMOJI,
    "control": CONTROL,
    "escapes": ESCAPES,
    "blank": " \t\r\n\u200b",
    "unclosed": "```never closed || ** __ [ ( <",
    "very long": "0123456789" * 1000 + " " + "👍🏽" * 1000,
}


def hostile_texts(server: Server) -> Process:
    """Push a commit for each of a dozen malicious texts, in every place that people can fill."""
    for text in TEXTS.values():
        hostile_build(server, text)
        yield 5.0


def hostile_build(server: Server, text: str) -> None:
    """Push a commit with *text* in every place that people can fill."""
    line = " ".join(text.split())[:100] or text
    hook = hooks.push(server.repos[HELLO], server.random, branch=line, message=text, author=line)
    test = StepPlan(line, exit_code=1, image=line)
    broken = StepPlan(line + " ", error=text, when="always")
    create_build(server, HELLO, hook, [stage(line, test, broken)])


def hostile_pull_request(server: Server) -> None:
    """Open a pull request whose title, body, branch and author are malicious."""
    hook = hooks.pull_request(server.repos[HELLO], server.random, title=f"{MENTIONS} {LINKS}")
    hook = replace(
        hook,
        message=f"{MARKDOWN}\n{HTML}",
        source=DIRECTION,
        author_name="",
        author_login="",
        author_avatar="javascript:alert(1)",
        link="javascript:alert(1)",
        sender=MENTIONS,
    )
    create_build(server, HELLO, hook, [StagePlan(MENTIONS, (StepPlan(MARKDOWN, exit_code=1),))])


def hostile_config_error(server: Server) -> None:
    """Push a configuration whose error, uncut, is malicious and long."""
    hook = hooks.push(server.repos[HELLO], server.random, message="\n\n")
    create_build_error(server, HELLO, hook, "\n".join([*TEXTS.values()] * 3))


STORIES = (hostile_texts, hostile_pull_request, hostile_config_error)
