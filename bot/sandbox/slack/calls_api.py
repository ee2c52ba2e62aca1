"""The methods of the Calls API.

https://docs.slack.dev/reference/methods#calls
"""

from collections.abc import Callable
from typing import Any

from bot.sandbox.slack.arguments import Answer, Arguments, Method
from bot.sandbox.slack.calls import CallMember, SlackCall
from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.workspace import SlackWorkspace

WRITE, READ = "calls:write", "calls:read"

# The documentation's examples have these errors together with `"ok": true`:
# https://docs.slack.dev/reference/methods/calls.participants.add
_BAD_USERS: Answer = {"error": "bad_users"}
# https://docs.slack.dev/reference/methods/calls.end
_INACTIVE: Answer = {"error": "inactive_call"}


def calls_methods(workspace: SlackWorkspace) -> dict[str, Method]:
    """Return the methods of the Calls API for a workspace."""
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
        """Register a call; with a bot token, `created_by` is required."""
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
            participants=_check_names(self._people(arguments)) if arguments.text("users") else (),
        )
        return {"call": _as_json(call)}

    def update(self, arguments: Arguments) -> Answer:
        """Change fields of a call; there must be at least one."""
        call_id = arguments.required("id")
        names = ("title", "join_url", "desktop_app_join_url")
        changes = {name: arguments.text(name) for name in names if arguments.text(name)}
        if not changes and self._oddities.bare_update != "no_error":
            raise MethodError(self._oddities.bare_update)
        if "join_url" in changes:
            _address(changes["join_url"])
        return {"call": _as_json(self._calls.update(call_id, **changes))}

    def end(self, arguments: Arguments) -> Answer:
        """End a call; an ended call doesn't change."""
        call_id, duration = arguments.required("id"), arguments.number("duration")
        ended = self._calls.get(call_id).ended_at is not None
        if ended and self._oddities.inactive_end == "ok_true":
            return _INACTIVE
        self._calls.end(call_id, duration)
        return {}

    def info(self, arguments: Arguments) -> Answer:
        """Return a call, and the channels where it was posted."""
        call = self._calls.get(arguments.required("id"))
        return {"call": {**_as_json(call), "channels": self._channels(call)}}

    def enter(self, arguments: Arguments) -> Answer:
        """Add people to a call; people who are already in it are bad users."""
        call_id, people = arguments.required("id"), _check_names(self._people(arguments))
        present, refused = self._present(call_id), self._oddities.refused
        good = [
            person
            for person in people
            if person.key not in present and person.external_id not in refused
        ]
        return self._change(self._calls.enter, call_id, people, good)

    def leave(self, arguments: Arguments) -> Answer:
        """Remove people from a call; people who aren't in it are bad users."""
        call_id, people = arguments.required("id"), self._people(arguments)
        present = self._present(call_id)
        good = [person for person in people if person.key in present]
        return self._change(self._leave, call_id, people, good)

    def _repeated(self, external_unique_id: str) -> SlackCall | None:
        """Return the existing call that calls.add returns, or None if it adds a new one.

        Raises:
            MethodError: the ID must be unique.
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
        """Change participants: all of them, those who aren't bad users, or none."""
        error = _BAD_USERS if len(good) < len(people) else {}
        if error and self._oddities.bad_users == "error":
            raise MethodError("bad_users")
        if error and self._oddities.bad_users == "refuses_batch":
            return error
        return {"call": _as_json(change(call_id, good)), **error}

    def _leave(self, call_id: str, people: list[CallMember]) -> SlackCall:
        """Remove people from a call; guests without a name may stay."""
        removed = [person for person in people if person.name or self._oddities.removes_unnamed]
        return self._calls.leave(call_id, removed)

    def _present(self, call_id: str) -> set[tuple[str | None, str | None]]:
        return {person.key for person in self._calls.active(call_id).participants}

    def _people(self, arguments: Arguments) -> list[CallMember]:
        arguments.required("users")
        users = arguments.structure("users", "bad_users")
        if not isinstance(users, list) or not users:
            raise MethodError("bad_users")
        return [self._person(user) for user in users]

    def _person(self, user: Any) -> CallMember:
        """Parse a member, with a `slack_id`, or a guest, with an `external_id`."""
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


def _check_names(people: list[CallMember]) -> list[CallMember]:
    """Check that everyone has a name: @slack/types requires a guest's `display_name`.

    Raises:
        MethodError: somebody has no name.
    """
    if not all(person.name for person in people):
        raise MethodError("bad_users")
    return people


def _address(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise MethodError("invalid_arguments")
    return url


def _as_json(call: SlackCall) -> Answer:
    """Return a call in the form of Slack's answers.

    Empty fields are omitted, so an empty call has no `users` (https://github.com/hackclub/slash-z,
    abc2db8).
    """
    users = [
        {
            "slack_id": person.slack_id,
            "external_id": person.external_id,
            "avatar_url": person.avatar_url,
        }
        | ({} if person.slack_id else {"display_name": person.name})
        for person in call.participants
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
