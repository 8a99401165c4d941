"""What the store keeps of a branch and of a placement reads back as it was."""

from hypothesis import given
from hypothesis import strategies as st

from server.core.routing.documents import (
    memory_document,
    placement_document,
    read_memory,
    read_placement,
)
from server.core.routing.memory import NOTHING_KNOWN, BranchMemory, Ending, RedRun, remember
from server.core.routing.reason import Reason, ReasonCode, Verdict
from server.core.routing.router import Placement
from server.core.routing.rules import Channel, Layout, Thread

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
MEMORIES = st.lists(
    st.builds(
        Ending,
        number=st.integers(1, 99),
        is_bad=st.booleans(),
        failed_steps=st.lists(NAMES, max_size=3).map(tuple),
        at=st.integers(0, 99),
        seconds=st.integers(0, 99),
        author=NAMES,
    ),
    max_size=60,
).map(lambda endings: remember(NOTHING_KNOWN, *endings))
PLACEMENTS = st.builds(
    Placement,
    channel=st.builds(Channel, name=NAMES, id=NAMES),
    route=NAMES,
    verdict=st.sampled_from(Verdict),
    reason=st.builds(
        Reason,
        code=st.sampled_from(ReasonCode),
        matched=st.lists(st.tuples(NAMES, NAMES), max_size=3).map(tuple),
        is_fallback=st.booleans(),
    ),
    is_silent=st.booleans(),
    thread=st.sampled_from(Thread),
    layout=st.sampled_from(Layout),
    ping=st.none(),
)


@given(MEMORIES)
def test_a_memory_reads_back_as_it_was(memory: BranchMemory) -> None:
    assert read_memory(memory_document(memory)) == memory


@given(PLACEMENTS)
def test_a_placement_reads_back_as_it_was(placement: Placement) -> None:
    assert read_placement(placement_document(placement)) == placement


def test_the_document_of_a_memory_is_plain() -> None:
    memory = BranchMemory(
        endings=(Ending(41, True, ("lint", "unit"), 1700000082, 72, "octocat"),),
        before=RedRun(39, 1700000000, 2, "hubot"),
        passed_before=38,
        durations=((37, 60), (38, 65)),
    )

    assert memory_document(memory) == {
        "endings": [
            {
                "number": 41,
                "bad": True,
                "steps": ["lint", "unit"],
                "at": 1700000082,
                "seconds": 72,
                "author": "octocat",
            }
        ],
        "before": {"number": 39, "at": 1700000000, "builds": 2, "author": "hubot"},
        "passed_before": 38,
        "durations": [{"number": 37, "seconds": 60}, {"number": 38, "seconds": 65}],
    }
    assert read_memory(memory_document(memory)) == memory


def test_the_document_of_a_placement_is_plain() -> None:
    placement = Placement(
        channel=Channel("alerts", "222222222222222222", {"failed": "4" * 18}),
        route="main is red",
        verdict=Verdict.WAITS,
        reason=Reason(ReasonCode.NOT_BAD, (("branch", "main"),), is_fallback=True),
        is_silent=True,
        thread=Thread.BRANCH,
        layout=Layout.SHORT,
    )

    assert placement_document(placement) == {
        "channel": {"name": "alerts", "id": "222222222222222222"},
        "route": "main is red",
        "verdict": "waits",
        "reason": {
            "code": "not_bad",
            "matched": [{"field": "branch", "pattern": "main"}],
            "fallback": True,
        },
        "silent": True,
        "thread": "branch",
        "layout": "short",
    }


def test_documents_of_another_version_stay_readable() -> None:
    assert read_memory({"endings": [{"steps": "x"}, 3], "before": "x"}) == BranchMemory(
        (Ending(0, False),)
    )
    assert read_placement({"verdict": "dances", "thread": ["x"]}) == Placement(
        Channel("", ""), "", Verdict.SHOWN, Reason(ReasonCode.SHOWS_ALL)
    )
