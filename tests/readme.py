"""Follow the README's steps with the stand-ins, and count them: `python -m tests.readme`."""

import asyncio
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from tests.conftest import API_KEY, APP_TOKEN, BOT_TOKEN, ROOT, SECRET_KEY, SIGNING_SECRET, serving
from tests.newcomer import Newcomer

README, HOSTS = ROOT / "README.md", ROOT / "docs" / "hosts.md"
RECIPES = {
    "Set it up on your machine": README,
    "Heroku, with the button": README,
    "Heroku, with the command line": README,
    **dict.fromkeys(["Render", "Railway", "Fly", "Dokku", "Scalingo", "CapRover"], HOSTS),
}

_STEP = re.compile(r"^\d+\. .*\n(?:(?: {3}.*)?\n)*", re.MULTILINE)
_SECTION_LINK = re.compile(r"\[[^]]+\]\(#([\w-]+)\)")


@dataclass(frozen=True)
class Followed:
    """The result of following a recipe.

    Attributes:
        steps: the number of steps.
        secrets: the settings to copy by hand.
        seconds: the machine's time, without installing packages.
        join_url: the URL behind the card's Join.
        page: the page that a phone got there.
    """

    steps: int
    secrets: list[str]
    seconds: float
    join_url: str
    page: str


async def follow(title: str, *, own_process: bool = False) -> Followed:
    """Follow a recipe up to the page that Join opens on a phone.

    Args:
        title: one of RECIPES.
        own_process: run the bot in its own process, which takes longer.
    """
    steps = read_steps(RECIPES[title].read_text(encoding="utf-8"), title)
    began = time.monotonic()
    async with open_newcomer(own_process=own_process) as person:
        for step in steps:
            await person.do(step)
        assert person.joined, "no step joins the call"
        seconds = time.monotonic() - began
    return Followed(len(steps), sorted(person.copied), seconds, *person.joined)


def read_steps(text: str, title: str) -> list[str]:
    """Return a section's numbered steps, including those of sections that steps link to."""
    sections = dict(part.split("\n", 1) for part in re.split(r"(?m)^#{2,3} ", text)[1:])
    by_anchor = {name.lower().replace(" ", "-"): body for name, body in sections.items()}
    steps = []
    for step in _STEP.findall(sections[title]):
        link = _SECTION_LINK.search(step)
        steps += _STEP.findall(by_anchor[link[1]]) if link else [step]
    return steps


@asynccontextmanager
async def open_newcomer(*, own_process: bool) -> AsyncIterator[Newcomer]:
    """Start the stand-ins, with a fresh clone of the repository."""
    videosdk = VideoSDKStandIn(API_KEY, SECRET_KEY)
    slack = SlackStandIn(SIGNING_SECRET, BOT_TOKEN, APP_TOKEN)
    async with AsyncExitStack() as stack:
        slack.url = await stack.enter_async_context(serving(slack.app))
        videosdk_url = await stack.enter_async_context(serving(videosdk.app))
        services = {"SLACK_API_URL": f"{slack.url}/api", "VIDEOSDK_API_ENDPOINT": videosdk_url}
        clone = Path(stack.enter_context(TemporaryDirectory()))
        shutil.copy(ROOT / ".env.example", clone)
        person = Newcomer(slack, services, clone, own_process=own_process)
        stack.push_async_callback(person.stop)
        yield person


async def main() -> None:
    """Follow every recipe, and print the results."""
    for title in RECIPES:
        took = await follow(title, own_process=True)
        counted = f"{took.steps} steps, {len(took.secrets)} secrets, {took.seconds:.1f} seconds"
        sys.stdout.write(f"{title}: {counted}\n")


if __name__ == "__main__":
    asyncio.run(main())
