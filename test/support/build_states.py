"""Arbitrary states of builds for laws: as reports of one build could be, and as none should be."""

from hypothesis import strategies as st

from server.core.drone.payload import read_state
from server.core.model.account import AccountEvent
from server.core.model.build import BuildState
from server.core.model.status import Status

# Few ids and versions, so that reports meet; any text, so that nothing is assumed of it.
TEXT = st.sampled_from(["", "a", "b", "é\u202e", "x" * 300, "$set", "a.b"]) | st.text(max_size=5)
NUMBER = st.integers(0, 3) | st.integers(-(2**64), 2**64)
ANYTHING = st.none() | st.booleans() | NUMBER | TEXT | st.just([]) | st.just({"id": 1})
STATUS = st.sampled_from([*Status, "cancelled"])
ID = st.integers(0, 3)

COMMON = {
    "id": ID,
    "version": st.integers(0, 3),
    "number": NUMBER,
    "name": TEXT,
    "status": STATUS,
    "error": TEXT,
    "errignore": st.booleans(),
    "exit_code": NUMBER,
    "started": NUMBER,
    "stopped": NUMBER,
}
ODD = {name: ANYTHING for name in COMMON if name not in ("id", "status")}
STEPS = st.fixed_dictionaries({}, optional=COMMON) | st.fixed_dictionaries({"id": ID}, optional=ODD)
STAGES = st.fixed_dictionaries(
    {}, optional={**COMMON, "steps": st.lists(STEPS, max_size=3) | ANYTHING}
)
BUILD = {
    "id": st.just(7),
    "version": st.integers(0, 3),
    "status": STATUS,
    "number": NUMBER,
    "message": TEXT,
    "title": TEXT,
    "ref": TEXT,
    "params": st.dictionaries(TEXT, TEXT | ANYTHING, max_size=3) | ANYTHING,
    "after": TEXT,
    "author_name": TEXT | ANYTHING,
    "debug": st.booleans(),
    "created": NUMBER,
    "started": NUMBER,
    "finished": NUMBER,
    "stages": st.lists(STAGES, max_size=4) | ANYTHING,
}
LINK = st.sampled_from(["", "https://drone.example.com", "http://[", "drone"]) | TEXT
SYSTEM = {"host": st.sampled_from(["", "drone"]) | TEXT, "link": LINK, "version": TEXT}
REPO = {"id": ID, "version": st.integers(0, 3), "slug": TEXT, "timeout": NUMBER}

ACT = {
    "at": st.integers(0, 5) | NUMBER,
    "what": st.sampled_from(["cancel", "restart", "start", "dance"]) | ANYTHING,
    "user_id": TEXT,
    "name": TEXT | ANYTHING,
    "target": TEXT,
    "number": NUMBER,
}
# More ids than are kept, and few instants, so that acts meet and are forgotten.
ACTS = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 14).map(str)}, optional=ACT)
    | st.fixed_dictionaries({}, optional={"id": ANYTHING}),
    max_size=12,
)
LOG = st.fixed_dictionaries(
    {"stage": ID, "step": ID}, optional={"lines": st.lists(TEXT, max_size=3) | ANYTHING}
)

PAYLOADS = st.fixed_dictionaries(
    {"build": st.fixed_dictionaries({}, optional=BUILD)},
    optional={
        "acts": ACTS | ANYTHING,
        "log": LOG | ANYTHING,
        "parent_event": TEXT | ANYTHING,
        "system": st.fixed_dictionaries({}, optional=SYSTEM) | ANYTHING,
        "repo": st.fixed_dictionaries({}, optional=REPO) | ANYTHING,
    },
)

STATES: st.SearchStrategy[BuildState] = PAYLOADS.map(read_state)

# In the limits that reading keeps, as there is no other way in.
SHORT = TEXT.filter(lambda text: "\0" not in text)
SYSTEMS = st.fixed_dictionaries({}, optional=SYSTEM).map(
    lambda row: read_state({"system": row}).system
)
ACCOUNTS = st.builds(
    AccountEvent,
    event=st.sampled_from(["repo:enabled", "user:created"]),
    system=SYSTEMS,
    subject_id=st.integers(1, 2**63 - 1),
    version=st.integers(0, 2**63 - 1),
    name=SHORT,
    actor=SHORT,
    link=SHORT,
    avatar=SHORT,
    is_admin=st.booleans(),
    is_machine=st.booleans(),
)
