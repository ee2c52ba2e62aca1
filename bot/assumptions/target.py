"""The services that are checked.

All checks share one room and one call, which is never posted; both are closed in the end. Requests
are plain HTTP, so that the checks see what comes back, and not what the bot's clients make of it.
"""

import httpx

from bot.assumptions.account import Account
from bot.assumptions.answers import Answer
from bot.assumptions.app import App
from bot.settings.settings import Settings


class Target:
    """Both services.

    Args:
        settings: the deployment's.
        http: sends the requests.
        created_by: the Slack member who is named as the call's creator, if any.

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
        """End the call and close the room; return what is left behind."""
        return await self.videosdk.clean_up() + await self.slack.clean_up()
