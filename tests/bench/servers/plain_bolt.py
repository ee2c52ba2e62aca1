"""Answer /meet in the way that Bolt's and httpx's documentation suggests."""

import json
import os
import time
from typing import Any

import httpx
import jwt
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

MEETINGS = os.environ["VIDEOSDK_API_ENDPOINT"] + "/v1/meetings"
CARD = json.loads(os.environ["CARD"])  # as the bot answered it, so that all answers are as long

client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])
http = httpx.AsyncClient()


@app.command("/meet")
async def meet(ack: AsyncAck, command: dict[str, Any]) -> None:
    """Create a meeting and acknowledge the command with its card."""
    name, _, region = command["text"].rpartition(" ")
    answer = await http.post(
        MEETINGS,
        json={"region": region, "userMeetingId": name.replace(" ", "-")},
        headers={"authorization": token()},
    )
    meeting_id = answer.raise_for_status().json()["meetingId"]
    await ack(
        text=f"{name}: meeting ID {meeting_id}", blocks=CARD["blocks"], response_type="in_channel"
    )


def token() -> str:
    """Return a token for VideoSDK's API, valid for ten minutes."""
    now = int(time.time())
    may = {"apikey": os.environ["VIDEOSDK_API_KEY"], "permissions": ["allow_join", "allow_mod"]}
    secret = os.environ["VIDEOSDK_SECRET_KEY"]
    return jwt.encode({**may, "iat": now, "exp": now + 600}, secret)


def main() -> None:
    """Serve."""
    served = app.web_app("/slack/events")
    web.run_app(served, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)


if __name__ == "__main__":
    main()
