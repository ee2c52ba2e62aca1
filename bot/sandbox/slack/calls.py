"""The calls that apps have registered, as Slack's call blocks show them; no HTTP.

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
    """A person in a call: a member of the workspace, or a guest known to the app only.

    Attributes:
        name: shown on the call's block.
        slack_id: of a member.
        external_id: of a guest, given by the app.
        avatar_url: of a guest's picture.
    """

    name: str
    slack_id: str | None = None
    external_id: str | None = None
    avatar_url: str | None = None

    @property
    def key(self) -> tuple[str | None, str | None]:
        """The person's identity; names need not be unique."""
        return self.slack_id, self.external_id


@dataclass(frozen=True)
class SlackCall:
    """A call as its block shows it.

    Attributes:
        id: Slack's.
        external_unique_id: the app's own.
        external_display_id: the one that people read.
        created_by: a user's id.
        date_start: seconds since 1970.
        ended_at: seconds since 1970; None while the call is active.
        duration: seconds; None while the call is active.
        participants: who is in it, or was at its end.
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
    """Store of calls, active and ended; subscribers hear of every change.

    Args:
        clock: seconds since 1970.
        prefix: of the ids, different in each workspace.

    Attributes:
        by_id: all calls, in the order of their registration.
    """

    def __init__(self, clock: Callable[[], float] = time.time, prefix: str = "R04CALL") -> None:
        super().__init__()
        self.by_id: dict[str, SlackCall] = {}
        self._clock = clock
        self._prefix = prefix
        self._numbers = itertools.count(1)

    def add(  # noqa: PLR0913 - a call has that many sides
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
        return self._show(call, _merged((), participants))

    def get(self, call_id: str) -> SlackCall:
        """Return a call, active or ended.

        Raises:
            MethodError: there is no such call.
        """
        if call_id not in self.by_id:
            raise MethodError("invalid_call_id")
        return self.by_id[call_id]

    def find(self, external_unique_id: str) -> SlackCall | None:
        """Return the newest call with this external_unique_id, active or ended, if there is one."""
        found = [
            call for call in self.by_id.values() if call.external_unique_id == external_unique_id
        ]
        return found[-1] if found else None

    def update(
        self, call_id: str, *, title: str = "", join_url: str = "", desktop_app_join_url: str = ""
    ) -> SlackCall:
        """Change a call's title or addresses; "" leaves a field as it is."""
        call = self.get(call_id)
        changed = replace(
            call,
            title=title or call.title,
            join_url=join_url or call.join_url,
            desktop_app_join_url=desktop_app_join_url or call.desktop_app_join_url,
        )
        return self._show(changed)

    def enter(self, call_id: str, participants: Iterable[CallMember]) -> SlackCall:
        """Show people in a call; people who are shown already get their new name."""
        call = self.active(call_id)
        return self._show(call, _merged(call.participants, participants))

    def leave(self, call_id: str, participants: Iterable[CallMember]) -> SlackCall:
        """Remove people from a call, ignoring those who aren't in it."""
        call = self.active(call_id)
        gone = {one.key for one in participants}
        return self._show(call, tuple(one for one in call.participants if one.key not in gone))

    def end(self, call_id: str, duration: int | None = None) -> SlackCall:
        """End a call.

        Args:
            call_id: of the call.
            duration: seconds to show; None shows those since its start.
        """
        call = self.active(call_id)
        now = int(self._clock())
        seconds = max(now - call.date_start, 0) if duration is None else duration
        return self._show(replace(call, ended_at=now, duration=seconds))

    def active(self, call_id: str) -> SlackCall:
        """Return an active call.

        Raises:
            MethodError: the call has ended, or there is no such call.
        """
        call = self.get(call_id)
        if call.ended_at is not None:
            raise MethodError("inactive_call")
        return call

    def _show(
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
    return tuple({one.key: one for one in (*present, *entering)}.values())
