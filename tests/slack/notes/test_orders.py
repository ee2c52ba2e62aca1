"""The reply ends up right, however many webhooks arrive and in whatever order."""

from tests.live import rig
from tests.slack.notes.orders import play


async def test_one_reply_shows_in_the_end_what_videosdk_has() -> None:
    async with rig() as opened:
        for seed in range(20):
            await play(opened, seed)
