"""Installations in many workspaces, stored encrypted in a database."""
