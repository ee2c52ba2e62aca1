"""Keep the bot tokens of the workspaces that installed the bot, and the installs that have begun.

slack_sdk's stores, with three differences: tokens are encrypted, an installation has one row
however often it is made, and what the database cannot do is an error instead of "not found".
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
from bot.installs.tables import SECRETS, define_installs, define_states, place_of

LOG = logging.getLogger(__name__)

LOOK_UP = 0.8  # seconds; Slack waits for the answer
CHANGE = 3.0  # seconds for what a person waits for in a browser, or nobody does
STATE_LIFETIME = 600  # seconds that an install may take
_INSERTS: dict[str, Callable[[Table], postgresql.Insert | sqlite.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class InstallStore(AsyncSQLAlchemyInstallationStore):
    """The installations of the bot. Who installed it is not kept, nor any token of people.

    Its methods raise InstallsUnavailableError when the database fails.

    Args:
        client_id: whose installations, as Slack knows the app.
        database: where they are kept.
        keys: encrypt the tokens.
    """

    def __init__(self, client_id: str, database: Database, keys: TokenKeys) -> None:
        super().__init__(client_id, database.engine, logger=LOG)
        self.bots = define_installs(MetaData())
        self._database = database
        self._keys = keys

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation, in place of the one before."""
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep what an installation gave the bot."""
        ids = self._key(_ids_of(bot))
        row = bot.to_dict() | ids
        row |= {name: self._encrypt(name, row[name], ids) for name in SECRETS}
        await self._database.execute(
            _INSERTS[self._database.dialect](self.bots)
            .values(row)
            .on_conflict_do_update(index_elements=self.bots.primary_key.columns, set_=row),
            CHANGE,
        )

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """Return what an installation gave the bot, or None if the bot is not installed there."""
        ids = _ids(enterprise_id, None if is_enterprise_install else team_id)
        find = super().async_find_bot
        bot = await self._database.within(
            LOOK_UP, find(enterprise_id=ids["enterprise_id"], team_id=ids["team_id"])
        )
        if not bot:
            return None
        token, refresh = (self._decrypt(one, getattr(bot, one), self._key(ids)) for one in SECRETS)
        if not token:
            LOG.warning(
                "no key in TOKEN_KEYS decrypts the token of an installation",
                extra={"team": ids["team_id"], "enterprise": ids["enterprise_id"]},
            )
            return None
        bot.bot_token, bot.bot_refresh_token = token, refresh
        return bot

    async def async_delete_bot(
        self, *, enterprise_id: str | None, team_id: str | None, gone_at: float = inf
    ) -> None:
        """Delete an installation, unless it was made after a time in seconds since 1970."""
        condition = self._is(_ids(enterprise_id, team_id))
        if gone_at < inf:  # Slack counts in whole seconds
            condition &= self.bots.c.installed_at < datetime.fromtimestamp(gone_at + 1, UTC)
        await self._database.execute(delete(self.bots).where(condition), CHANGE)

    async def renew(self, bot: Bot, renewed: Bot) -> bool:
        """Keep renewed tokens, and return whether the installation is still the same."""
        row, ids = renewed.to_dict(), self._key(_ids_of(bot))
        same = self.bots.c.installed_at == row["installed_at"]
        values = {name: self._encrypt(name, row[name], ids) for name in SECRETS}
        rows = await self._database.execute(
            update(self.bots)
            .where(self._is(ids), same)
            .values(values | {"bot_token_expires_at": row["bot_token_expires_at"]})
            .returning(self.bots.c.client_id),
            CHANGE,
        )
        return bool(rows)

    def _key(self, ids: dict[str, str]) -> dict[str, str]:
        """Return the primary key of the row that an installation is kept in."""
        return {"client_id": self.client_id, **ids}

    def _encrypt(self, column: str, value: str | None, ids: dict[str, str]) -> str | None:
        return self._keys.encrypt(value, place_of(column, ids)) if value else None

    def _decrypt(self, column: str, secret: str | None, ids: dict[str, str]) -> str | None:
        return self._keys.decrypt(secret, place_of(column, ids)) if secret else None

    def _is(self, ids: dict[str, str]) -> Any:
        columns = self.bots.c
        return and_(
            columns.client_id == self.client_id,
            columns.enterprise_id == ids["enterprise_id"],
            columns.team_id == ids["team_id"],
        )


class StateStore(AsyncSQLAlchemyOAuthStateStore):
    """The installs that have begun: each state is good once, on whichever process.

    Its methods raise InstallsUnavailableError when the database fails.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(STATE_LIFETIME, database.engine, logger=LOG)
        self.oauth_states = define_states(MetaData())
        self._database = database

    async def async_issue(self, *_: Any, **__: Any) -> str:
        """Return a new state, and forget those that nobody came back with."""
        states, now = self.oauth_states, datetime.now(UTC)
        state = secrets.token_urlsafe(24)
        await self._database.execute(delete(states).where(states.c.expire_at <= now), CHANGE)
        row = {"state": state, "expire_at": now + timedelta(seconds=self.expiration_seconds)}
        await self._database.execute(insert(states).values(row), CHANGE)
        return state

    async def async_consume(self, state: str) -> bool:
        """Consume a state; return whether it was valid."""
        states = self.oauth_states
        good = and_(states.c.state == state, states.c.expire_at > datetime.now(UTC))
        rows = await self._database.execute(
            delete(states).where(good).returning(states.c.state), CHANGE
        )
        return bool(rows)


def _ids_of(bot: Bot) -> dict[str, str]:
    return _ids(bot.enterprise_id, None if bot.is_enterprise_install else bot.team_id)


def _ids(enterprise_id: str | None, team_id: str | None) -> dict[str, str]:
    """Return the ids that an installation is kept under: a workspace's own, or an organisation's.

    A workspace's id alone, since it may join an organisation while the bot is installed.
    """
    if team_id:
        return {"enterprise_id": "", "team_id": team_id}
    return {"enterprise_id": enterprise_id or "", "team_id": ""}
