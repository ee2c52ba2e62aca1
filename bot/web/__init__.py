"""The bot's HTTP side: where Slack and the host reach it."""
