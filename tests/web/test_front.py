"""What a browser gets at the bare address, at an unknown address, and as an icon."""

from pathlib import Path

import aiohttp
import pytest

from bot.app import open_bot
from bot.settings.settings import Settings
from tests.conftest import environment

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def get(url: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, headers=headers, allow_redirects=False) as answer,
    ):
        return answer, await answer.text()


async def test_the_bare_address_says_that_the_bot_is_running(bot_url: str) -> None:
    answer, text = await get(f"{bot_url}/")

    assert (answer.status, answer.content_type) == (200, "text/html")
    assert "<title>Meet for Slack is running</title>" in text


async def test_with_many_workspaces_the_bare_address_leads_to_the_install_page(
    tmp_path: Path,
) -> None:
    settings = environment(
        SLACK_BOT_TOKEN=None,
        SLACK_CLIENT_ID="1.2",
        SLACK_CLIENT_SECRET="5ec2e7" * 5,
        TOKEN_KEYS="0f" * 32,
        PUBLIC_URL="https://bot.example.com/meet",
        DATABASE_URL=f"sqlite:///{tmp_path}/installs.db",
        SUPPORT_URL="mailto:help@example.com",
        PRIVACY_URL="https://example.com/privacy?a&b",
    )
    async with open_bot(Settings.from_env(settings)) as bot:
        answer, _ = await get(f"http://127.0.0.1:{bot.port}/")
        assert answer.status == 302
        assert answer.headers["Location"] == "https://bot.example.com/meet/slack/install"

        _, text = await get(f"http://127.0.0.1:{bot.port}/slack/install")
    assert '<a href="mailto:help@example.com">Support</a>' in text
    assert '<a href="https://example.com/privacy?a&amp;b">Privacy</a>' in text


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/nowhere", 404, "There&#x27;s nothing here"),
        ("/slack/events", 405, "This address isn&#x27;t for browsers"),
    ],
)
async def test_a_browser_gets_a_page_at_an_unknown_address(
    path: str, status: int, title: str, bot_url: str
) -> None:
    answer, text = await get(bot_url + path, **BROWSER)

    assert (answer.status, answer.content_type) == (status, "text/html")
    assert f"<title>{title}</title>" in text
    assert ("POST" in answer.headers.get("Allow", "")) == (status == 405)
    answer, _ = await get(bot_url + path)
    assert (answer.status, answer.content_type) == (status, "text/plain")


async def test_the_icon_is_the_products_on_every_page_and_by_itself(bot_url: str) -> None:
    answer, icon = await get(f"{bot_url}/favicon.ico")
    assert (answer.status, answer.content_type) == (200, "image/svg+xml")
    assert icon.startswith("<svg")

    _, page = await get(f"{bot_url}/")
    assert '<link rel="icon" href="data:image/svg+xml,%3Csvg' in page
    assert icon.strip() in page
