"""Migrations of the database, run with alembic."""
