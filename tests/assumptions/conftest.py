"""Both stand-ins, with an account that has had sessions and an app that may use calls."""

from dataclasses import dataclass

import pytest

from bot.assumptions.assumption import CheckResult
from bot.assumptions.report import try_all
from bot.assumptions.target import Target
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.transport import open_http
from bot.videosdk import VideoSDK
from tests.conftest import API_KEY, SECRET_KEY, environment

MAYA = USERS[0].id


@dataclass
class Services:
    """Slack and VideoSDK.

    Attributes:
        slack: the one stand-in.
        videosdk: the other.
        videosdk_url: where that is.
        left_behind: what the last run could not clean up.
    """

    slack: SlackStandIn
    videosdk: VideoSDKStandIn
    videosdk_url: str
    left_behind: tuple[str, ...] = ()

    def environment(self, version: str, **changes: str | None) -> dict[str, str]:
        """Return the settings of a deployment that uses these services."""
        addresses = {
            "SLACK_API_URL": f"{self.slack.url}/api",
            "VIDEOSDK_API_ENDPOINT": self.videosdk_url,
            "VIDEOSDK_API_VERSION": version,
            "NOTES": "transcript",
            "PUBLIC_URL": "https://bot.example.org",
        }
        return environment(**addresses | changes)

    async def check(
        self,
        version: str,
        created_by: str | None = MAYA,
        to: str | None = None,
        **changes: str | None,
    ) -> dict[str, CheckResult]:
        """Check the assumptions in their order, clean up, and return the results by their ids.

        Args:
            version: of VideoSDK's API.
            created_by: the member who is named as the creator of a call.
            to: the last one to check; None checks all.
            changes: to the settings.
        """
        settings = Settings.from_env(self.environment(version, **changes))
        async with open_http() as http:
            target = Target(settings, http, created_by)
            results = {}
            async for result in try_all(target):
                results[result.id] = result
                if result.id == to:
                    break
            self.left_behind = tuple(await target.clean_up())
        return results

    async def hold_sessions(self, count: int = 2) -> None:
        """Let rooms have had sessions."""
        async with VideoSDK(
            API_KEY, SECRET_KEY, version="v2", endpoint=self.videosdk_url
        ) as client:
            for number in range(count):
                room = (await client.create(user_meeting_id=f"room-{number}")).meeting_id
                someone = self.videosdk.join(room, "Maya Ortega", ago=60 * (number + 1))
                self.videosdk.leave(room, someone)


@pytest.fixture
async def services(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> Services:
    """The stand-ins as they are by default, after two sessions."""
    services = Services(slack_standin, videosdk_standin, videosdk_url)
    await services.hold_sessions()
    return services
