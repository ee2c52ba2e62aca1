"""Installing the bot in a workspace: the pages, and states that work once, in one browser."""

import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import jwt
import pytest
from aiohttp import web
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.app import open_bot
from bot.manifest import scopes
from bot.sandbox.faults import Fault
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.teams import BAKERY, HARBOUR, HOME, NORTH_SEA, Place
from bot.settings.settings import Settings
from bot.slack.workspaces import InstallsUnavailableError
from bot.web.install.flow import InstallPages
from bot.web.install.outcomes import permissions
from bot.web.install.slack_app import SlackApp
from tests.conftest import serving
from tests.many import many
from tests.sandbox.installing import CLIENT_ID, CLIENT_SECRET, decide, installable

PUBLIC = "https://bot.example.com/meet"
REDIRECT = f"{PUBLIC}/slack/oauth_redirect"
ACCESS = "oauth.v2.access"


class States(FileOAuthStateStore):
    """A state store that can fail, and counts its states."""

    def __init__(self, folder: Path) -> None:
        super().__init__(expiration_seconds=600, base_dir=str(folder))
        self.folder = folder
        self.works = True

    @property
    def open(self) -> int:
        return len([*self.folder.rglob("*-*")])

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        self._check()
        return await super().async_issue(*args, **kwargs)

    async def async_consume(self, state: str) -> bool:
        self._check()
        return await super().async_consume(state)

    def _check(self) -> None:
        if not self.works:
            raise InstallsUnavailableError


@dataclass
class Page:
    """A page as the browser got it."""

    status: int
    headers: Any
    text: str

    @property
    def title(self) -> str:
        return unescape(re.findall("<h1[^>]*>(.*?)</h1>", self.text)[0])

    @property
    def button(self) -> str:
        """The URL of the page's only button."""
        [url] = re.findall('<a href="([^"]+)"', self.text)
        return unescape(url)


@dataclass
class Deployment:
    """The install pages, with stand-ins for what they use."""

    slack: SlackStandIn
    states: States
    saved: list[Installation] = field(default_factory=list)
    saves: bool = True
    url: str = ""

    async def save(self, installation: Installation) -> None:
        if not self.saves:
            raise InstallsUnavailableError
        self.saved.append(installation)

    @property
    def redeemed(self) -> int:
        """How often Slack was asked for a token."""
        return [method for method, _ in self.slack.api_calls].count(ACCESS)

    async def open(
        self, path: str, query: dict[str, str] | None = None, method: str = "GET", **headers: str
    ) -> Page:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.request(method, self.url + path, params=query, headers=headers) as answer,
        ):
            return Page(answer.status, answer.headers, await answer.text())


@dataclass
class Browser:
    """A browser that keeps the bot's cookie."""

    bot: Deployment
    cookie: str = ""

    async def begin(self) -> str:
        """Open the install page, and return its button's URL."""
        page = await self.bot.open("/slack/install", Cookie=self.cookie)
        self.cookie = page.headers["Set-Cookie"].partition(";")[0]
        return page.button

    async def agree(self, place: Place = HOME) -> dict[str, str]:
        """Open the install page, allow the app in Slack, and return the redirect's query."""
        _, query = await decide(await self.begin(), place=place.id, answer="allow")
        return query

    async def finish(self, query: dict[str, str]) -> Page:
        """Follow Slack's redirect."""
        return await self.bot.open("/slack/oauth_redirect", query, Cookie=self.cookie)

    async def install(self, place: Place = HOME) -> Page:
        return await self.finish(await self.agree(place))


@asynccontextmanager
async def deployment(folder: Path) -> AsyncIterator[Deployment]:
    """Serve the pages, with a Slack stand-in."""
    slack = installable(REDIRECT)
    bot = Deployment(slack, States(folder))
    async with serving(slack.app) as slack.url, aiohttp.ClientSession() as session:
        api = f"{slack.url}/api/"
        client = AsyncWebClient(base_url=api, session=session, retry_handlers=[])
        app = SlackApp(CLIENT_ID, CLIENT_SECRET, scopes(), "/meet", PUBLIC, api)
        pages = InstallPages(app, client, bot.states, bot.save, deadline=0.5)
        routes = web.Application()
        routes.router.add_get("/slack/install", pages.begin)
        routes.router.add_get("/slack/oauth_redirect", pages.finish)
        async with serving(routes) as bot.url:
            yield bot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployment(tmp_path) as bot:
        yield bot


