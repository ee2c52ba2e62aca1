"""Every sentence that people read in Slack."""
