"""Checks of VideoSDK's meetings, in version 1 of its API."""

from http import HTTPStatus

from bot.assumptions.account import Account
from bot.assumptions.answers import Answer, NotTriedError
from bot.assumptions.target import Target

_TAKEN = {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}
_WRONG_VERB = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


async def create(target: Target) -> str:
    """Create the meeting."""
    answer = await target.videosdk.create(region=target.videosdk.region)
    if answer.failure:
        return answer.failure
    if answer.at("userMeetingId") not in (None, target.videosdk.own_id):
        return "a meeting with another userMeetingId"
    return "the meeting" if target.videosdk.rooms else "no meetingId"


async def region(target: Target) -> str:
    """Read the region in the answer to creating the meeting."""
    created = target.videosdk.created
    if created is None:
        raise NotTriedError("there is no meeting")
    seen = {None: "does not say", target.videosdk.region: "the one asked for"}
    return seen.get(created.at("region"), "another one")


async def create_again(target: Target) -> str:
    """Create the meeting once more."""
    meeting = target.videosdk.room
    answer = await target.videosdk.create()
    if answer.status in _TAKEN:
        return "refused"
    is_same = answer.at("meetingId") == meeting
    return answer.failure or ("the same meeting" if is_same else "another meeting")


async def verb(target: Target) -> str:
    """Look the meeting up by POST, or else by GET."""
    meeting = target.videosdk.room
    method, answer = await _validated(target.videosdk, meeting)
    is_same = answer.at("meetingId") == meeting
    return answer.failure or (method if is_same else "another meeting")


async def unknown(target: Target) -> str:
    """Look up a meeting that does not exist."""
    _, answer = await _validated(target.videosdk, f"{target.videosdk.own_id}-none")
    return answer.failure or "a meeting"


async def _validated(videosdk: Account, meeting: str) -> tuple[str, Answer]:
    """Return an answer to validating a meeting, and the verb."""
    path = f"/v1/meetings/{meeting}"
    answer = await videosdk.post(path)
    if answer.status not in _WRONG_VERB:
        return "POST", answer
    other = await videosdk.get(path)
    not_found = other.status == HTTPStatus.METHOD_NOT_ALLOWED  # so the first verb was the right one
    return ("POST", answer) if not_found else ("GET", other)
