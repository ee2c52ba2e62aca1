"""What the bot does for commands, clicks, shortcuts and events."""
