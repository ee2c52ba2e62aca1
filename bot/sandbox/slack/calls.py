"""Store the calls that apps have registered.

https://docs.slack.dev/apis/web-api/using-the-calls-api
"""

import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bot.sandbox.slack.errors import MethodError
from bot.sandbox.videosdk.announcer import Announcer


@dataclass(frozen=True)
class CallMember:
    """A person in a call: a member of the workspace, or a guest whom only the app knows.

    Attributes:
        name: shown on the call's block.
        slack_id: a member's user ID.
        external_id: a guest's ID, from the app.
        avatar_url: a guest's picture.
    """

    name: str
    slack_id: str | None = None
    external_id: str | None = None
    avatar_url: str | None = None

    @property
    def key(self) -> tuple[str | None, str | None]:
        """The person's identity; names needn't be unique."""
        return self.slack_id, self.external_id


@dataclass(frozen=True)
class SlackCall:
    """A call.

    Attributes:
        id: Slack's ID.
        external_unique_id: the app's ID.
        external_display_id: the ID shown to people.
        created_by: the creator's user ID.
        date_start: seconds since 1970.
        ended_at: seconds since 1970; None while the call is active.
        duration: seconds; None while the call is active.
        participants: the people in it, or those in it when it ended.
    """

    id: str
    external_unique_id: str
    join_url: str
    title: str
    external_display_id: str
    desktop_app_join_url: str
    created_by: str
    date_start: int
    ended_at: int | None = None
    duration: int | None = None
    participants: tuple[CallMember, ...] = ()


class SlackCalls(Announcer[SlackCall]):
    """All calls, active and ended; subscribers are notified of every change.

    Args:
        clock: returns seconds since 1970.
        prefix: the prefix of the IDs, unique to each workspace.

    Attributes:
        by_id: all calls, in the order of their registration.
    """

    def __init__(self, clock: Callable[[], float] = time.time, prefix: str = "R04CALL") -> None:
        super().__init__()
        self.by_id: dict[str, SlackCall] = {}
        self._clock = clock
        self._prefix = prefix
        self._numbers = itertools.count(1)

    def add(  # noqa: PLR0913 - a call has this many fields
        self,
        external_unique_id: str,
        join_url: str,
        created_by: str,
        *,
        title: str = "",
        external_display_id: str = "",
        desktop_app_join_url: str = "",
        date_start: int | None = None,
        participants: Iterable[CallMember] = (),
    ) -> SlackCall:
        """Register a call; several may have the same external_unique_id."""
        call = SlackCall(
            id=f"{self._prefix}{next(self._numbers):04}",
            external_unique_id=external_unique_id,
            join_url=join_url,
            title=title,
            external_display_id=external_display_id,
            desktop_app_join_url=desktop_app_join_url,
            created_by=created_by,
            date_start=int(self._clock()) if date_start is None else date_start,
        )
        return self._store(call, _merged((), participants))

    def get(self, call_id: str) -> SlackCall:
        """Return a call, active or ended.

        Raises:
            MethodError: there is no such call.
        """
        if call_id not in self.by_id:
            raise MethodError("invalid_call_id")
        return self.by_id[call_id]

    def find(self, external_unique_id: str) -> SlackCall | None:
        """Return the newest call with this external_unique_id, active or ended, or None."""
        found = [
            call for call in self.by_id.values() if call.external_unique_id == external_unique_id
        ]
        return found[-1] if found else None

    def update(
        self, call_id: str, *, title: str = "", join_url: str = "", desktop_app_join_url: str = ""
    ) -> SlackCall:
        """Change a call's title or addresses; "" keeps the current value."""
        call = self.get(call_id)
        changed = replace(
            call,
            title=title or call.title,
            join_url=join_url or call.join_url,
            desktop_app_join_url=desktop_app_join_url or call.desktop_app_join_url,
        )
        return self._store(changed)

    def enter(self, call_id: str, participants: Iterable[CallMember]) -> SlackCall:
        """Add people to a call; people who are already in it get their new name."""
        call = self.active(call_id)
        return self._store(call, _merged(call.participants, participants))

    def leave(self, call_id: str, participants: Iterable[CallMember]) -> SlackCall:
        """Remove people from a call, ignoring those who aren't in it."""
        call = self.active(call_id)
        gone = {person.key for person in participants}
        left = tuple(person for person in call.participants if person.key not in gone)
        return self._store(call, left)

    def end(self, call_id: str, duration: int | None = None) -> SlackCall:
        """End a call.

        Args:
            call_id: the call.
            duration: seconds; None for the time since its start.
        """
        call = self.active(call_id)
        now = int(self._clock())
        seconds = max(now - call.date_start, 0) if duration is None else duration
        return self._store(replace(call, ended_at=now, duration=seconds))

    def active(self, call_id: str) -> SlackCall:
        """Return an active call.

        Raises:
            MethodError: the call has ended, or there is no such call.
        """
        call = self.get(call_id)
        if call.ended_at is not None:
            raise MethodError("inactive_call")
        return call

    def _store(
        self, call: SlackCall, participants: tuple[CallMember, ...] | None = None
    ) -> SlackCall:
        if participants is not None:
            call = replace(call, participants=participants)
        self.by_id[call.id] = call
        self.announce(call)
        return call


def _merged(
    present: Iterable[CallMember], entering: Iterable[CallMember]
) -> tuple[CallMember, ...]:
    return tuple({person.key: person for person in (*present, *entering)}.values())
