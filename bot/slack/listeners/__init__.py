"""Listeners for commands, clicks, shortcuts and events."""
