"""Try the bot on one machine: stand-ins for Slack and VideoSDK, and a page to talk to it."""
