"""No secret is ever logged, sent or shown.

Real processes run with LOG_LEVEL=DEBUG, while VideoSDK quotes secrets in its errors and clients
send them to wrong places; then all output is searched.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html import unescape
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import aiohttp
import jwt
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.slack.payloads import sign
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HOME
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.slack.listeners.shortcuts import ANYWHERE
from tests.conftest import (
    API_KEY,
    APP_TOKEN,
    BOT_TOKEN,
    NOBODY,
    SECRET_KEY,
    SIGNING_SECRET,
    environment,
)
from tests.many import Many, many
from tests.postgres import PostgresServer
from tests.process import BotProcess, bot_process
from tests.sandbox.installing import CLIENT_SECRET

METRICS_TOKEN = "looked-at-by-prometheus-4711"
PASSWORD = "k0rrekt+h0rse~battery"
HEARD = "quoted by VideoSDK"  # sent with each secret, to prove that it reached the log
FORM = "application/x-www-form-urlencoded"
SETTINGS = {
    "signing secret": SIGNING_SECRET,
    "API key": API_KEY,
    "API secret": SECRET_KEY,
    "metrics token": METRICS_TOKEN,
}

Texts = Mapping[str, str]


def leaks(secrets: Texts, texts: Texts) -> list[str]:
    """Return which secrets are in which texts, in full or without their beginning."""
    return [
        f"{kind} in {place}"
        for kind, secret in secrets.items()
        for place, text in texts.items()
        for piece in {secret[5:], quote(secret, safe="")[5:]}
        if piece[-24:] in text
    ]


def tokens(text: str) -> list[str]:
    """Return every JSON Web Token in a text."""
    return re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", text)


async def get(url: str, **headers: str) -> str:
    """Return a page, whatever its status."""
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        return await answer.text()


async def harass(url: str, secrets: Texts) -> dict[str, str]:
    """Send secrets to wrong places, and return the answers."""
    everything = urlencode({kind.replace(" ", "_"): value for kind, value in secrets.items()})
    forged = {"Content-Type": FORM, **sign(everything.encode(), 1, "another secret")}
    async with aiohttp.ClientSession() as http:
        post = http.post(f"{url}/slack/events", data=everything, headers=forged)
        async with post as answer:
            refused = await answer.text()
    pages = {
        "a forged command": refused,
        "no page": await get(f"{url}/nowhere?{everything}"),
        "no metrics": await get(f"{url}/metrics", Authorization=f"Bearer {everything}"),
        "no join link": await get(f"{url}/join/{quote(everything)}"),
        "no install": await get(f"{url}/slack/oauth_redirect?{everything}", Cookie=everything),
    }
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
    writer.write(f"POST /slack/events?{everything} HTTP/9.9\r\nhost: {everything}\r\n\r\n".encode())
    await reader.read()  # quotes what it was sent, to whoever sent it
    writer.close()
    return pages


async def quote_back(slack: SlackStandIn, videosdk: VideoSDKStandIn, secrets: Texts) -> None:
    """Make VideoSDK quote each secret in an error; OAuth's are recognised by their parameter."""
    for kind, secret in secrets.items():
        shown = f"/?{kind.removeprefix('OAuth ')}={secret}" if "OAuth" in kind else secret
        body = json.dumps({"message": f"{HEARD}: {shown}"}).encode()
        videosdk.faults.always(Fault(400, body))
        await slack.command("/meet-check 87i6-bvw8-dtn1")
    videosdk.faults.forget()


def said(slack: SlackStandIn) -> str:
    """Return every message that Slack has shown."""
    shown = [[m.text, m.blocks] for m in slack.workspace.messages.values()]
    return json.dumps(shown, ensure_ascii=False)


@asynccontextmanager
async def running(settings: Mapping[str, str], style: str) -> AsyncIterator[BotProcess]:
    """Run a bot that logs as much as possible, and stop it at the end."""
    loud = {"LOG_LEVEL": "DEBUG", "LOG_FORMAT": style, "METRICS_TOKEN": METRICS_TOKEN}
    async with bot_process({**settings, **loud}) as bot:
        yield bot
        assert await bot.stop() == 0
        assert bot.process.stdout
        assert await bot.process.stdout.read() == b""


