"""The Slack app that people install: its credentials, and the URLs of an install."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from bot.manifest import scopes
from bot.settings.settings import Settings


@dataclass(frozen=True)
class SlackApp:
    """The Slack app of this deployment.

    Attributes:
        client_id: from Slack.
        client_secret: from Slack.
        scopes: the scopes to request.
        command: the slash command that starts a meeting.
        public_url: the bot's address, without a slash at the end.
        api_url: the base URL of Slack's Web API, `https://slack.com/api/`.
        support_url: where people get help, if set.
        privacy_url: the privacy policy, if set.
    """

    client_id: str
    client_secret: str = field(repr=False)
    scopes: Sequence[str]
    command: str
    public_url: str
    api_url: str
    support_url: str | None = None
    privacy_url: str | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "SlackApp":
        """Return the app that the settings describe; they must have a client ID."""
        return cls(
            str(settings.slack_client_id),
            str(settings.slack_client_secret),
            scopes(),
            settings.slack_command,
            str(settings.public_url),
            settings.slack_api_url,
            settings.support_url,
            settings.privacy_url,
        )

    @property
    def credentials(self) -> dict[str, str]:
        """The arguments of Web API methods that identify the app."""
        return {"client_id": self.client_id, "client_secret": self.client_secret}

    @property
    def install_url(self) -> str:
        """The URL of the install page."""
        return f"{self.public_url}/slack/install"

    @property
    def redirect_url(self) -> str:
        """Where Slack redirects people after they agree; the manifest must list it."""
        return f"{self.public_url}/slack/oauth_redirect"

    @property
    def sign_in_redirect_url(self) -> str:
        """Where Slack redirects people after they sign in; the manifest must list it."""
        return f"{self.public_url}/slack/sign_in"

    @property
    def cookie_key(self) -> bytes:
        """The key that signs the cookies of installs."""
        purpose = b"meet-for-slack install cookie"
        return hmac.new(self.client_secret.encode(), purpose, hashlib.sha256).digest()

    @property
    def host(self) -> str:
        """The host name in the bot's address, which tells people who runs it."""
        return urlsplit(self.public_url).netloc

    def authorize_url(self, state: str, team_id: str | None) -> str:
        """Return the URL of Slack's consent page.

        https://docs.slack.dev/authentication/installing-with-oauth

        Args:
            state: comes back in Slack's redirect.
            team_id: the workspace to preselect, if known.
        """
        query = {
            "client_id": self.client_id,
            "scope": ",".join(self.scopes),
            "redirect_uri": self.redirect_url,
            "state": state,
        }
        return self._slack_page("oauth/v2/authorize", query | _team(team_id))

    def sign_in_url(self, state: str, nonce: str, team_id: str | None) -> str:
        """Return the URL of Slack's sign-in page.

        https://docs.slack.dev/authentication/sign-in-with-slack

        Args:
            state: comes back with Slack's answer.
            nonce: comes back in the ID token.
            team_id: the workspace whose members may join; without it, people choose one.
        """
        asked = {
            "response_type": "code",
            "scope": "openid profile",
            "client_id": self.client_id,
            "redirect_uri": self.sign_in_redirect_url,
            "state": state,
            "nonce": nonce,
        }
        return self._slack_page("openid/connect/authorize", asked | _team(team_id))

    def open_url(self, app_id: str, team_id: str | None) -> str:
        """Return the URL that opens the app in Slack."""
        return self._slack_page("app_redirect", {"app": app_id} | _team(team_id))

    def _slack_page(self, path: str, query: dict[str, str]) -> str:
        return f"{self.api_url.removesuffix('api/')}{path}?{urlencode(query)}"


def _team(team_id: str | None) -> dict[str, str]:
    return {"team": team_id} if team_id else {}
