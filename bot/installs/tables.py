"""The tables. A change here needs a migration beside it, which a test looks for."""

from collections.abc import Mapping

from sqlalchemy import Boolean, Column, DateTime, MetaData, Table, Text

SECRETS = ("bot_token", "bot_refresh_token")  # columns of installs that are encrypted


def define_installs(metadata: MetaData) -> Table:
    """Return the table of installations, with the columns that slack_sdk reads a `Bot` from.

    A workspace's installation has no enterprise_id and an organisation's no team_id: it is empty
    instead of NULL, since no two NULLs are the same row.
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


def place_of(column: str, ids: Mapping[str, str]) -> str:
    """Return where a secret is kept: what it is encrypted for.

    Args:
        column: one of SECRETS.
        ids: of its row, with the names of the primary key's columns.
    """
    return "/".join([column, ids["client_id"], ids["enterprise_id"], ids["team_id"]])


def define_states(metadata: MetaData) -> Table:
    """Return the table of installs that have begun."""
    return Table(
        "meet_oauth_states",
        metadata,
        Column("state", Text, primary_key=True),
        Column("expire_at", DateTime(timezone=True), nullable=False, index=True),
    )
