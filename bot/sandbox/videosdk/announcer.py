"""Tell whoever wants to know of each change."""

from collections.abc import Callable
from typing import Generic, TypeVar

Change = TypeVar("Change")


class Announcer(Generic[Change]):
    """The callbacks that hear of one kind of change."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[Change], None]] = []

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call back with every change from now on; return what ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def announce(self, change: Change) -> None:
        """Tell everybody of a change."""
        for callback in list(self._callbacks):
            callback(change)
