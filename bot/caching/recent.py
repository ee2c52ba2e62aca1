"""A dictionary of limited size that drops its oldest entries."""

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

SIZE = 10_000  # entries


class Recent(OrderedDict[K, V]):
    """A dictionary of limited size: one more entry drops the one set longest ago.

    Use it only for data that can be lost.
    """

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > SIZE:
            self.popitem(last=False)
