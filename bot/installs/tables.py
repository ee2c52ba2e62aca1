"""The database's tables. A change here needs a migration; a test compares the two."""

from sqlalchemy import Boolean, Column, DateTime, MetaData, Table, Text

SECRETS = ("bot_token", "bot_refresh_token")  # the encrypted columns of installs


def define_installs(metadata: MetaData) -> Table:
    """Define the table of installations, with the columns that slack_sdk reads a `Bot` from.

    A workspace's installation has an empty enterprise_id, an organisation's an empty team_id. They
    aren't NULL, because NULLs are never equal in a primary key.
    """
    return Table(
        "meet_installs",
        metadata,
        Column("client_id", Text, primary_key=True),
        Column("enterprise_id", Text, primary_key=True),
        Column("team_id", Text, primary_key=True),
        Column("app_id", Text),
        Column("enterprise_name", Text),
        Column("team_name", Text),
        Column("bot_token", Text, nullable=False),
        Column("bot_id", Text),
        Column("bot_user_id", Text),
        Column("bot_scopes", Text),
        Column("bot_refresh_token", Text),
        Column("bot_token_expires_at", DateTime(timezone=True)),
        Column("is_enterprise_install", Boolean, nullable=False),
        Column("installed_at", DateTime(timezone=True), nullable=False),
    )


def define_states(metadata: MetaData) -> Table:
    """Define the table of OAuth states, one for each install in progress."""
    return Table(
        "meet_oauth_states",
        metadata,
        Column("state", Text, primary_key=True),
        Column("expire_at", DateTime(timezone=True), nullable=False, index=True),
    )
