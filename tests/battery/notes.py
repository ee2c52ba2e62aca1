"""Notes: in any order of webhooks, with hostile summaries, and as soon as there is a summary."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.slack.blockkit import problems
from bot.sandbox.slack.workspace import ChannelMessage
from bot.slack.cards import NOTES
from tests.battery.lab import Lab, Stage
from tests.battery.table import Row, all_of, at_most, none_of
from tests.conftest import until
from tests.slack.notes.hostile import SUMMARIES, effects, shown
from tests.slack.notes.orders import texts
from tests.slack.notes.taking import is_reply

_SOON = 5.0  # seconds from the summary to the reply that shows it
_LATEST = 20.0  # seconds from the end to the summary; VideoSDK doesn't announce it


async def summaries(lab: Lab) -> Row:
    """Z3: nothing said in a call becomes a mention, a link or formatting in Slack."""
    found: list[str] = []

    @settings(
        max_examples=lab.size.examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(SUMMARIES, st.text(max_size=20))
    def examine(summary: str, name: str) -> None:
        message = shown(summary, name)
        found.extend(effects(message) + problems(message["blocks"]))
        assert not found

    try:
        examine()
    except AssertionError as error:
        found.append(f"{getattr(error, '__notes__', '')}"[:300])
    what = f"{lab.size.examples:,} generated summaries and names in a reply with notes"
    return Row("Z3", what, [none_of("mention, link, formatting or invalid block", found)])


@dataclass
class _Watch:
    """Records when each reply showed its summary: seconds since 1970, by a word of the summary."""

    shown: dict[str, float] = field(default_factory=dict)

    def see(self, _: str, message: ChannelMessage) -> None:
        """Look at a new or changed message."""
        if is_reply(message):
            for text in texts(message):
                self.shown |= {w: time.time() for w in text.split() if w.startswith("marker-")}


async def promptness(lab: Lab) -> Row:
    """W4: the reply shows a summary soon after it exists, though no webhook announces it."""
    runs, chance = lab.size.notes_runs, random.Random(4711)  # noqa: S311 - reproducible, and no secret
    async with lab.running(VIDEOSDK_API_VERSION="v2", NOTES="transcript") as stage:
        watch = _Watch()
        stage.slack.workspace.subscribe(watch.see)
        for number in range(runs):
            await _hold(stage, number, chance.uniform(0, _LATEST if runs > 10 else 1))
        transcribed = stage.videosdk.transcriptions.all
        await until(lambda: len(watch.shown) == runs, seconds=_LATEST + 60)
        late = sorted(
            watch.shown[f"marker-{number}"] - datetime.fromisoformat(one.summarised).timestamp()
            for number, one in enumerate(transcribed)
            if one.summarised
        )
    p99 = late[min(len(late) - 1, int(0.99 * len(late)))]
    what = f"{runs} calls with notes, whose summaries take up to {_LATEST:g} s after the end"
    return Row(
        "W4",
        what,
        [
            all_of("every reply shows its summary", len(late), runs),
            at_most("p99 from summary to reply", p99, _SOON, "s"),
            at_most("slowest reply", late[-1], 2 * _SOON, "s"),
        ],
    )


async def _hold(stage: Stage, number: int, delay: float) -> None:
    """Hold a call with notes, whose summary takes this long."""
    sdk = stage.videosdk
    sdk.summary_delay = delay
    card = (await stage.slack.command(f"/meet call {number}")).messages[-1]
    room = list(sdk.meetings)[-1]
    sdk.join(room, "Ann", f"ann-{number}")
    await asyncio.sleep(sdk.listing_lag)
    await stage.slack.click(card, NOTES)
    sdk.say(room, f"ann-{number}", f"marker-{number}")
    sdk.end(room)
