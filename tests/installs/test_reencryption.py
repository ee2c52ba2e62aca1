"""Tokens can be re-encrypted with another key, and back."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.migrate import reencrypt_tokens
from tests.installs.making import (
    KEYS,
    NEW_KEY,
    OLD_KEY,
    installation,
    rotating,
    save_like_older_versions,
    store_in,
    token_in,
)


async def test_tokens_move_to_the_newest_key(database: Database) -> None:
    both = TokenKeys([NEW_KEY, OLD_KEY])
    await store_in(database).async_save(rotating(12))
    await store_in(database, both).async_save(installation(team_id="T2"))

    done = await reencrypt_tokens(database, both)
    again = await reencrypt_tokens(database, TokenKeys([OLD_KEY, NEW_KEY]))
    lost = await reencrypt_tokens(database, TokenKeys([OLD_KEY]))

    assert (done.changed, again.changed, lost.unreadable) == (1, 2, 0)
    assert await token_in(store_in(database, TokenKeys([OLD_KEY])))
    assert (await reencrypt_tokens(database, TokenKeys([NEW_KEY]))).unreadable == 2


async def test_tokens_saved_by_older_versions_get_bound_to_their_rows(database: Database) -> None:
    store = store_in(database)
    await save_like_older_versions(store, rotating(12))

    done = [await reencrypt_tokens(database, KEYS) for _ in range(2)]

    assert [each.changed for each in done] == [1, 0]
    [row] = await database.execute(select(store.bots), 1)
    with pytest.raises(InvalidToken):
        Fernet(OLD_KEY).decrypt(row.bot_token)
    assert await token_in(store)
