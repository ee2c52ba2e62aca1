"""The Slack side of the bot: connections, listeners, messages, cards and notes."""
