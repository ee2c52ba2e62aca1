"""Create the tables of installations and of OAuth states."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "meet_installs",
        sa.Column("client_id", sa.Text, primary_key=True),
        sa.Column("enterprise_id", sa.Text, primary_key=True),
        sa.Column("team_id", sa.Text, primary_key=True),
        sa.Column("app_id", sa.Text),
        sa.Column("enterprise_name", sa.Text),
        sa.Column("team_name", sa.Text),
        sa.Column("bot_token", sa.Text, nullable=False),
        sa.Column("bot_id", sa.Text),
        sa.Column("bot_user_id", sa.Text),
        sa.Column("bot_scopes", sa.Text),
        sa.Column("bot_refresh_token", sa.Text),
        sa.Column("bot_token_expires_at", sa.DateTime(timezone=True)),
        sa.Column("is_enterprise_install", sa.Boolean, nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "meet_oauth_states",
        sa.Column("state", sa.Text, primary_key=True),
        sa.Column("expire_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
