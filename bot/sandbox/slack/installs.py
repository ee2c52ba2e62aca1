"""Store the app's installations and tokens.

https://docs.slack.dev/authentication/tokens
https://docs.slack.dev/authentication/using-token-rotation
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.sandbox.slack.errors import MethodError
from bot.sandbox.slack.teams import Place, Team

REVOKED, UNINSTALLED = "token_revoked", "account_inactive"

_NEVER = float("inf")


@dataclass(eq=False)
class Installation:
    """An installation of the app in a workspace or a whole organisation.

    Attributes:
        place: the workspace or organisation.
        user: the ID of whoever allowed it.
        scopes: the granted scopes.
        ended: "" while the app is installed, then Slack's error for its tokens.
    """

    place: Place
    user: str
    scopes: set[str]
    ended: str = ""


@dataclass(frozen=True)
class BotTokens:
    """The tokens that the app gets for a code or a refresh token.

    Attributes:
        access: the access token for the Web API.
        refresh: the refresh token, which works once; "" without rotation.
        expires_in: seconds; None without rotation.
    """

    access: str
    refresh: str = ""
    expires_in: int | None = None


class AppInstalls:
    """All installations, and all tokens ever issued.

    Attributes:
        by_place: the current installations, by place ID.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.by_place: dict[str, Installation] = {}
        self._access: dict[str, tuple[Installation, float]] = {}
        self._refresh: dict[str, Installation] = {}

    def add(self, place: Place, user: str, scopes: Iterable[str], token: str = "") -> Installation:
        """Install the app, or add scopes to its installation.

        Args:
            place: the workspace or organisation.
            user: the ID of whoever allows it.
            scopes: the scopes to grant.
            token: an access token to accept from now on, if one is given in advance.
        """
        installation = self.by_place.setdefault(place.id, Installation(place, user, set()))
        installation.scopes.update(scopes)
        if token:
            self._access[token] = installation, _NEVER
        return installation

    def covering(self, team: Team) -> Installation | None:
        """Return the installation for a workspace; its organisation's takes precedence."""
        places = (team.enterprise, team)
        found = (self.by_place.get(place.id) for place in places if place)
        return next((installation for installation in found if installation), None)

    def issue(self, installation: Installation, lifetime: int | None) -> BotTokens:
        """Return new tokens; older ones stay valid.

        Args:
            installation: the installation that they are for.
            lifetime: seconds; None for a token that doesn't expire.
        """
        if lifetime is None:
            numbers = f"{secrets.randbelow(10**12):012}-{secrets.randbelow(10**13):013}"
            tokens = BotTokens(f"xoxb-{numbers}-{secrets.token_hex(12)}")
        else:
            # About as long as Slack's tokens: 160 characters.
            access, refresh = secrets.token_hex(75), secrets.token_hex(70)
            tokens = BotTokens(f"xoxe.xoxb-1-{access}", f"xoxe-1-{refresh}", lifetime)
            self._refresh[tokens.refresh] = installation
        expires_at = _NEVER if lifetime is None else self._clock() + lifetime
        self._access[tokens.access] = installation, expires_at
        return tokens

    def accept(self, token: str) -> Installation:
        """Return the installation of an access token.

        Raises:
            MethodError: the token is unknown or expired, or the installation has ended.
        """
        if token not in self._access:
            raise MethodError("invalid_auth")
        installation, expires_at = self._access[token]
        if installation.ended:
            raise MethodError(installation.ended)
        if self._clock() >= expires_at:
            raise MethodError("token_expired")
        return installation

    def redeem(self, refresh_token: str) -> Installation:
        """Consume a refresh token, which works once, and return its installation.

        Raises:
            MethodError: the token is unknown or used, or the installation has ended.
        """
        installation = self._refresh.pop(refresh_token, None)
        if installation is None or installation.ended:
            raise MethodError("invalid_refresh_token")
        return installation

    def end(self, place: Place, error: str) -> None:
        """End a place's installation, if there is one; its tokens then fail with `error`."""
        if installation := self.by_place.pop(place.id, None):
            installation.ended = error
