"""Fixtures: both stand-ins, with past sessions and an app that may use calls."""

from dataclasses import dataclass

import pytest

from bot.assumptions.assumption import CheckResult
from bot.assumptions.report import check_all
from bot.assumptions.target import Target
from bot.sandbox.slack.standin import SlackStandIn
from bot.sandbox.slack.workspace import USERS
from bot.sandbox.videosdk.standin import VideoSDKStandIn
from bot.settings.settings import Settings
from bot.transport import open_http, open_transport
from bot.videosdk import VideoSDK
from tests.conftest import API_KEY, SECRET_KEY, environment

MAYA = USERS[0].id


@dataclass
class Services:
    """The stand-ins of Slack and VideoSDK.

    Attributes:
        slack: Slack's stand-in.
        videosdk: VideoSDK's stand-in.
        videosdk_url: its address.
        left_behind: what the last run couldn't clean up.
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
        """Check the assumptions in order, clean up, and return the results by ID.

        Args:
            version: VideoSDK's API version.
            created_by: the user ID of the call's creator.
            to: the ID of the last assumption to check; None checks all.
            changes: changes to the settings.
        """
        settings = Settings.from_env(self.environment(version, **changes))
        async with open_http() as http:
            target = Target(settings, http, created_by)
            results = {}
            async for result in check_all(target):
                results[result.assumption.id] = result
                if result.assumption.id == to:
                    break
            self.left_behind = tuple(await target.clean_up())
        return results

    async def hold_sessions(self, count: int = 2) -> None:
        """Create rooms, each with a session that has ended."""
        async with open_transport() as transport:
            client = VideoSDK(
                API_KEY, SECRET_KEY, version="v2", endpoint=self.videosdk_url, transport=transport
            )
            for number in range(count):
                room = (await client.create(user_meeting_id=f"room-{number}")).meeting_id
                someone = self.videosdk.join(room, "Maya Ortega", ago=60 * (number + 1))
                self.videosdk.leave(room, someone)


@pytest.fixture
async def services(
    slack_standin: SlackStandIn, videosdk_standin: VideoSDKStandIn, videosdk_url: str
) -> Services:
    """The stand-ins with their defaults and two past sessions."""
    services = Services(slack_standin, videosdk_standin, videosdk_url)
    await services.hold_sessions()
    return services
