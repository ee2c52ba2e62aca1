"""Know the Slack app that people install: its credentials, and every address around an install."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class SlackApp:
    """The Slack app of this deployment.

    Attributes:
        client_id: as Slack knows the app.
        client_secret: proves to Slack that the bot is the app's.
        scopes: the permissions that it asks for.
        command: the slash command that starts a meeting.
        public_url: where the bot is reachable, without a slash at the end.
        api_url: where Slack's Web API is, `https://slack.com/api/`; its pages are next to it.
        support_url: where people get help, if anywhere.
        privacy_url: the privacy policy, if there is one.
    """

    client_id: str
    client_secret: str = field(repr=False)
    scopes: Sequence[str]
    command: str
    public_url: str
    api_url: str
    support_url: str | None = None
    privacy_url: str | None = None

    @property
    def install_url(self) -> str:
        """Where an install begins."""
        return f"{self.public_url}/slack/install"

    @property
    def redirect_url(self) -> str:
        """Where Slack sends people back to; the manifest has to list it."""
        return f"{self.public_url}/slack/oauth_redirect"

    @property
    def sign_in_redirect_url(self) -> str:
        """Where Slack sends people back to who sign in; the manifest has to list it."""
        return f"{self.public_url}/slack/sign_in"

    @property
    def cookie_key(self) -> bytes:
        """The key of the cookies that tie installs to browsers."""
        purpose = b"meet-for-slack install cookie"
        return hmac.new(self.client_secret.encode(), purpose, hashlib.sha256).digest()

    @property
    def host(self) -> str:
        """Who runs the bot, as far as an address can tell."""
        return urlsplit(self.public_url).netloc

    def authorize_url(self, state: str, team_id: str | None) -> str:
        """Return Slack's page that asks whether the app may come in.

        https://docs.slack.dev/authentication/installing-with-oauth

        Args:
            state: comes back with Slack's answer.
            team_id: the workspace that Slack is to suggest.
        """
        asked = {
            "client_id": self.client_id,
            "scope": ",".join(self.scopes),
            "redirect_uri": self.redirect_url,
            "state": state,
        }
        return self._slack_page("oauth/v2/authorize", asked | _if_known(team_id))

    def sign_in_url(self, state: str, nonce: str, team_id: str | None) -> str:
        """Return Slack's page on which people sign in.

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
        return self._slack_page("openid/connect/authorize", asked | _if_known(team_id))

    def open_url(self, app_id: str, team_id: str | None) -> str:
        """Return the address that opens the app in Slack."""
        return self._slack_page("app_redirect", {"app": app_id} | _if_known(team_id))

    def _slack_page(self, path: str, query: dict[str, str]) -> str:
        return f"{self.api_url.removesuffix('api/')}{path}?{urlencode(query)}"


def _if_known(team_id: str | None) -> dict[str, str]:
    return {"team": team_id} if team_id else {}
