"""The page that looks like Slack."""
