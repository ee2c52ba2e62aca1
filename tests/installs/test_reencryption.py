"""Tokens can be put under another key, and back."""

from bot.installs.database import Database
from bot.installs.encryption import TokenKeys
from bot.installs.reencryption import reencrypt
from tests.installs.making import NEW_KEY, OLD_KEY, installation, rotating, store_in, token_in


async def test_tokens_move_to_the_newest_key(database: Database) -> None:
    both = TokenKeys([NEW_KEY, OLD_KEY])
    await store_in(database).async_save(rotating(12))
    await store_in(database, both).async_save(installation(team_id="T2"))

    done = await reencrypt(database, both)
    again = await reencrypt(database, TokenKeys([OLD_KEY, NEW_KEY]))
    lost = await reencrypt(database, TokenKeys([OLD_KEY]))

    assert (done.changed, again.changed, lost.unreadable) == (1, 2, 0)
    assert await token_in(store_in(database, TokenKeys([OLD_KEY])))
    assert (await reencrypt(database, TokenKeys([NEW_KEY]))).unreadable == 2
