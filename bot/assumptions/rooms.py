"""Checks of rooms in version 2 of VideoSDK's API."""

import re
from http import HTTPStatus

from bot.assumptions.account import Account
from bot.assumptions.answers import Answer, NotTriedError
from bot.assumptions.target import Target

_FIRST, _SECOND = ("https://example.com/first", "https://example.com/second")
_NO_GEO_FENCING = {HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}
_ROOM_ID = re.compile(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}")


def _webhook(address: str) -> dict[str, object]:
    return {"endPoint": address, "events": ["session-started"]}


async def region(target: Target) -> str:
    """Create the room in a region."""
    videosdk = target.videosdk
    answer = await videosdk.create(geoFence=videosdk.region, webhook=_webhook(_FIRST))
    if answer.status in _NO_GEO_FENCING:
        return "refused"
    return answer.failure or "accepted"


async def create(target: Target) -> str:
    """Create the room without a region."""
    answer = await target.videosdk.create(webhook=_webhook(_FIRST))
    if answer.failure:
        return answer.failure
    if answer.at("customRoomId") not in (None, target.videosdk.own_id):
        return "a room with another customRoomId"
    if not _ROOM_ID.fullmatch(str(answer.at("roomId"))):
        return "a roomId of another form"
    return "the room"


async def create_again(target: Target) -> str:
    """Create the room again, with the same ID."""
    room = target.videosdk.room
    return _describe(await target.videosdk.create(), room)


async def webhook(target: Target) -> str:
    """Create the room again, with another webhook address."""
    room = target.videosdk.only_room
    answer = await target.videosdk.create(webhook=_webhook(_SECOND))
    if answer.at("roomId") != room:
        return _describe(answer, room)
    seen = {None: "does not say", _FIRST: "keeps the first", _SECOND: "takes the new one"}
    return seen.get(answer.at("webhook", "endPoint"), "another address")


async def validate(target: Target) -> str:
    """Look the room up by each of its IDs."""
    videosdk = target.videosdk
    room = videosdk.only_room
    by_id = _describe(await _validate(videosdk, room), room)
    by_own_id = _describe(await _validate(videosdk, videosdk.own_id), room)
    return by_id if by_id == by_own_id else f"{by_id}; by customRoomId: {by_own_id}"


async def unknown(target: Target) -> str:
    """Look up a room that doesn't exist."""
    answer = await _validate(target.videosdk, f"{target.videosdk.own_id}-none")
    return answer.failure or "a room"


async def end(target: Target) -> str:
    """End the session of a room that has none."""
    answer = await target.videosdk.post("/v2/sessions/end", roomId=target.videosdk.room)
    return answer.failure or "2xx"


async def deactivate(target: Target) -> str:
    """Close the room, then look it up."""
    videosdk = target.videosdk
    room = videosdk.room
    answer = await videosdk.post("/v2/rooms/deactivate", roomId=room)
    if answer.failure:
        return answer.failure
    videosdk.open.remove(room)
    answer = await _validate(videosdk, room)
    if answer.failure:
        return f"then validate has {answer.failure}"
    return "the room is disabled" if answer.at("disabled") is True else "the room is not disabled"


async def recreate(target: Target) -> str:
    """Create the room again after it was closed."""
    room = target.videosdk.only_room
    if room in target.videosdk.open:
        raise NotTriedError("the room could not be closed")
    answer = await target.videosdk.create()
    if answer.at("roomId") != room:
        return _describe(answer, room)
    if answer.at("disabled") is True:
        return "the room, disabled"
    target.videosdk.open.append(room)
    return "the room, open again"


async def _validate(videosdk: Account, any_id: str) -> Answer:
    return await videosdk.get(f"/v2/rooms/validate/{any_id}")


def _describe(answer: Answer, room: str) -> str:
    return answer.failure or ("the same room" if answer.at("roomId") == room else "another room")
