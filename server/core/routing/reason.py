"""Why a build is shown in a channel or not: constants for machines, a sentence for people."""

from dataclasses import dataclass
from enum import StrEnum, unique

from server.core.routing.facts import BuildFacts
from server.core.routing.rules import Show
from server.core.routing.transition import NEWS, Change


@unique
class Verdict(StrEnum):
    """Whether a build is shown in a channel."""

    SHOWN = "shown"
    WAITS = "waits"  # it may still come to be shown
    SUPPRESSED = "suppressed"  # the rule says no


@unique
class ReasonCode(StrEnum):
    """Why a verdict is what it is."""

    SHOWS_ALL = "shows_all"
    ENDED = "ended"
    NOT_ENDED = "not_ended"
    BAD = "bad"
    NOT_BAD = "not_bad"
    BROKEN = "broken"
    NEW_STEP = "new_step"
    FIXED = "fixed"
    NO_CHANGE = "no_change"
    NO_VERDICT = "no_verdict"
    OUTDATED = "outdated"
    SHOWS_NONE = "shows_none"
    BEGUN = "begun"


SENTENCES = {
    ReasonCode.SHOWS_ALL: "it shows every build",
    ReasonCode.ENDED: "it shows builds that have ended",
    ReasonCode.NOT_ENDED: "it waits for the ending",
    ReasonCode.BAD: "it shows builds that have failed",
    ReasonCode.NOT_BAD: "it shows builds that have failed, and this one has not",
    ReasonCode.BROKEN: "it shows changes: the branch broke",
    ReasonCode.NEW_STEP: "it shows changes: another step broke",
    ReasonCode.FIXED: "it shows changes: the branch is fixed",
    ReasonCode.NO_CHANGE: "it shows changes, and this one ended as the build before it did",
    ReasonCode.NO_VERDICT: "it shows changes, and this ending does not say whether all is well",
    ReasonCode.OUTDATED: "it shows changes, and a later build had ended before this one",
    ReasonCode.SHOWS_NONE: "it shows no build",
    ReasonCode.BEGUN: "its message is here already, so it is finished here",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a build is shown in a channel or not, as data; *matched* are fields and patterns."""

    code: ReasonCode
    matched: tuple[tuple[str, str], ...] = ()
    is_fallback: bool = False


def sentence(reason: Reason) -> str:
    """Say a reason in words, such as `repo = acme/*; it shows every build`."""
    parts = ["no other route took it"] if reason.is_fallback else []
    parts += [", ".join(f"{field} = {pattern}" for field, pattern in reason.matched)]
    return "; ".join(part for part in (*parts, SENTENCES[reason.code]) if part)


def verdict_of(show: Show, facts: BuildFacts, change: Change) -> tuple[Verdict, ReasonCode]:
    """Decide whether a route with *show* shows a build."""
    match show:
        case Show.ALL:
            return Verdict.SHOWN, ReasonCode.SHOWS_ALL
        case Show.NONE:
            return Verdict.SUPPRESSED, ReasonCode.SHOWS_NONE
        case Show.BAD if facts.is_bad:
            return Verdict.SHOWN, ReasonCode.BAD
        case Show.CHANGES if change in NEWS:
            return Verdict.SHOWN, ReasonCode(change.name.lower())
        case Show.ENDED if facts.is_ended:
            return Verdict.SHOWN, ReasonCode.ENDED
    if not facts.is_ended:
        return Verdict.WAITS, ReasonCode.NOT_BAD if show is Show.BAD else ReasonCode.NOT_ENDED
    if show is Show.BAD:
        return Verdict.SUPPRESSED, ReasonCode.NOT_BAD
    silent = {Change.NONE: ReasonCode.NO_VERDICT, Change.OUTDATED: ReasonCode.OUTDATED}
    return Verdict.SUPPRESSED, silent.get(change, ReasonCode.NO_CHANGE)
