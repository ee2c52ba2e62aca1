"""The reply ends up right, however many webhooks arrive and in whatever order."""

from tests.live import rig
from tests.slack.notes.orders import play


async def test_in_the_end_one_reply_shows_videosdks_state() -> None:
    async with rig() as opened:
        for seed in range(20):
            await play(opened, seed)
