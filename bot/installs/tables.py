"""The tables. A change here needs a migration beside it, which a test looks for."""

from sqlalchemy import Boolean, Column, DateTime, MetaData, Table, Text
from sqlalchemy.types import TypeEngine


def define_installs(metadata: MetaData, secret: TypeEngine[str]) -> Table:
    """Return the table of installations, with the columns that slack_sdk reads a `Bot` from.

    A workspace's installation has no enterprise_id and an organisation's no team_id: it is empty
    instead of NULL, since no two NULLs are the same row.

    Args:
        metadata: what the table joins.
        secret: the type of the columns that hold tokens.
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
        Column("bot_token", secret, nullable=False),
        Column("bot_id", Text),
        Column("bot_user_id", Text),
        Column("bot_scopes", Text),
        Column("bot_refresh_token", secret),
        Column("bot_token_expires_at", DateTime(timezone=True)),
        Column("is_enterprise_install", Boolean, nullable=False),
        Column("installed_at", DateTime(timezone=True), nullable=False),
    )


def define_states(metadata: MetaData) -> Table:
    """Return the table of installs that have begun."""
    return Table(
        "meet_oauth_states",
        metadata,
        Column("state", Text, primary_key=True),
        Column("expire_at", DateTime(timezone=True), nullable=False, index=True),
    )
