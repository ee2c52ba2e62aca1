"""A dictionary of limited size that drops its oldest entries."""

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 10_000  # entries


class Recent(OrderedDict[K, V]):
    """A dictionary of limited size. Use it only for data that can be lost.

    Args:
        most: maximum number of entries; setting one more drops the one set longest ago.
    """

    def __init__(self, most: int = MOST) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)
