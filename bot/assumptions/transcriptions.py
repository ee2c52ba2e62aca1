"""Checks of VideoSDK's transcriptions, in a room that nobody is in."""

from bot.assumptions.target import Target

_PATH = "/ai/v1/realtime-transcriptions"
_SUMMARY = {"enabled": True, "prompt": "Summarise."}


async def start(target: Target) -> str:
    """Start a transcription."""
    room = target.videosdk.room
    answer = await target.videosdk.post(f"{_PATH}/start", roomId=room, summary=_SUMMARY)
    return answer.failure or "started"


async def listing(target: Target) -> str:
    """List the room's transcriptions."""
    room = target.videosdk.room
    answer = await target.videosdk.get(f"{_PATH}/", roomId=room, page="1", perPage="1")
    is_listing = isinstance(answer.at("transcriptions"), list)
    return answer.failure or ("transcriptions" if is_listing else "no listing")


async def end(target: Target) -> str:
    """End the transcription, whether or not one was started."""
    answer = await target.videosdk.post(f"{_PATH}/end", roomId=target.videosdk.room)
    return answer.failure or "2xx"
