"""Renew bot tokens before they end, where the Slack app has token rotation on.

Tokens last 12 hours; a refresh token works once. So only one process renews, and it saves the new
token before using it. The old one stays good until its end.
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
from bot.slack.workspaces import InstallsUnavailableError

LOG = logging.getLogger(__name__)

_EARLY = 120  # minutes before its end that a token is renewed
_LATE = 60.0  # seconds before its end that it is used no more
_PATIENCE = 1.5  # seconds to wait for a new token when the old one has ended
_PAUSE = 5.0  # seconds until the next try
_OTHER = 0.5  # seconds for another process to keep what it has just been given
# What slack_sdk lets through: an answer that is not JSON is an AttributeError, one that lacks
# something a KeyError.
_FAILURES = (SlackClientError, ClientError, OSError, AttributeError, KeyError, ValueError)


class TokenRotation:
    """The renewals of tokens, one at a time for an installation.

    Args:
        store: where the tokens are kept.
        rotator: asks Slack for new ones.
        renewed: called with every new token.
    """

    def __init__(
        self, store: InstallStore, rotator: AsyncTokenRotator, renewed: Callable[[Bot], None]
    ) -> None:
        self._store = store
        self._rotator = rotator
        self._renewed = renewed
        self._renewals: dict[tuple[str | None, str | None], asyncio.Task[Bot | None]] = {}

    async def current(self, bot: Bot) -> Bot | None:
        """Return the bot with a token that is good, or None if only a new install can fix it.

        Raises:
            InstallsUnavailableError: the token has ended, and there is no other yet.
        """
        if not _ends_within(bot, 60 * _EARLY):
            return bot
        renewal = self._renewal(bot)
        if not _ends_within(bot, _LATE):
            return bot
        try:
            return await asyncio.wait_for(asyncio.shield(renewal), _PATIENCE)
        except TimeoutError:
            raise InstallsUnavailableError("Slack has not renewed the token yet") from None

    async def close(self, seconds: float) -> None:
        """Wait for what is being renewed, but not longer than some seconds."""
        renewals = [renewal for renewal in self._renewals.values() if not renewal.done()]
        if renewals:
            _, late = await asyncio.wait(renewals, timeout=seconds)
            for renewal in late:
                renewal.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _renewal(self, bot: Bot) -> asyncio.Task[Bot | None]:
        """Return the renewal that is going on or has failed just now, or begin one."""
        key = bot.enterprise_id, bot.team_id
        if key not in self._renewals:
            self._renewals[key] = renewal = asyncio.create_task(self._renew(bot))
            renewal.add_done_callback(lambda done: self._end(key, done))
        return self._renewals[key]

    def _end(self, key: tuple[str | None, str | None], renewal: asyncio.Task[Bot | None]) -> None:
        failed = renewal.cancelled() or renewal.exception() or not renewal.result()
        asyncio.get_running_loop().call_later(_PAUSE if failed else 0, self._renewals.pop, key)

    async def _renew(self, bot: Bot) -> Bot | None:
        stored = await self._find(bot)
        if stored and stored.bot_token == bot.bot_token:  # no other process has been faster
            stored = await self._rotate(stored)
        if stored:
            self._renewed(stored)
        return stored

    async def _rotate(self, bot: Bot) -> Bot | None:
        try:
            renewed = await self._rotator.perform_bot_token_rotation(
                bot=bot, minutes_before_expiration=_EARLY
            )
        except _FAILURES as error:
            reason = _reason(error)
            LOG.warning("Slack did not renew a token", extra={**_ids(bot), "reason": reason})
            if reason == "invalid_refresh_token":
                return await self._find_other(bot)
            raise InstallsUnavailableError(reason) from None
        return await self._keep(bot, renewed) if renewed else None

    async def _find_other(self, bot: Bot) -> Bot | None:
        """Return what another process was given for the refresh token that Slack refuses us."""
        await asyncio.sleep(_OTHER)
        stored = await self._find(bot)
        return stored if stored and stored.bot_token != bot.bot_token else None

    async def _keep(self, bot: Bot, renewed: Bot) -> Bot | None:
        """Save a new token, however long the database is down: Slack gives it only once."""
        while True:
            try:
                is_same = await self._store.renew(bot, renewed)
            except InstallsUnavailableError:
                await asyncio.sleep(_OTHER)
            else:
                return renewed if is_same else await self._find(bot)

    async def _find(self, bot: Bot) -> Bot | None:
        return await self._store.async_find_bot(
            enterprise_id=bot.enterprise_id,
            team_id=bot.team_id,
            is_enterprise_install=bot.is_enterprise_install,
        )


def _ends_within(bot: Bot, seconds: float) -> bool:
    end = bot.bot_token_expires_at
    return end is not None and end < time.time() + seconds


def _reason(error: Exception) -> str:
    """Return Slack's word for a refusal, or what kind of failure it is."""
    cause = error.api_error if isinstance(error, SlackTokenRotationError) else error
    response = getattr(cause, "response", None)
    return str(response.get("error")) if response else type(cause).__name__


def _ids(bot: Bot) -> dict[str, str | None]:
    return {"team": bot.team_id, "enterprise": bot.enterprise_id}
