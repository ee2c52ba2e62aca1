"""Build installations, and the keys that encrypt them."""

import time
from typing import Any

from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Bot, Installation
from sqlalchemy import update

from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.store import InstallStore

CLIENT_ID = "111.222"
OLD_KEY, NEW_KEY = (Fernet.generate_key().decode() for _ in range(2))
KEYS = TokenKeys([OLD_KEY])
ROTATING = "xoxe.xoxb-1-" + "a1b2c3" * 25  # as long as Slack's tokens


def installation(**changes: Any) -> Installation:
    """Return an installation as Slack makes it."""
    facts = {
        "app_id": "A1",
        "team_id": "T1",
        "team_name": "Bakery",
        "bot_token": "xoxb-1-made-up",
        "bot_user_id": "U1",
        "bot_scopes": "commands,calls:write",
        "user_id": "U9",
        "user_token": "xoxp-1-made-up",
    }
    return Installation(**facts | changes)


def rotating(hours: float, **changes: Any) -> Installation:
    """Return an installation whose token expires in `hours`."""
    facts = {"bot_token": ROTATING, "bot_refresh_token": f"xoxe-1-{ROTATING}"}
    return installation(bot_token_expires_at=int(time.time() + hours * 3600), **facts | changes)


def store_in(database: Database, keys: TokenKeys = KEYS) -> InstallStore:
    """Return a new store, like another process's."""
    return InstallStore(CLIENT_ID, database, keys)


async def save_like_older_versions(store: InstallStore, installation: Installation) -> None:
    """Save an installation as older versions did, its tokens not bound to their row."""
    await store.async_save(installation)
    saved = installation.to_bot().to_dict()
    names = ("bot_token", "bot_refresh_token")
    old = {name: Fernet(OLD_KEY).encrypt(saved[name].encode()).decode() for name in names}
    same = store.bots.c.team_id == installation.team_id
    await store._database.execute(update(store.bots).where(same).values(old), 1)


async def find(store: InstallStore, team_id: str | None = "T1", **ids: Any) -> Bot | None:
    """Return the bot that is installed in a workspace."""
    return await store.async_find_bot(**{"enterprise_id": None, "team_id": team_id} | ids)


async def token_in(store: InstallStore, team_id: str | None = "T1", **ids: Any) -> str | None:
    """Return the token of the bot that is installed in a workspace."""
    bot = await find(store, team_id, **ids)
    return bot.bot_token if bot else None
