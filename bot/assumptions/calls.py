"""Checks of Slack's Calls API."""

from collections.abc import Mapping

from bot.assumptions.answers import Answer, NotTriedError
from bot.assumptions.app import ADDRESS, App
from bot.assumptions.target import Target

_FIRST, _SECOND, _THIRD = ("doctor-1", "doctor-2", "doctor-3")
_NOT_A_MEMBER = {"invalid_created_by", "user_not_found"}
_INACTIVE = "inactive_call"
_NOT_ACTIVE = {_INACTIVE, "invalid_call_id"}


async def add(target: Target) -> str:
    """Register the call."""
    answer = await _add(target.slack)
    if answer.error in _NOT_A_MEMBER:
        raise NotTriedError(f"Slack does not know the member after --as ({answer.error})")
    return answer.error or ("a call" if target.slack.calls else "no call")


async def add_again(target: Target) -> str:
    """Register the call again, with the same ID."""
    call = target.slack.call
    answer = await _add(target.slack)
    if answer.error:
        return "refused"
    return "the same call" if answer.at("call", "id") == call else "another call"


async def update_bare(target: Target) -> str:
    """Update the call without changing anything."""
    answer = await target.slack.ask("calls.update", id=target.slack.call)
    return "refused" if answer.error else "accepted"


async def update(target: Target) -> str:
    """Update the call's address."""
    call = target.slack.call
    return _with_call(await target.slack.ask("calls.update", id=call, join_url=ADDRESS), call)


async def leave_absent(target: Target) -> str:
    """Remove somebody who isn't in the call."""
    answer = await _leave(target.slack, target.slack.call, {"nobody": "Nobody"})
    return answer.error if answer.error in _NOT_ACTIVE else "another answer"


async def enter(target: Target) -> str:
    """Add somebody to the call."""
    call = target.slack.call
    answer = await _enter(target.slack, call, _FIRST)
    if answer.error:
        return answer.error
    if _FIRST not in await target.slack.people():
        return "nobody is shown"
    return _with_call(answer, call)


async def enter_again(target: Target) -> str:
    """Add the same person again, together with another one."""
    if _FIRST not in await target.slack.people():
        raise NotTriedError("nobody is shown in the call")
    answer = await _enter(target.slack, target.slack.call, _FIRST, _SECOND)
    if _SECOND in await target.slack.people():
        return "the other one is shown"
    return "the batch is refused" if answer.error else "the other one is not shown"


async def leave_unnamed(target: Target) -> str:
    """Remove somebody by ID alone, without a name."""
    if _FIRST not in await target.slack.people():
        raise NotTriedError("nobody is shown in the call")
    await _leave(target.slack, target.slack.call, {_FIRST: None})
    return "still shown" if _FIRST in await target.slack.people() else "removed"


async def leave(target: Target) -> str:
    """Remove everyone by ID and name."""
    await _enter(target.slack, target.slack.call, _THIRD)
    shown = await target.slack.people()
    if not shown:
        raise NotTriedError("nobody is shown in the call")
    await _leave(target.slack, target.slack.call, shown)
    return "still shown" if await target.slack.people() else "removed"


async def empty(target: Target) -> str:
    """Read a call with nobody in it."""
    if await target.slack.people():
        raise NotTriedError("people are still shown in the call")
    users = target.answers[-1].at("call", "users")
    return "no users" if users is None else "an empty list"


async def end(target: Target) -> str:
    """End the call."""
    call = target.slack.call
    answer = await target.slack.ask("calls.end", id=call, duration=1)
    if answer.error:
        return answer.error
    target.slack.ended = call
    target.slack.calls.remove(call)
    return "ended"


async def after_the_end(target: Target) -> str:
    """Add, remove and end again, after the call has ended."""
    call = target.slack.ended
    if not call:
        raise NotTriedError("there is no call that has ended")
    errors = {
        (await _enter(target.slack, call, _FIRST)).error,
        (await _leave(target.slack, call, {_FIRST: _FIRST})).error,
        (await target.slack.ask("calls.end", id=call, duration=1)).error,
    }
    if errors == {_INACTIVE}:
        return _INACTIVE
    return ", ".join(sorted(error or "no error" for error in errors))


async def _add(slack: App) -> Answer:
    answer = await slack.ask(
        "calls.add",
        external_unique_id=slack.unique_id,
        join_url=ADDRESS,
        title="Meet for Slack: doctor",
        created_by=slack.created_by,
    )
    call = answer.at("call", "id")
    if isinstance(call, str) and call not in slack.calls:
        slack.calls.append(call)
    return answer


async def _enter(slack: App, call: str, *people: str) -> Answer:
    users = [{"external_id": name, "display_name": name} for name in people]
    return await slack.ask("calls.participants.add", id=call, users=users)


async def _leave(slack: App, call: str, people: Mapping[str, str | None]) -> Answer:
    """Remove people by external ID and, where given, name."""
    users = [
        {"external_id": key, **({"display_name": name} if name else {})}
        for key, name in people.items()
    ]
    return await slack.ask("calls.participants.remove", id=call, users=users)


def _with_call(answer: Answer, call: str) -> str:
    if answer.error:
        return answer.error
    return "with the call" if answer.at("call", "id") == call else "without the call"
