"""The doctor: one finding for each check of the setup, each with what to do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from runtime.secret import Secret
from server.core.discord.objects import read_application
from server.core.drone.answers import AccountFound, Refused, read_account
from server.core.drone.ping import headers, place_of, refusal_of
from server.core.drone.webhook_counts import WebhookCounts, WebhookOutcome, clock, trouble
from server.core.http_answer import Answer
from server.errors import StoreUnavailable
from server.services.operations.doctor_discord import Get
from server.services.operations.finding import Finding, quoted

# What to do when the server refuses the doctor's ping, by its reason.
PING_ADVICE = {
    "bad_signature": "The server there runs with another secret than this doctor reads: restart "
    "it, or run the doctor where it runs.",
    "unsigned": "A proxy in front of it drops headers.",
    "bad_digest": "A proxy in front of it changes the body.",
}


def tell_origins(defaults: Mapping[str, str | None], origins: Mapping[str, str]) -> Iterator[str]:
    """Say in one line for each source which settings come from it; never a value."""
    known = {name: origins[name] for name in defaults if name in origins}
    known |= {name: "default" for name in defaults.keys() - known if defaults[name] is not None}
    for origin in sorted(set(known.values()), key=lambda one: (one == "default", one)):
        names = ", ".join(name for name in defaults if known.get(name) == origin)
        yield f"from     {origin}: {names}"


def check_store(
    read: Callable[[], tuple[WebhookCounts, datetime]], place: str
) -> Iterator[Finding]:
    """Reach MongoDB by *read*, which gives what was heard of webhooks, and the present time.

    It raises StoreUnavailable if it cannot.
    """
    try:
        heard, now = read()
    except StoreUnavailable as error:
        yield Finding(
            "MongoDB", False, f"{place} cannot be used ({error}).", "Check MONGO_URI or MONGO_HOST."
        )
        return
    yield Finding("MongoDB", True, f"{place} answers.")
    yield _check_heard(heard, now)


def _check_heard(heard: WebhookCounts, now: datetime) -> Finding:
    reason, sentence = trouble(heard, now)
    if reason:
        return Finding("Webhooks", False, sentence)
    accepted = heard.get(WebhookOutcome.ACCEPTED)
    said = f"the last was accepted at {clock(accepted.at)}" if accepted else "none was accepted yet"
    refused = [
        heard[kind] for kind in (WebhookOutcome.REFUSED, WebhookOutcome.UNSIGNED) if kind in heard
    ]
    if refused:
        last = max(refused, key=lambda one: one.at)
        said += f", one was refused ({last.reason}) at {clock(last.at)}"
    return Finding("Webhooks", True if accepted else None, f"{said}.")


def check_secrets(
    post: Callable[[str, Mapping[str, str]], Answer],
    url: str,
    secrets: Sequence[Secret],
    now: datetime,
) -> Iterator[Finding]:
    """Post a ping to the address where Drone posts, signed with each secret."""
    if not url:
        advice = "Say --url with the address that Drone posts to."
        yield Finding("Secret", None, "no webhook was tried.", advice)
        return
    place = place_of(url)
    for number, secret in enumerate(secrets, start=1):
        which = f"secret {number} of {len(secrets)}, " if len(secrets) > 1 else ""
        answer = post(url, headers(secret.reveal(), now))
        yield _judge_ping(answer, f"{which}a signed ping to {place}")


def _judge_ping(answer: Answer, what: str) -> Finding:
    if answer.status == 204:
        return Finding("Secret", True, f"{what} is accepted.")
    if not answer.status:
        advice = "Can Drone reach it? Is its certificate valid?"
        return Finding("Secret", False, f"{what} has no answer ({answer.error}).", advice)
    reason, sentence = (quoted(part) for part in refusal_of(answer))
    if answer.status == 401 and reason:
        detail = f"{what} is refused ({reason}): {sentence}"
        return Finding("Secret", False, detail, PING_ADVICE.get(reason, ""))
    if 300 <= answer.status < 400:
        target = quoted(answer.headers.get("location", "?"))
        advice = "Give Drone the final address: it does not repeat a webhook after a redirect."
        return Finding("Secret", False, f"{what} is redirected to {place_of(target)}.", advice)
    advice = "Is it the address of the server, and does the proxy pass POST to it?"
    return Finding("Secret", False, f"{what} is answered {answer.status}, not 204.", advice)


def check_drone(answer: Answer) -> Finding:
    """Judge what Drone says about our token."""
    result = read_account(answer)
    if isinstance(result, AccountFound):
        whose = f"the token belongs to {quoted(result.login)}"
        if result.is_admin:
            return Finding("Drone", True, f"{whose}, an administrator.")
        advice = "Of private repositories it sees that account's own alone."
        return Finding("Drone", True, f"{whose}, who is no administrator of Drone.", advice)
    if isinstance(result, Refused) and result.status == 403:
        return Finding("Drone", False, "the token's account is switched off.", "Activate it.")
    if isinstance(result, Refused):
        return Finding("Drone", False, "the token is refused.", "Copy it from <drone>/account.")
    said = result.error or f"HTTP {result.status}"
    return Finding("Drone", False, f"no proper answer ({said}).", "Check DRONE_SERVER.")


def check_interactions(get: Get, application_id: str, public_key: str) -> Finding:
    """Ask Discord whether application, key and endpoint belong together."""
    name = "Interactions"
    answer = get("/applications/@me")
    if (application := read_application(answer)) is None:
        said = answer.error or f"HTTP {answer.status}"
        return Finding(name, False, f"the application cannot be read ({said}).", "Try again later.")
    if application.id != application_id:
        detail = "DISCORD_APPLICATION_ID is not the application of DISCORD_TOKEN."
        return Finding(name, False, detail, f"Put {application.id} there.")
    if application.verify_key.lower() != public_key.lower():
        detail = "DISCORD_PUBLIC_KEY is not the application's."
        return Finding(name, False, detail, f"Put {application.verify_key} there.")
    if not application.interactions_url:
        detail = "the application has no Interactions Endpoint URL."
        advice = "Put https://<this server>/interactions on its page General Information."
        return Finding(name, False, detail, advice)
    url = quoted(application.interactions_url)
    return Finding(name, True, f"the key fits, and Discord sends them to {url}.")
