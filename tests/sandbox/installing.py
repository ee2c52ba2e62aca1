"""Install the app with OAuth, playing both the browser and the app."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import HOME, Place
from tests.conftest import APP_TOKEN, SIGNING_SECRET
from tests.sandbox.bots import call

CLIENT_ID, CLIENT_SECRET = "111.222", "c11e27" * 5
REDIRECT = "https://meet.example.com/slack/oauth_redirect"


def installable(
    redirect: str = REDIRECT, *, clock: Callable[[], float] = time.time
) -> SlackStandIn:
    """Return a Slack with an app that nobody has installed yet."""
    return SlackStandIn(
        SIGNING_SECRET,
        "",
        APP_TOKEN,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_urls=[redirect],
        clock=clock,
    )


def authorize_url(slack: SlackStandIn, **changes: str) -> str:
    """Return the URL of the consent page."""
    query = {
        "client_id": CLIENT_ID,
        "scope": "commands,calls:write",
        "user_scope": "",
        "state": "s+t&te",
        "redirect_uri": REDIRECT,
    } | changes
    return f"{slack.url}/oauth/v2/authorize?{urlencode(query)}"


async def get(url: str) -> tuple[int, str]:
    """Open a URL, and return the status and the page."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def decide(url: str, **form: str) -> tuple[str, dict[str, str]]:
    """Press a button on the consent page; return where it redirects to, and the query."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=form, allow_redirects=False) as answer,
    ):
        location = urlsplit(answer.headers["Location"])
    return location._replace(query="").geturl(), dict(parse_qsl(location.query))


async def code_for(slack: SlackStandIn, place: Place = HOME, **changes: str) -> str:
    """Allow the app in a place, and return the code."""
    url = authorize_url(slack, **changes)
    _, query = await decide(url, place=place.id, answer="allow")
    return query["code"]


async def access(slack: SlackStandIn, **form: str) -> dict[str, Any]:
    """Call oauth.v2.access with the app's credentials, and return the answer."""
    credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    answer, _ = await call(slack, "oauth.v2.access", form=credentials | form)
    return answer


async def install(slack: SlackStandIn, place: Place = HOME) -> dict[str, Any]:
    """Install the app in a place, and return the answer with its tokens."""
    return await access(slack, code=await code_for(slack, place), redirect_uri=REDIRECT)
