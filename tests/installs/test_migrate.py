"""`python -m bot migrate` migrates, and prints what it did."""

from dataclasses import replace

import pytest

from bot.__main__ import main
from bot.installs.database import Database
from bot.installs.migrate import run
from bot.settings.settings import StartError
from tests.conftest import environment
from tests.installs.making import NEW_KEY, OLD_KEY, installation, store_in
from tests.installs.test_lifecycle import settings_for


async def test_migrate_brings_the_database_up_to_date(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(database_url)

    await run(settings)
    assert capsys.readouterr().out == "The database was empty and is now at version 0001.\n"
    await run(settings)
    assert capsys.readouterr().out == "The database is up to date: version 0001.\n"


async def test_migrate_reports_re_encrypted_and_unreadable_tokens(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(database_url)
    await run(settings)
    database = Database(database_url)
    await store_in(database).async_save(installation())
    await database.close()
    capsys.readouterr()

    await run(replace(settings, token_keys=(NEW_KEY, OLD_KEY)), reencrypt=True)
    assert "Re-encrypted 1 token with the newest key.\n" in capsys.readouterr().out
    await run(settings, reencrypt=True)
    assert "No key in TOKEN_KEYS opens 1 other: put the old key back" in capsys.readouterr().out


async def test_migrate_says_what_to_check_if_the_database_is_down() -> None:
    with pytest.raises(StartError, match="Check DATABASE_URL") as failed:
        await run(settings_for("postgres://bot:s3cret@127.0.0.1:1/name"))

    assert "s3cret" not in str(failed.value)


def test_a_single_workspace_has_nothing_to_migrate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)

    assert main(["migrate"]) == 0
    assert "Nothing to do" in capsys.readouterr().out
