"""Run the migrations with alembic, on the connection in its configuration."""

from alembic import context

from bot.installs.schema import VERSION_TABLE

context.configure(context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
