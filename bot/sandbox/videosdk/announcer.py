"""Callbacks for changes."""

from collections.abc import Callable
from typing import Generic, TypeVar

Change = TypeVar("Change")


class Announcer(Generic[Change]):
    """Callbacks for one kind of change."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[Change], None]] = []

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call back with every change from now on; return a function that unsubscribes."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def announce(self, change: Change) -> None:
        """Call all callbacks with a change."""
        for callback in list(self._callbacks):
            callback(change)
