"""Answer /meet with plain aiohttp: the minimum that a Python server must do.

Signature, form, one call, JSON; no errors, no deadline, no log.
"""

import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import aiohttp
import jwt
from aiohttp import web

SECRET = os.environ["SLACK_SIGNING_SECRET"].encode()
MEETINGS = os.environ["VIDEOSDK_API_ENDPOINT"] + "/v1/meetings"
CARD = json.loads(os.environ["CARD"])  # as the bot answered it, so that all answers are as long
TOKEN = jwt.encode(
    {"apikey": os.environ["VIDEOSDK_API_KEY"], "permissions": ["allow_join", "allow_mod"]},
    os.environ["VIDEOSDK_SECRET_KEY"],
)

SESSION = web.AppKey("session", aiohttp.ClientSession)


async def meet(request: web.Request) -> web.Response:
    """Answer one command."""
    body = await request.read()
    timestamp = request.headers["X-Slack-Request-Timestamp"]
    expected = hmac.new(SECRET, b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256)
    signature = request.headers["X-Slack-Signature"]
    is_signed = hmac.compare_digest(f"v0={expected.hexdigest()}", signature)
    if not is_signed or abs(time.time() - int(timestamp)) > 300:
        return web.Response(status=401)
    form = dict(parse_qsl(body.decode()))
    name, _, region = form["text"].rpartition(" ")
    headers = {"authorization": TOKEN}
    asked = {"region": region, "userMeetingId": name.replace(" ", "-")}
    async with request.app[SESSION].post(MEETINGS, json=asked, headers=headers) as answer:
        meeting = await answer.json()
    return web.json_response({**CARD, "text": f"{name}: meeting ID {meeting['meetingId']}"})


async def open_session(app: web.Application) -> AsyncIterator[None]:
    """Keep one session, with its connections, while the server runs."""
    connector = aiohttp.TCPConnector(limit=512)
    async with aiohttp.ClientSession(connector=connector) as app[SESSION]:
        yield


def main() -> None:
    """Serve."""
    app = web.Application()
    app.cleanup_ctx.append(open_session)
    app.router.add_post("/slack/events", meet)
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)


if __name__ == "__main__":
    main()
