"""Laws of routing that hold for any rules and any build."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.core.model.status import Status
from server.core.routing.facts import BuildFacts
from server.core.routing.memory import NOTHING_KNOWN, BranchMemory, Ending, ending_of, remember
from server.core.routing.router import Asked, answers, place
from server.core.routing.rules import Channel, Criterion, Route, RoutingRules, Show
from server.core.routing.transition import transition

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
CHANNELS = [Channel(name, name * 17) for name in "123"]

VALUES = {
    "repo": ["acme/shop", "acme/app", "other/shop"],
    "branch": ["main", "release/1", "a/b/c"],
    "event": ["push", "pull_request", "cron"],
    "author": ["octocat", "renovate[bot]"],
    "message": ["Greet", "Tidy [skip notify]"],
}
GLOBS = {
    "repo": ["acme/*", "*/shop", "acme/shop", "**"],
    "branch": ["main", "release/*", "**", "{main,x}", "a/**"],
    "event": ["push", "p*", "cron"],
    "author": ["*[bot]", "OCTO*", "?ctocat"],
    "message": ["*[skip notify]*", "greet", "*"],
}


def criteria() -> st.SearchStrategy[tuple[Criterion, ...]]:
    """Choose for each field no patterns, one, or two."""
    choices = [
        [(), *((Criterion(name, globs),) for globs in [*zip(known, strict=True), *pairwise(known)])]
        for name, known in GLOBS.items()
    ]
    return st.tuples(*map(st.sampled_from, choices)).map(lambda found: sum(found, ()))


ROUTES = st.lists(
    st.builds(
        Route,
        name=st.just(""),
        channel=st.sampled_from(CHANNELS),
        include=criteria(),
        exclude=criteria(),
        show=st.sampled_from(Show),
        fallback=st.booleans(),
        stop=st.booleans(),
    ),
    max_size=5,
).map(lambda routes: [replace(one, name=f"r{place}") for place, one in enumerate(routes)])
BUILDS = st.builds(
    BuildFacts,
    **{name: st.sampled_from(values) for name, values in VALUES.items()},
    number=st.integers(1, 9),
    status=st.sampled_from(Status),
    failed_steps=st.frozensets(st.sampled_from("ab"), max_size=2),
    finished=st.integers(0, 9),
)
MEMORIES = st.lists(
    st.builds(Ending, number=st.integers(1, 9), is_bad=st.booleans(), at=st.integers(0, 9))
).map(lambda endings: remember(NOTHING_KNOWN, *endings))


def rules(routes: list[Route]) -> RoutingRules:
    return RoutingRules({channel.name: channel for channel in CHANNELS}, {}, tuple(routes))


@given(ROUTES, BUILDS, MEMORIES)
def test_a_channel_never_gets_two_placements_of_a_build(
    routes: list[Route], build: BuildFacts, memory: BranchMemory
) -> None:
    placements = place(rules(routes), build, transition(memory, build), NOW)

    channels = [one.channel.id for one in placements]
    assert len(channels) == len(set(channels))


@given(ROUTES, BUILDS, MEMORIES)
def test_exclude_always_wins(routes: list[Route], build: BuildFacts, memory: BranchMemory) -> None:
    everything = [replace(one, exclude=(Criterion("repo", ("**",)),)) for one in routes]

    assert place(rules(everything), build, transition(memory, build), NOW) == ()


@given(ROUTES, BUILDS, MEMORIES)
def test_no_route_decides_that_excludes_a_build(
    routes: list[Route], build: BuildFacts, memory: BranchMemory
) -> None:
    excluding = {
        one.route.name for one in answers(rules(routes), build) if one.asked is Asked.EXCLUDED
    }

    placements = place(rules(routes), build, transition(memory, build), NOW)

    assert not excluding & {one.route for one in placements}


@given(ROUTES, BUILDS, MEMORIES)
def test_what_routes_say_is_what_is_done(
    routes: list[Route], build: BuildFacts, memory: BranchMemory
) -> None:
    deciding = {
        one.route.name for one in answers(rules(routes), build) if one.asked is Asked.DECIDES
    }

    placements = place(rules(routes), build, transition(memory, build), NOW)

    assert {one.route for one in placements} == deciding


@given(ROUTES, ROUTES, st.integers(0, 6), BUILDS, MEMORIES)
def test_adding_a_rule_for_another_channel_changes_nothing_in_this_one(
    routes: list[Route],
    more: list[Route],
    at: int,
    build: BuildFacts,
    memory: BranchMemory,
) -> None:
    """Unless it stops the search, or there are fallbacks, which depend on the others by meaning."""
    here = CHANNELS[0]
    plain = [replace(one, fallback=False) for one in routes]
    added = [
        replace(one, name=f"new {one.name}", channel=CHANNELS[1], stop=False, fallback=False)
        for one in more
    ]

    before = place(rules(plain), build, transition(memory, build), NOW)
    after = place(rules(plain[:at] + added + plain[at:]), build, transition(memory, build), NOW)

    assert [one for one in after if one.channel == here] == [
        one for one in before if one.channel == here
    ]


@given(ROUTES, st.lists(BUILDS, max_size=6, unique_by=lambda one: one.number), st.randoms())
def test_the_order_in_which_endings_arrive_does_not_matter(
    routes: list[Route], builds: list[BuildFacts], chance: object
) -> None:
    def outcome(arriving: list[BuildFacts]) -> dict[int, object]:
        memory = NOTHING_KNOWN
        for build in arriving:
            ending = ending_of(build)
            memory = remember(memory, ending) if ending else memory
        return {
            build.number: place(rules(routes), build, transition(memory, build), NOW)
            for build in builds
        }

    shuffled = [*builds]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert outcome(shuffled) == outcome(builds)


@given(ROUTES, ROUTES, BUILDS, MEMORIES)
def test_what_was_begun_is_shown_whatever_the_rules_become(
    routes: list[Route], new: list[Route], build: BuildFacts, memory: BranchMemory
) -> None:
    change = transition(memory, build)
    begun = {
        one.channel.id: one
        for one in place(rules(routes), build, change, NOW)
        if one.verdict == "shown"
    }

    after = place(rules(new), build, change, NOW, begun)

    assert begun.keys() <= {one.channel.id for one in after if one.verdict == "shown"}
