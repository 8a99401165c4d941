"""Routing rules for tests, written as people write them."""

from server.core.routing.rule_file.file import read_rules
from server.core.routing.rules import RoutingRules

CHANNELS = """
[channels]
builds = "111111111111111111"
alerts = "222222222222222222"
reds   = { id = "333333333333333333", tags = { failed = "444444444444444444" } }
"""


def rules(routes: str, head: str = CHANNELS) -> RoutingRules:
    """Read *routes* with three channels to send builds to."""
    return read_rules((head + routes).encode())
