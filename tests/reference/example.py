import asyncio
import os

from bot.videosdk import ENDPOINT, VideoSDK, VideoSDKError


async def main() -> None:
    key, secret = os.environ["VIDEOSDK_API_KEY"], os.environ["VIDEOSDK_SECRET_KEY"]
    endpoint = os.environ.get("VIDEOSDK_API_ENDPOINT", ENDPOINT)
    async with VideoSDK(key, secret, version="v2", endpoint=endpoint) as videosdk:
        try:
            # A known ID of your own gives the same meeting again.
            meeting = await videosdk.create(user_meeting_id="weekly-sync")
            sessions = await videosdk.sessions(meeting.meeting_id, most=1)
        except VideoSDKError as error:
            print("VideoSDK failed:", error)
            return
        print("The meeting is", meeting.meeting_id)
        if sessions and sessions[0].is_running:
            print("People in it:", sessions[0].people)
        print("A token for one person:", videosdk.participant_token(meeting.meeting_id, "ann"))


if __name__ == "__main__":
    asyncio.run(main())
