"""Do to deliveries what networks do; pure, with the chance passed in."""

from collections.abc import Iterable
from random import Random
from typing import TypeVar

ItemT = TypeVar("ItemT")


def shuffle(items: Iterable[ItemT], random: Random) -> list[ItemT]:
    """Give the items in another order."""
    shuffled = list(items)
    random.shuffle(shuffled)
    return shuffled


def duplicate(items: Iterable[ItemT], probability: float, random: Random) -> list[ItemT]:
    """Give each item, and with *probability* once more at once."""
    return [item for item in items for _ in range(2 if random.random() < probability else 1)]


def drop(items: Iterable[ItemT], probability: float, random: Random) -> list[ItemT]:
    """Lose each item with *probability*."""
    return [item for item in items if random.random() >= probability]