@pytest.fixture
def browser(bot: Deployment) -> Browser:
    return Browser(bot)


def test_every_scope_of_the_manifest_is_explained() -> None:
    told = permissions(scopes(), "/vmeet")

    assert len(told) == len(scopes())
    assert told[0][0].startswith("Answer /vmeet and /vmeet-check")


async def test_the_install_page_explains_itself_and_leads_to_slack(bot: Deployment) -> None:
    page = await bot.open("/slack/install", {"team": BAKERY.id})

    assert page.status == 200
    for told in ("Answer /meet", "can't read messages", "encrypted", "bot.example.com"):
        assert told in page.text
    address, _, query = page.button.partition("?")
    asked = {name: value for name, [value] in parse_qs(query).items()}
    assert address == f"{bot.slack.url}/oauth/v2/authorize"
    assert asked.pop("state")
    assert asked == {
        "client_id": CLIENT_ID,
        "scope": "commands,calls:write,chat:write,chat:write.public,links:read,links:write",
        "redirect_uri": REDIRECT,
        "team": BAKERY.id,
    }


async def test_only_a_valid_team_id_is_passed_on_to_slack(bot: Deployment) -> None:
    page = await bot.open("/slack/install", {"team": "T1&scope=admin"})

    assert "team=" not in page.button


