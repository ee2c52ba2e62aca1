"""Answer the Calls API's methods.

https://docs.slack.dev/reference/methods#calls
"""

from typing import Any

from bot.sandbox.arguments import Answer, Arguments, Method
from bot.sandbox.calls import Call, Participant
from bot.sandbox.errors import MethodError
from bot.sandbox.workspace import Workspace

WRITE, READ = "calls:write", "calls:read"


# Slack says so beside `"ok": true`: docs.slack.dev/reference/methods/calls.participants.add
_BAD_USERS: Answer = {"error": "bad_users"}


def calls_methods(workspace: Workspace) -> dict[str, Method]:
    """Return the methods by which an app registers and changes the workspace's calls."""
    api = _CallsApi(workspace)
    return {
        "calls.add": Method(api.add, WRITE),
        "calls.update": Method(api.update, WRITE),
        "calls.end": Method(api.end, WRITE),
        "calls.info": Method(api.info, READ),
        "calls.participants.add": Method(api.enter, WRITE),
        "calls.participants.remove": Method(api.leave, WRITE),
    }


class _CallsApi:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._calls = workspace.calls

    def add(self, arguments: Arguments) -> Answer:
        """Register a call; with a bot token `created_by` is required."""
        external_unique_id = arguments.required("external_unique_id")
        join_url = _address(arguments.required("join_url"))
        created_by = arguments.text("created_by")
        if created_by not in self._workspace.users:
            raise MethodError("invalid_created_by")
        call = self._calls.add(
            external_unique_id,
            join_url,
            created_by,
            title=arguments.text("title"),
            external_display_id=arguments.text("external_display_id"),
            desktop_app_join_url=arguments.text("desktop_app_join_url"),
            date_start=arguments.number("date_start", "invalid_start_time"),
            participants=self._people(arguments) if arguments.text("users") else (),
        )
        return {"call": _written(call)}

    def update(self, arguments: Arguments) -> Answer:
        """Change what is given, and leave the rest."""
        call_id = arguments.required("id")
        join_url = arguments.text("join_url")
        call = self._calls.update(
            call_id,
            title=arguments.text("title"),
            join_url=_address(join_url) if join_url else "",
            desktop_app_join_url=arguments.text("desktop_app_join_url"),
        )
        return {"call": _written(call)}

    def end(self, arguments: Arguments) -> Answer:
        """End a call, which stays as it is from then on."""
        self._calls.end(arguments.required("id"), arguments.number("duration"))
        return {}

    def info(self, arguments: Arguments) -> Answer:
        """Tell about a call, and where it has been posted."""
        call = self._calls.get(arguments.required("id"))
        return {"call": {**_written(call), "channels": self._channels(call)}}

    def enter(self, arguments: Arguments) -> Answer:
        """Show people in a call; does nothing if one of them is there already."""
        call_id, people = arguments.required("id"), self._people(arguments)
        if self._present(call_id) & {one.key for one in people}:
            return _BAD_USERS
        return {"call": _written(self._calls.enter(call_id, people))}

    def leave(self, arguments: Arguments) -> Answer:
        """Show people in a call no more; does nothing if one of them is not there."""
        call_id, people = arguments.required("id"), self._people(arguments)
        if {one.key for one in people} - self._present(call_id):
            return _BAD_USERS
        return {"call": _written(self._calls.leave(call_id, people))}

    def _present(self, call_id: str) -> set[tuple[str | None, str | None]]:
        return {one.key for one in self._calls.active(call_id).participants}

    def _people(self, arguments: Arguments) -> list[Participant]:
        arguments.required("users")
        users = arguments.structure("users", "bad_users")
        if not isinstance(users, list) or not users:
            raise MethodError("bad_users")
        return [self._person(user) for user in users]

    def _person(self, user: Any) -> Participant:
        """Read a member, who is known by `slack_id`, or a guest, who is by `external_id`."""
        match user:
            case {"slack_id": str(slack_id)}:
                if slack_id not in self._workspace.users:
                    raise MethodError("user_not_found")
                return Participant(self._workspace.users[slack_id].name, slack_id=slack_id)
            case {"external_id": str(external_id)} if external_id:
                name = str(user.get("display_name") or "")
                return Participant(name, external_id=external_id, avatar_url=user.get("avatar_url"))
        raise MethodError("bad_users")

    def _channels(self, call: Call) -> list[str]:
        return sorted(
            {
                message.channel
                for message in self._workspace.messages.values()
                for block in message.blocks or []
                if block.get("call_id") == call.id
            }
        )


def _address(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise MethodError("invalid_arguments")
    return url


def _written(call: Call) -> Answer:
    """Write a call as Slack's answers have it: what is empty is left out."""
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
    return {key: value for key, value in fields.items() if value not in ("", None)}
