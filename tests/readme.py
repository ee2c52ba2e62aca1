"""Follow the README's own steps against the stand-ins, and count them: `python -m tests.readme`."""

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
    """What it took to follow a recipe.

    Attributes:
        steps: how many there are.
        secrets: the settings that a person had to copy.
        seconds: how long the machine took, without installing packages.
        join_url: where the card's Join leads.
        page: what a phone got there.
    """

    steps: int
    secrets: list[str]
    seconds: float
    join_url: str
    page: str


async def follow(title: str, *, own_process: bool = False) -> Followed:
    """Follow a recipe, to the page that Join opens on a phone.

    Args:
        title: one of RECIPES.
        own_process: run the bot in a process of its own, as people do; it takes longer.
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
    """Return a section's numbered steps, with those of a section that a step is a link to."""
    sections = dict(part.split("\n", 1) for part in re.split(r"(?m)^#{2,3} ", text)[1:])
    by_anchor = {name.lower().replace(" ", "-"): body for name, body in sections.items()}
    steps = []
    for step in _STEP.findall(sections[title]):
        link = _SECTION_LINK.search(step)
        steps += _STEP.findall(by_anchor[link[1]]) if link else [step]
    return steps


@asynccontextmanager
async def open_newcomer(*, own_process: bool) -> AsyncIterator[Newcomer]:
    """Open the stand-ins, beside a clone of the repository in which nothing is set up."""
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
    """Follow every recipe, and print what each one took."""
    for title in RECIPES:
        took = await follow(title, own_process=True)
        counted = f"{took.steps} steps, {len(took.secrets)} secrets, {took.seconds:.1f} seconds"
        sys.stdout.write(f"{title}: {counted}\n")


if __name__ == "__main__":
    asyncio.run(main())