async def test_the_cookie_and_the_page_are_private_to_the_browser(bot: Deployment) -> None:
    page = await bot.open("/slack/install")

    cookie, *attributes = page.headers["Set-Cookie"].split("; ")
    assert cookie.startswith("__Host-meet-install=")
    assert sorted(attributes) == ["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert "<script" not in page.text


async def test_a_prefetch_consumes_nothing(bot: Deployment, browser: Browser) -> None:
    back = await browser.agree()

    for method, purpose in (("HEAD", ""), ("GET", "prefetch")):
        await bot.open("/slack/install", method="HEAD")
        ahead = {"Cookie": browser.cookie, "Sec-Purpose": purpose}
        await bot.open("/slack/oauth_redirect", back, method, **ahead)

    assert (bot.states.open, bot.redeemed) == (1, 0)
    assert (await browser.finish(back)).status == 200


async def test_an_install_is_saved_shown_and_logged(
    bot: Deployment, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    back = await browser.agree(BAKERY)

    page = await browser.finish(back)

    assert (page.status, page.title) == (200, "Meet is installed in Corner Bakery")
    assert re.search(rf"/app_redirect\?app=\w+&team={BAKERY.id}$", page.button)
    [kept] = bot.saved
    assert (kept.team_id, kept.enterprise_id) == (BAKERY.id, None)
    assert (kept.bot_user_id, kept.bot_refresh_token) == (BAKERY.bot_user_id, None)
    [line] = [record for record in caplog.records if record.message == "installed"]
    told = {
        "team": BAKERY.id,
        "enterprise": None,
        "scopes": "calls:write,chat:write,chat:write.public,commands,links:read,links:write",
    }
    assert vars(line).items() >= told.items()
    logged = [vars(record) for record in caplog.records if record.name.startswith("bot.web")]
    secrets = (*back.values(), str(kept.bot_token), CLIENT_SECRET)
    assert not [secret for secret in secrets if secret in f"{page.text}{logged}"]


async def test_an_install_for_a_whole_organisation_has_no_workspace(
    bot: Deployment, browser: Browser
) -> None:
    page = await browser.install(NORTH_SEA)

    [kept] = bot.saved
    assert (kept.team_id, kept.enterprise_id) == (None, NORTH_SEA.id)
    assert kept.is_enterprise_install
    assert page.title == "Meet is installed in North Sea Group"
    assert "an admin has to choose the workspaces" in page.text
    assert "team=" not in page.button


async def test_one_workspace_of_an_organisation_is_a_workspace(
    bot: Deployment, browser: Browser
) -> None:
    page = await browser.install(HARBOUR)

    [kept] = bot.saved
    assert (kept.team_id, kept.enterprise_id) == (HARBOUR.id, NORTH_SEA.id)
    assert page.title == "Meet is installed in Harbour Design"


async def test_a_rotating_token_is_saved_with_its_refresh_token(
    bot: Deployment, browser: Browser
) -> None:
    bot.slack.oauth.token_rotation = True

    await browser.install()

    [kept] = bot.saved
    assert str(kept.bot_refresh_token).startswith("xoxe-1-")
    assert kept.bot_token_expires_at == pytest.approx(kept.installed_at + 43200, abs=5)


async def test_two_tabs_can_be_open_at_once(bot: Deployment, browser: Browser) -> None:
    tabs = [await browser.agree(), await browser.agree(BAKERY)]

    pages = [await browser.finish(back) for back in tabs]

    assert [page.status for page in pages] == [200, 200]
    assert [kept.team_id for kept in bot.saved] == [HOME.id, BAKERY.id]


COOKIE = "__Host-meet-install="


@pytest.mark.parametrize("thief", ["", COOKIE + "x" * 22, COOKIE + "%ff", f"{COOKIE}{'x' * 22}.é"])
async def test_a_stolen_state_is_rejected_and_still_works_for_its_owner(
    thief: str, bot: Deployment, browser: Browser
) -> None:
    back = await browser.agree()

    page = await Browser(bot, thief).finish(back)

    assert (page.status, page.title) == (400, "Please start in this browser")
    assert page.button == f"{PUBLIC}/slack/install"
    assert bot.redeemed == 0
    assert (await browser.finish(back)).status == 200


def secret_in(cookie: str) -> str:
    """Return the browser's secret in a cookie's value."""
    claims = jwt.decode(cookie, options={"verify_signature": False})
    return str(claims["browser"])


@pytest.mark.parametrize("name", ["__Host-meet-install", "meet-install"])
@pytest.mark.parametrize("signature", ["", "0" * 43, None])
async def test_a_forged_cookie_is_ignored(
    name: str, signature: str | None, bot: Deployment, browser: Browser
) -> None:
    await browser.begin()
    own = browser.cookie.partition("=")[2]
    claims = jwt.decode(own, options={"verify_signature": False}) | {"browser": "x" * 22}
    forged = jwt.encode(claims, "k" * 32).rpartition(".")[0]
    made = own.rpartition(".")[2]
    planted = f"{name}={forged}.{made if signature is None else signature}"

    page = await bot.open("/slack/install", Cookie=planted)

    new = page.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    assert secret_in(new) not in ("x" * 22, secret_in(own))


async def test_without_https_the_cookie_has_a_plain_name_and_path(
    tmp_path: Path,
) -> None:
    async with (
        many(f"sqlite:///{tmp_path}/installs.db") as bots,
        open_bot(Settings.from_env(bots.settings)),
        aiohttp.ClientSession() as http,
        http.get(f"{bots.url}/slack/install") as page,
    ):
        cookie = page.headers["Set-Cookie"]
        assert cookie.startswith("meet-install=")
        assert "Path=/;" in cookie
        assert "is installed in" in await bots.install()


@pytest.mark.parametrize("state", ["", "made.up", "%ed%a0%80.%ed%a0%80", "a" * 6000])
async def test_a_made_up_state_is_rejected(state: str, bot: Deployment, browser: Browser) -> None:
    await browser.begin()

    url = URL(f"{bot.url}/slack/oauth_redirect?code=1.2&state={state}", encoded=True)
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, headers={"Cookie": browser.cookie}) as page,
    ):
        assert page.status == 400

    assert bot.redeemed == 0


