"""Store bot tokens by workspace, and the OAuth states of installs in progress.

These are slack_sdk's stores with three differences: tokens are encrypted, installing twice leaves
one row, and a database failure is an error instead of "not found".
"""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import MetaData, Table, and_, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.tables import define_installs, define_states

LOG = logging.getLogger(__name__)

LOOKUP_TIMEOUT = 0.8  # seconds; Slack is waiting for an answer
CHANGE_TIMEOUT = 3.0  # seconds; only a browser may be waiting
STATE_LIFETIME = 600  # seconds from the click on Add to Slack to Slack's redirect
_INSERT: dict[str, Callable[[Table], postgresql.Insert | sqlite.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class InstallStore(AsyncSQLAlchemyInstallationStore):
    """The bot's installations. Who installed it isn't stored, nor are user tokens.

    Its methods raise InstallsUnavailableError when the database fails.

    Args:
        client_id: the Slack app's client ID.
        database: holds the installations.
        keys: encrypt the tokens.
    """

    def __init__(self, client_id: str, database: Database, keys: TokenKeys) -> None:
        super().__init__(client_id, database.engine, logger=LOG)
        self.bots = define_installs(MetaData())
        self._database = database
        self._keys = keys

    async def async_save(self, installation: Installation) -> None:
        """Save an installation, replacing an earlier one."""
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """Save an installation's bot, replacing an earlier one."""
        row = bot.to_dict() | self._key_of(bot)
        row |= self._keys.encrypt(row)
        await self._database.execute(
            _INSERT[self._database.dialect](self.bots)
            .values(row)
            .on_conflict_do_update(index_elements=self.bots.primary_key.columns, set_=row),
            CHANGE_TIMEOUT,
        )

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """Return an installation's bot; None if there is none, or no key decrypts its token."""
        key = self._key(enterprise_id, None if is_enterprise_install else team_id)
        organisation, workspace = key["enterprise_id"], key["team_id"]
        find = super().async_find_bot(enterprise_id=organisation, team_id=workspace)
        bot = await self._database.run(find, LOOKUP_TIMEOUT)
        if not bot:
            return None
        tokens = self._keys.decrypt(vars(bot) | key)
        if not tokens["bot_token"]:
            LOG.warning(
                "no key in TOKEN_KEYS decrypts the token of an installation",
                extra={"team": workspace, "enterprise": organisation},
            )
            return None
        bot.bot_token, bot.bot_refresh_token = tokens["bot_token"], tokens["bot_refresh_token"]
        return bot

    async def async_delete_bot(
        self, *, enterprise_id: str | None, team_id: str | None, gone_at: float = inf
    ) -> None:
        """Delete an installation, unless it was made after `gone_at` (seconds since 1970)."""
        condition = self._matches(self._key(enterprise_id, team_id))
        if gone_at < inf:  # Slack counts in whole seconds
            condition &= self.bots.c.installed_at < datetime.fromtimestamp(gone_at + 1, UTC)
        await self._database.execute(delete(self.bots).where(condition), CHANGE_TIMEOUT)

    async def renew(self, bot: Bot, renewed: Bot) -> bool:
        """Save renewed tokens unless the bot was reinstalled or removed; return whether saved."""
        row, key = renewed.to_dict(), self._key_of(bot)
        same = self.bots.c.installed_at == row["installed_at"]
        values = self._keys.encrypt(row | key)
        rows = await self._database.execute(
            update(self.bots)
            .where(self._matches(key), same)
            .values(values | {"bot_token_expires_at": row["bot_token_expires_at"]})
            .returning(self.bots.c.client_id),
            CHANGE_TIMEOUT,
        )
        return bool(rows)

    def _key_of(self, bot: Bot) -> dict[str, str]:
        return self._key(bot.enterprise_id, None if bot.is_enterprise_install else bot.team_id)

    def _key(self, enterprise_id: str | None, team_id: str | None) -> dict[str, str]:
        """Return the primary key of the row of a workspace or, without team_id, an organisation.

        A workspace is stored without its organisation, which it may join after the install.
        """
        organisation = "" if team_id else enterprise_id or ""
        ids = {"enterprise_id": organisation, "team_id": team_id or ""}
        return {"client_id": self.client_id, **ids}

    def _matches(self, key: dict[str, str]) -> Any:
        return and_(*(self.bots.c[name] == value for name, value in key.items()))


class StateStore(AsyncSQLAlchemyOAuthStateStore):
    """OAuth states of installs in progress; each works once, across all processes.

    Its methods raise InstallsUnavailableError when the database fails.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(STATE_LIFETIME, database.engine, logger=LOG)
        self.oauth_states = define_states(MetaData())
        self._database = database

    async def async_issue(self, *_: Any, **__: Any) -> str:
        """Return a new state, and delete expired ones."""
        states, now = self.oauth_states, datetime.now(UTC)
        state = secrets.token_urlsafe(24)
        await self._database.execute(
            delete(states).where(states.c.expire_at <= now), CHANGE_TIMEOUT
        )
        row = {"state": state, "expire_at": now + timedelta(seconds=self.expiration_seconds)}
        await self._database.execute(insert(states).values(row), CHANGE_TIMEOUT)
        return state

    async def async_consume(self, state: str) -> bool:
        """Delete a state, and return whether it was valid."""
        states = self.oauth_states
        good = and_(states.c.state == state, states.c.expire_at > datetime.now(UTC))
        rows = await self._database.execute(
            delete(states).where(good).returning(states.c.state), CHANGE_TIMEOUT
        )
        return bool(rows)
