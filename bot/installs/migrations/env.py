"""Let alembic run the migrations, on the connection that it is given."""

from alembic import context

from bot.installs.schema import VERSION_TABLE

context.configure(context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
