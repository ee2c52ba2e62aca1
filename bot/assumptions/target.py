"""The services to check.

All checks share one room and one call, which is never posted; both are closed at the end. Requests
are plain HTTP, so checks see the raw answers and not what the bot's clients make of them.
"""

import httpx

from bot.assumptions.account import Account
from bot.assumptions.answers import Answer
from bot.assumptions.app import App
from bot.settings.settings import Settings


class Target:
    """Slack and VideoSDK, as a deployment uses them.

    Args:
        settings: the deployment's.
        http: sends the requests.
        created_by: the user ID of the call's creator, if known.

    Attributes:
        videosdk: the VideoSDK account.
        slack: the Slack app.
        answers: the answers to the current check's requests.
    """

    def __init__(
        self, settings: Settings, http: httpx.AsyncClient, created_by: str | None = None
    ) -> None:
        self.answers: list[Answer] = []
        self.videosdk = Account(settings, http, self.answers)
        self.slack = App(settings, http, self.answers, created_by)

    async def clean_up(self) -> list[str]:
        """End the call and close the room; return what can't be cleaned up."""
        return await self.videosdk.clean_up() + await self.slack.clean_up()
