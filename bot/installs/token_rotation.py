"""Renew bot tokens before they expire, for Slack apps with token rotation.

Tokens last 12 hours; a refresh token works once. So only one process renews, and it saves the new
token before using it. The old token works until it expires.
https://docs.slack.dev/authentication/using-token-rotation
"""

import asyncio
import logging
import time
from collections.abc import Callable

from aiohttp import ClientError
from slack_sdk.errors import SlackClientError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from bot.installs.store import InstallStore
from bot.slack.background import Background
from bot.slack.workspaces import InstallsUnavailableError

LOG = logging.getLogger(__name__)

_RENEW_BEFORE = 120  # minutes; a token that expires sooner is renewed
_UNUSABLE_BEFORE = 60.0  # seconds; a token that expires sooner isn't used any more
_RENEWAL_TIMEOUT = 1.5  # seconds to wait for a new token when the old one has expired
_RETRY_INTERVAL = 5.0  # seconds
_SAVE_INTERVAL = 0.5  # seconds, in which this process or another one saves a token it just got
# slack_sdk's own bugs: AttributeError if the response isn't JSON, KeyError if a field is missing.
_FAILURES = (SlackClientError, ClientError, OSError, AttributeError, KeyError, ValueError)


class TokenRotation:
    """Renews tokens, one renewal at a time for each installation.

    Args:
        store: holds the tokens.
        rotator: asks Slack for new ones.
        renewed: called with the bot after each renewal.
    """

    def __init__(
        self, store: InstallStore, rotator: AsyncTokenRotator, renewed: Callable[[Bot], None]
    ) -> None:
        self._store = store
        self._rotator = rotator
        self._renewed = renewed
        self._running = Background()
        self._renewals: dict[tuple[str | None, str | None], asyncio.Task[Bot | None]] = {}

    async def current(self, bot: Bot) -> Bot | None:
        """Return the bot with a valid token, or None if the bot must be installed again.

        Raises:
            InstallsUnavailableError: the token has expired and can't be renewed now.
        """
        if not _expires_within(bot, 60 * _RENEW_BEFORE):
            return bot
        renewal = self._renewal(bot)
        if not _expires_within(bot, _UNUSABLE_BEFORE):
            return bot
        try:
            return await asyncio.wait_for(asyncio.shield(renewal), _RENEWAL_TIMEOUT)
        except TimeoutError:
            raise InstallsUnavailableError("Slack has not renewed the token yet") from None

    async def close(self, seconds: float) -> None:
        """Let renewals finish, for at most `seconds`, then cancel them."""
        await self._running.drain(seconds)

    def _renewal(self, bot: Bot) -> asyncio.Task[Bot | None]:
        """Return the renewal in flight or the one that just failed, or start one."""
        key = bot.enterprise_id, bot.team_id
        if key not in self._renewals:
            self._renewals[key] = renewal = self._running.start(self._renew(bot))
            renewal.add_done_callback(lambda done: self._end(key, done))
        return self._renewals[key]

    def _end(self, key: tuple[str | None, str | None], renewal: asyncio.Task[Bot | None]) -> None:
        failed = renewal.cancelled() or renewal.exception() or not renewal.result()
        asyncio.get_running_loop().call_later(
            _RETRY_INTERVAL if failed else 0, self._renewals.pop, key
        )

    async def _renew(self, bot: Bot) -> Bot | None:
        stored = await self._find(bot)
        if stored and stored.bot_token == bot.bot_token:  # no other process has renewed it
            stored = await self._rotate(stored)
        if stored:
            self._renewed(stored)
        return stored

    async def _rotate(self, bot: Bot) -> Bot | None:
        try:
            renewed = await self._rotator.perform_bot_token_rotation(
                bot=bot, minutes_before_expiration=_RENEW_BEFORE
            )
        except _FAILURES as error:
            reason = _reason(error)
            LOG.warning("Slack did not renew a token", extra={**_ids(bot), "reason": reason})
            if reason == "invalid_refresh_token":
                return await self._find_renewed(bot)
            raise InstallsUnavailableError(reason) from None
        return await self._save(bot, renewed) if renewed else None

    async def _find_renewed(self, bot: Bot) -> Bot | None:
        """Return the token that another process got for the same refresh token, if any."""
        await asyncio.sleep(_SAVE_INTERVAL)
        stored = await self._find(bot)
        return stored if stored and stored.bot_token != bot.bot_token else None

    async def _save(self, bot: Bot, renewed: Bot) -> Bot | None:
        """Save a new token, retrying while the database is down: Slack returns it only once."""
        while True:
            try:
                is_same = await self._store.renew(bot, renewed)
            except InstallsUnavailableError:
                await asyncio.sleep(_SAVE_INTERVAL)
            else:
                return renewed if is_same else await self._find(bot)

    async def _find(self, bot: Bot) -> Bot | None:
        return await self._store.async_find_bot(
            enterprise_id=bot.enterprise_id,
            team_id=bot.team_id,
            is_enterprise_install=bot.is_enterprise_install,
        )


def _expires_within(bot: Bot, seconds: float) -> bool:
    expiry = bot.bot_token_expires_at
    return expiry is not None and expiry < time.time() + seconds


def _reason(error: Exception) -> str:
    """Return Slack's error code, or the exception's class name."""
    cause = error.api_error if isinstance(error, SlackTokenRotationError) else error
    response = getattr(cause, "response", None)
    return str(response.get("error")) if response else type(cause).__name__


def _ids(bot: Bot) -> dict[str, str | None]:
    return {"team": bot.team_id, "enterprise": bot.enterprise_id}
