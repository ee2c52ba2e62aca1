"""Checks of meetings in version 1 of VideoSDK's API."""

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
    """Read the region from the answer that created the meeting."""
    created = target.videosdk.created
    if created is None:
        raise NotTriedError("there is no meeting")
    seen = {None: "does not say", target.videosdk.region: "the one asked for"}
    return seen.get(created.at("region"), "another one")


async def create_again(target: Target) -> str:
    """Create the meeting again, with the same ID."""
    meeting = target.videosdk.room
    answer = await target.videosdk.create()
    if answer.status in _TAKEN:
        return "refused"
    is_same = answer.at("meetingId") == meeting
    return answer.failure or ("the same meeting" if is_same else "another meeting")


async def verb(target: Target) -> str:
    """Look the meeting up with POST, or else with GET."""
    meeting = target.videosdk.room
    method, answer = await _validate(target.videosdk, meeting)
    is_same = answer.at("meetingId") == meeting
    return answer.failure or (method if is_same else "another meeting")


async def unknown(target: Target) -> str:
    """Look up a meeting that doesn't exist."""
    _, answer = await _validate(target.videosdk, f"{target.videosdk.own_id}-none")
    return answer.failure or "a meeting"


async def _validate(videosdk: Account, meeting: str) -> tuple[str, Answer]:
    """Validate a meeting; return the HTTP method that works, and its answer."""
    path = f"/v1/meetings/{meeting}"
    answer = await videosdk.post(path)
    if answer.status not in _WRONG_VERB:
        return "POST", answer
    other = await videosdk.get(path)
    is_post = other.status == HTTPStatus.METHOD_NOT_ALLOWED  # so POST's 404 is about the meeting
    return ("POST", answer) if is_post else ("GET", other)