async def test_a_reloaded_page_installs_nothing_and_says_so(
    bot: Deployment, browser: Browser
) -> None:
    back = await browser.agree()
    await browser.finish(back)

    again = await browser.finish(back)

    assert (again.status, again.title) == (400, "This link has already been used")
    assert "just read that Meet is installed, you" in again.text
    assert len(bot.saved) == bot.redeemed == 1


@pytest.mark.parametrize(
    ("answer", "status", "title"),
    [
        ({"ok": False, "error": "bad_client_secret"}, 502, "Slack doesn't know Meet"),
        ({"ok": False, "error": "no_scopes"}, 400, "Slack rejected the install"),
        ({"ok": False, "error": "ratelimited"}, 502, "Slack isn't answering"),
        ({"ok": False}, 502, "Slack isn't answering"),
        ({"ok": True, "access_token": "xoxb-1", "team": None}, 502, "Slack isn't answering"),
        ("<h1>500</h1>", 502, "Slack isn't answering"),
    ],
)
async def test_slacks_errors_are_shown(
    answer: Any, status: int, title: str, bot: Deployment, browser: Browser
) -> None:
    bot.slack.faults.plan(Fault(200, json.dumps(answer).encode()), path=ACCESS)

    page = await browser.install()

    assert (page.status, page.title, bot.saved) == (status, title, [])
    assert page.button == f"{PUBLIC}/slack/install"


async def test_an_unknown_code_is_reported(bot: Deployment, browser: Browser) -> None:
    page = await browser.finish(await browser.agree() | {"code": "1.2.3"})

    assert (page.status, page.title) == (400, "Slack's permission has expired")
    assert bot.redeemed == 1


async def test_a_slow_slack_times_out(
    bot: Deployment, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    bot.slack.faults.plan(Fault(delay=5), path=ACCESS)

    page = await browser.install()

    assert (page.status, page.title) == (502, "Slack isn't answering")
    [line] = [record for record in caplog.records if record.message == "not installed"]
    assert vars(line)["reason"] == "TimeoutError"
    assert re.search("Reference: [0-9a-f]{8}<", page.text)


async def test_a_database_that_is_down_is_reported_at_every_step(
    bot: Deployment, browser: Browser
) -> None:
    back = await browser.agree()
    bot.states.works = False
    first = await bot.open("/slack/install")
    before = await browser.finish(back)
    bot.states.works, bot.saves = True, False
    after = await browser.finish(back)

    assert [page.status for page in (first, before, after)] == [503, 503, 503]
    assert first.title == before.title == "My database isn't answering"
    assert after.title == "Please install Meet again"


@pytest.mark.parametrize("code", ["", "%ff\0", "c" * 600])
async def test_a_malformed_code_is_not_sent_to_slack(
    code: str, bot: Deployment, browser: Browser
) -> None:
    page = await browser.finish(await browser.agree() | {"code": code})

    assert (page.status, bot.redeemed) == (400, 0)


@pytest.mark.parametrize(
    ("error", "status", "title", "told"),
    [
        ("access_denied", 200, "Nothing was installed", "You cancelled in Slack"),
        ("invalid_team_for_non_distributed_app", 400, "Slack rejected the install", "_app”"),
        ("<b>{oh}</b>", 502, "Slack isn't answering", "nothing was installed"),
    ],
)
async def test_cancelling_in_slack_is_not_an_error(
    error: str, status: int, title: str, told: str, browser: Browser
) -> None:
    page = await browser.finish({"error": error})

    assert (page.status, page.title) == (status, title)
    assert told in page.text


def test_slacks_pages_are_next_to_its_api() -> None:
    app = SlackApp(
        "1.2", CLIENT_SECRET, ["commands"], "/meet", PUBLIC, "https://slack-gov.com/api/"
    )

    assert app.authorize_url("s", None).startswith("https://slack-gov.com/oauth/v2/authorize?")
    assert app.open_url("A1", "T1") == "https://slack-gov.com/app_redirect?app=A1&team=T1"
    assert CLIENT_SECRET not in repr(app)