async def story(bots: Many) -> dict[str, str]:
    """Install the bot, hold a meeting and uninstall; return the pages shown."""
    pages = {"install": await get(f"{bots.url}/slack/install"), "installed": await bots.install()}
    await bots.slack.command("/meet standup")
    await bots.slack.shortcut(ANYWHERE)
    [meeting_id] = bots.videosdk.meetings
    bots.videosdk.join(meeting_id, "Ann")
    [call] = await bots.slack.calls_until(lambda calls: bool(calls[0].participants))
    pages["join"] = await get(call.join_url)
    pages["metrics"] = await get(f"{bots.url}/metrics", Authorization=f"Bearer {METRICS_TOKEN}")
    return pages


def planted(bots: Many, pages: Texts) -> dict[str, str]:
    """Return every secret of the story."""
    slack = bots.slack
    [(code, issued)] = slack.oauth._codes.items()
    [room] = bots.videosdk.meetings.values()
    [frame] = re.findall(r'<iframe src="([^"]+)"', pages["join"])
    [call] = slack.workspace.calls.by_id.values()
    return SETTINGS | {
        "bot token": next(iter(slack.installs._access)),
        "refresh token": next(iter(slack.installs._refresh)),
        "client secret": CLIENT_SECRET,
        "database password": PASSWORD,
        "token key": Settings.from_env(bots.settings).token_keys[0],
        "OAuth code": code,
        "OAuth state": issued.request.state,
        "response_url": f"https://hooks.slack.com/commands/T1/{next(iter(slack._response_urls._issued))}",
        "join link": call.join_url.rpartition("/")[2],
        "webhook address": room["webhook"]["endPoint"].rpartition("/")[2],
        "participant token": parse_qs(urlsplit(unescape(frame)).query)["token"][0],
        "VideoSDK token": jwt.encode({"apikey": API_KEY}, SECRET_KEY, algorithm="HS256"),
    }


async def test_an_installed_bot_reveals_no_secret_with_http(postgres: PostgresServer) -> None:
    database = postgres.new_database().replace("@", f":{quote(PASSWORD, safe='')}@")
    async with many(database, VIDEOSDK_API_VERSION="v2") as bots:
        bots.slack.oauth.token_rotation = True
        async with running(bots.settings, "json") as bot:
            await bot.until("serving", 20)
            pages = await story(bots)
            secrets = planted(bots, pages)
            pages |= await harass(bots.url, secrets)
            await quote_back(bots.slack, bots.videosdk, secrets)
            await bots.slack.uninstall(HOME)
            postgres.stop()
            assert "database" in await bots.say("/meet standup", BAKERY)
            pages["no database"] = await get(f"{bots.url}/slack/install")
            assert "database" in await get(f"{bots.url}/readyz")

    shown = {name: page for name, page in pages.items() if name != "join"}
    messages = said(bots.slack)
    assert len(secrets) == 16
    assert bot.printed.count(HEARD) >= len(secrets)
    assert leaks(secrets, {"the log": bot.printed}) == []
    assert tokens(bot.printed) == []
    secrets.pop(
        "join link"
    )  # cards are meant to contain it, as the page does the participant's token
    assert leaks(secrets, {**shown, "a message": messages}) == []
    assert leaks(secrets, {"the page": pages["join"]}) == ["participant token in the page"]
    assert all(
        jwt.decode(token, options={"verify_signature": False})["aud"] == "join"
        for token in tokens(messages)
    )


async def test_a_bot_with_socket_mode_reveals_no_secret_in_text_logs(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> None:
    settings = environment(
        SLACK_APP_TOKEN=APP_TOKEN,
        SLACK_API_URL=f"{slack_standin.url}/api",
        VIDEOSDK_API_ENDPOINT=videosdk_url,
    )
    secrets = SETTINGS | {"app token": APP_TOKEN, "bot token": BOT_TOKEN}
    async with running(settings, "text") as bot:
        async with asyncio.timeout(20):
            while not slack_standin.sockets.connected:
                await asyncio.sleep(0.02)
        await slack_standin.command("/meet standup")
        await quote_back(slack_standin, videosdk_standin, secrets)

    assert bot.printed.count(HEARD) == len(secrets)
    assert leaks(secrets, {"the log": bot.printed, "a message": said(slack_standin)}) == []


@pytest.mark.parametrize("written", ["{}", "token={}", "…{}"])
def test_the_search_would_find_a_secret(written: str) -> None:
    link = f"{NOBODY}/join/{jwt.encode({'aud': 'join'}, SECRET_KEY)}"
    texts = {
        "the log": written.format(PASSWORD[5:]),
        "a page": quote(PASSWORD, safe=""),
        "": "k0rr",
    }

    assert leaks({"password": PASSWORD}, texts) == ["password in the log", "password in a page"]
    assert len(tokens(written.format(link))) == 1
