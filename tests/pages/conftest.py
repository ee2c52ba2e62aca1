"""Fixtures: a browser, the sandbox, and its page."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bot.sandbox.run import Options, Sandbox, open_sandbox
from tests.browser import launch, silent_page


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests; starting it takes as long as a test."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture
def version() -> str:
    """The default version of VideoSDK's API for tests in this file."""
    return "v2"


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(version: str) -> AsyncIterator[Sandbox]:
    """The complete sandbox, like `make sandbox`."""
    async with open_sandbox(0, Options(version=version)) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Page]:
    """The sandbox's page."""
    async with silent_page(browser, sandbox.slack.url) as page:
        yield page
