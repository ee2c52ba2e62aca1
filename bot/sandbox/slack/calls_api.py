"""The Calls API's methods.

https://docs.slack.dev/reference/methods#calls
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.slack.arguments import Answer, Arguments, Method
from bot.sandbox.slack.calls import CallMember, SlackCall
from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.workspace import SlackWorkspace

WRITE, READ = "calls:write", "calls:read"

# These errors stand beside `"ok": true` in the documentation's examples:
# https://docs.slack.dev/reference/methods/calls.participants.add
_BAD_USERS: Answer = {"error": "bad_users"}
# https://docs.slack.dev/reference/methods/calls.end
_INACTIVE: Answer = {"error": "inactive_call"}


def calls_methods(workspace: SlackWorkspace) -> dict[str, Method]:
    """Return the methods that register and change the workspace's calls."""
    api = _CallsApi(workspace)
    return {
        "calls.add": Method(api.add, WRITE, tier=3),
        "calls.update": Method(api.update, WRITE, tier=3),
        "calls.end": Method(api.end, WRITE, tier=3),
        "calls.info": Method(api.info, READ, tier=3),
        "calls.participants.add": Method(api.enter, WRITE, tier=3),
        "calls.participants.remove": Method(api.leave, WRITE, tier=3),
    }


class _CallsApi:
    def __init__(self, workspace: SlackWorkspace) -> None:
        self._workspace = workspace
        self._calls = workspace.calls
        self._oddities = workspace.oddities

    def add(self, arguments: Arguments) -> Answer:
        """Register a call; with a bot token `created_by` is required."""
        external_unique_id = arguments.required("external_unique_id")
        join_url = _address(arguments.required("join_url"))
        created_by = arguments.text("created_by")
        if created_by not in self._workspace.users:
            raise MethodError("invalid_created_by")
        call = self._repeated(external_unique_id) or self._calls.add(
            external_unique_id,
            join_url,
            created_by,
            title=arguments.text("title"),
            external_display_id=arguments.text("external_display_id"),
            desktop_app_join_url=arguments.text("desktop_app_join_url"),
            date_start=arguments.number("date_start", "invalid_start_time"),
            participants=_named(self._people(arguments)) if arguments.text("users") else (),
        )
        return {"call": _written(call)}

    def update(self, arguments: Arguments) -> Answer:
        """Change the given fields; there must be one."""
        call_id = arguments.required("id")
        names = ("title", "join_url", "desktop_app_join_url")
        changes = {name: arguments.text(name) for name in names if arguments.text(name)}
        if not changes and self._oddities.bare_update != "no_error":
            raise MethodError(self._oddities.bare_update)
        if "join_url" in changes:
            _address(changes["join_url"])
        return {"call": _written(self._calls.update(call_id, **changes))}

    def end(self, arguments: Arguments) -> Answer:
        """End a call; an ended call stays as it is."""
        call_id, duration = arguments.required("id"), arguments.number("duration")
        ended = self._calls.get(call_id).ended_at is not None
        if ended and self._oddities.inactive_end == "ok_true":
            return _INACTIVE
        self._calls.end(call_id, duration)
        return {}

    def info(self, arguments: Arguments) -> Answer:
        """Return a call, and the channels where it has been posted."""
        call = self._calls.get(arguments.required("id"))
        return {"call": {**_written(call), "channels": self._channels(call)}}

    def enter(self, arguments: Arguments) -> Answer:
        """Show people in a call; people who are shown already are bad users."""
        call_id, people = arguments.required("id"), _named(self._people(arguments))
        present, refused = self._present(call_id), self._oddities.refused
        good = [one for one in people if one.key not in present and one.external_id not in refused]
        return self._change(self._calls.enter, call_id, people, good)

    def leave(self, arguments: Arguments) -> Answer:
        """Remove people from a call; people who aren't shown are bad users."""
        call_id, people = arguments.required("id"), self._people(arguments)
        present = self._present(call_id)
        good = [one for one in people if one.key in present]
        return self._change(self._leave, call_id, people, good)

    def _repeated(self, external_unique_id: str) -> SlackCall | None:
        """Return the call that calls.add answers with instead of a new one.

        Raises:
            MethodError: the id must not be repeated.
        """
        known = self._calls.find(external_unique_id)
        match self._oddities.repeated_call:
            case "error" if known:
                raise MethodError("invalid_arguments")
            case "same" if known and known.ended_at is None:
                return known
            case "ended":
                return known
        return None

    def _change(
        self,
        change: Callable[[str, list[CallMember]], SlackCall],
        call_id: str,
        people: list[CallMember],
        good: list[CallMember],
    ) -> Answer:
        """Apply a change to people, or to those of them who are no bad users, or to nobody."""
        error = _BAD_USERS if len(good) < len(people) else {}
        if error and self._oddities.bad_users == "error":
            raise MethodError("bad_users")
        if error and self._oddities.bad_users == "refuses_batch":
            return error
        return {"call": _written(change(call_id, good)), **error}

    def _leave(self, call_id: str, people: list[CallMember]) -> SlackCall:
        """Remove people from a call; guests without a name may stay."""
        removed = [one for one in people if one.name or self._oddities.removes_unnamed]
        return self._calls.leave(call_id, removed)

    def _present(self, call_id: str) -> set[tuple[str | None, str | None]]:
        return {one.key for one in self._calls.active(call_id).participants}

    def _people(self, arguments: Arguments) -> list[CallMember]:
        arguments.required("users")
        users = arguments.structure("users", "bad_users")
        if not isinstance(users, list) or not users:
            raise MethodError("bad_users")
        return [self._person(user) for user in users]

    def _person(self, user: Any) -> CallMember:
        """Read a member, who has a `slack_id`, or a guest, who has an `external_id`."""
        match user:
            case {"slack_id": str(slack_id)}:
                if slack_id not in self._workspace.users:
                    raise MethodError("user_not_found")
                return CallMember(self._workspace.users[slack_id].name, slack_id=slack_id)
            case {"external_id": str(external_id)} if external_id:
                name = str(user.get("display_name") or "")
                return CallMember(name, external_id=external_id, avatar_url=user.get("avatar_url"))
        raise MethodError("bad_users")

    def _channels(self, call: SlackCall) -> list[str]:
        return sorted(
            {
                message.channel
                for message in self._workspace.messages.values()
                for block in message.blocks or []
                if block.get("call_id") == call.id
            }
        )


def _named(people: list[CallMember]) -> list[CallMember]:
    """Return people who are all named: @slack/types requires a guest's `display_name`.

    Raises:
        MethodError: one of them has no name.
    """
    if not all(one.name for one in people):
        raise MethodError("bad_users")
    return people


def _address(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise MethodError("invalid_arguments")
    return url


def _written(call: SlackCall) -> Answer:
    """Return a call as Slack's answers have it.

    Empty fields are left out; so a call with nobody in it has no `users`
    (https://github.com/hackclub/slash-z, abc2db8).
    """
    users = [
        {"slack_id": one.slack_id, "external_id": one.external_id, "avatar_url": one.avatar_url}
        | ({} if one.slack_id else {"display_name": one.name})
        for one in call.participants
    ]
    fields = {
        "id": call.id,
        "date_start": call.date_start,
        "external_unique_id": call.external_unique_id,
        "join_url": call.join_url,
        "desktop_app_join_url": call.desktop_app_join_url,
        "external_display_id": call.external_display_id,
        "title": call.title,
        "users": [{key: value for key, value in user.items() if value} for user in users],
    }
    return {key: value for key, value in fields.items() if value not in ("", None, [])}
