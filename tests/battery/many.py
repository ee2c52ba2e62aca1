"""A bot for many workspaces: settings, database, and installing it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import aiohttp

from bot.sandbox.slack.teams import HOME, Place
from tests.battery.lab import Lab, Stage
from tests.postgres import PostgresServer, postgres_server
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET, decide

TOKEN_KEY = "5a" * 32
PASSWORD = "made-up-database-password"


@asynccontextmanager
async def database_server() -> AsyncIterator[PostgresServer]:
    """Run a PostgreSQL server for this test."""
    opening = postgres_server()
    server = await asyncio.to_thread(opening.__enter__)
    try:
        yield server
    finally:
        await asyncio.to_thread(opening.__exit__, None, None, None)


async def new_database(server: PostgresServer) -> str:
    """Return the address of an empty database, with a password."""
    url = await asyncio.to_thread(server.new_database)
    return url.replace("://bot@", f"://bot:{PASSWORD}@")


@asynccontextmanager
async def stage_for_many(lab: Lab, database_url: str) -> AsyncIterator[Stage]:
    """Yield a stage for a bot that any workspace can install."""
    settings = {
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "TOKEN_KEYS": TOKEN_KEY,
        "DATABASE_URL": database_url,
    }
    lab.secrets |= {
        "client secret": CLIENT_SECRET,
        "token key": TOKEN_KEY,
        "database password": PASSWORD,
    }
    async with lab.stage(SLACK_BOT_TOKEN=None, **settings) as stage:
        yield stage


async def install(stage: Stage, place: Place = HOME) -> None:
    """Install the bot like a browser, through its page and Slack's."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        async with session.get(f"{stage.bot.url}/slack/install") as page:
            cookie = page.headers["Set-Cookie"].partition(";")[0]
            text = await page.text()
        [authorize] = re.findall(r'href="([^"]+/oauth/v2/authorize[^"]+)"', text)
        back, query = await decide(unescape(authorize), place=place.id, answer="allow")
        stage.lab.secrets |= {"OAuth code": query["code"], "OAuth state": query["state"]}
        headers = {"Cookie": cookie}
        async with session.get(back, params=query, headers=headers) as answer:
            done = await answer.text()
    stage.lab.pages += [text.replace(authorize, ""), done]
    assert answer.status == 200, done
