"""The sandbox's page, which looks like Slack."""
