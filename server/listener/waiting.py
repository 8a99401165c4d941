"""The connections that wait for their peer: how many there may be, and how long each may take.

A new one is never turned away: where there are too many, the one that has waited longest goes.
"""

import socket
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

# Of one address, in one process. A proxy is one address; what is being answered does not count.
PER_ADDRESS = 500
# What all requests together may hold in memory before they are complete, in one process.
WAITING_BYTES = 32 * 1024 * 1024

_MAPPED = bytes(10) + b"\xff\xff"
_NETWORK_BYTES = 8  # of an IPv6 address: a client that has one has 2**64 of them


class Waiter(Protocol):
    """A connection, as far as waiting goes."""

    network: bytes  # of the peer
    deadline: float


W = TypeVar("W", bound=Waiter)


class Waiting(Generic[W]):
    """Those that wait, in the order in which they began to."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._sizes: dict[W, int] = {}
        self._size = 0
        self._by_network: dict[bytes, dict[W, None]] = {}

    def __iter__(self) -> Iterator[W]:
        return iter(list(self._sizes))

    def __contains__(self, waiter: W) -> bool:
        return waiter in self._sizes

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, waiter: W, size: int) -> list[W]:
        """Let one wait whose request takes *size* bytes so far; return those that have to go."""
        own = self._by_network.setdefault(waiter.network, {})
        self._sizes[waiter] = 0
        own[waiter] = None
        going = self.weigh(waiter, size)
        if len(own) > PER_ADDRESS:
            going.append(next(iter(own)))
        elif len(self._sizes) > self._most:
            going.append(next(iter(self._sizes)))
        return going

    def weigh(self, waiter: W, size: int) -> list[W]:
        """Note how much memory one takes now; return those that have to go for it."""
        self._size += size - self._sizes[waiter]
        self._sizes[waiter] = size
        going: list[W] = []
        excess = self._size - WAITING_BYTES
        if excess > 0:
            for other, held in self._sizes.items():
                if excess <= 0:
                    break
                if held:
                    going.append(other)
                    excess -= held
        return going

    def remove(self, waiter: W) -> None:
        """Let one wait no longer."""
        self._size -= self._sizes.pop(waiter)
        own = self._by_network[waiter.network]
        del own[waiter]
        if not own:
            del self._by_network[waiter.network]

    def overdue(self, now: float) -> list[W]:
        """Return those whose time is over."""
        return [waiter for waiter in self._sizes if waiter.deadline <= now]


def network_of(host: str) -> bytes:
    """Return what tells peers apart: an IPv4 address, or 64 bits of an IPv6 one."""
    if ":" not in host:
        return host.encode()
    packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    if packed.startswith(_MAPPED):
        return socket.inet_ntoa(packed[len(_MAPPED) :]).encode()
    return packed[:_NETWORK_BYTES]
