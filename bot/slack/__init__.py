"""Slack's side of the bot: what it is sent, and what it is shown."""
